import { AsyncLocalStorage } from 'node:async_hooks';
import type { TaskFunction } from '../jobs/job.js';
import type { RunContext } from './run-record.js';

const storage = new AsyncLocalStorage<RunContext>();

/**
 * The run that the calling code is part of, however deep; undefined outside of one. It follows promises and callbacks,
 * so nothing needs to be passed along.
 *
 * @example
 * currentRun()?.log('sent 20 of 100');
 */
export function currentRun(): RunContext | undefined {
  return storage.getStore();
}

/** Calls a task as part of a run. */
export function callWithin(context: RunContext, task: TaskFunction, args: readonly unknown[]): unknown {
  // Most tasks have few args or none, and a spread costs as much as the rest of a call.
  if (args.length === 0) return storage.run(context, task, context);
  if (args.length === 1) return storage.run(context, task, args[0], context);
  return storage.run(context, task, ...args, context);
}
