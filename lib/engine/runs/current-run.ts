import { AsyncLocalStorage } from 'node:async_hooks';
import type { TaskFunction, RunContext } from '../model/task.js';

/** A run that code can be part of. */
export interface EnclosingRun {
  readonly context: RunContext;
}

const storage = new AsyncLocalStorage<EnclosingRun>();

/**
 * The run that the calling code is part of, however deep; undefined outside of one. It follows promises and callbacks,
 * so nothing needs to be passed along.
 *
 * @example
 * currentRun()?.log('sent 20 of 100');
 */
export function currentRun(): RunContext | undefined {
  return storage.getStore()?.context;
}

/** What carries out the run that the calling code is part of; undefined outside of one. */
export function enclosingRun(): EnclosingRun | undefined {
  return storage.getStore();
}

/** Calls a function as part of a run. */
export function runWithin<T>(run: EnclosingRun, call: () => T): T {
  return storage.run(run, call);
}

/** Calls a task as part of a run. */
export function callWithin(run: EnclosingRun, task: TaskFunction, args: readonly unknown[]): unknown {
  const { context } = run;
  // Most tasks have few args or none, and a spread costs as much as the rest of a call.
  if (args.length === 0) return storage.run(run, task, context);
  if (args.length === 1) return storage.run(run, task, args[0], context);
  return storage.run(run, task, ...args, context);
}
