import { hostname } from 'node:os';
import type { INestApplicationContext, Type } from '@nestjs/common';
import type { Clock } from '../engine/clock.js';
import { InvalidInputError } from '../engine/errors.js';
import type { TaskReference } from '../engine/jobs/job-definition.js';
import type { TaskFunction, RunContext } from '../engine/model/task.js';
import { callWithin } from '../engine/runs/current-run.js';
import { TaskRunContext } from '../engine/runs/run-context.js';
import { RunEntry } from '../engine/runs/run-entry.js';
import { resolveRunLimits } from '../engine/runs/run-limits.js';
import { RunIds } from '../engine/runs/run-ids.js';
import type { TaskRegistry } from '../engine/executors/tasks.js';
import { nearestName } from '../module/nearest-name.js';
import { nestLogger } from '../module/nest.logger.js';
import { SCHEDULER_CLOCK } from '../module/scheduler-clock.js';
import { SchedulerService } from '../module/scheduler.service.js';

/** Options of {@link runTask}. */
export interface RunTaskOptions {
  /** @default none */
  args?: readonly unknown[];
  /** @default none */
  kwargs?: Readonly<Record<string, unknown>>;
  /** Members that override those of the context, such as an aborted `signal` or a `scheduledTime`. @default a run now, of a job whose id is the task's name */
  context?: Partial<RunContext>;
}

/**
 * Calls a task once, as a job would, without a job: nothing is scheduled or recorded, and no events are emitted.
 *
 * @param app - the initialised application or testing module.
 * @param task - the decorated method, the task's name (`ReportsService:daily`), or a class and the name of its method.
 * @returns what the task returns; throws what it throws.
 * @throws InvalidInputError if there is no such task.
 *
 * @example
 * const report = await runTask(app, ReportsService.prototype.daily, { context: { scheduledTime: Date.UTC(2030, 0, 7) } });
 */
export function runTask<T extends TaskFunction>(
  app: INestApplicationContext,
  task: T,
  options?: RunTaskOptions,
): Promise<Awaited<ReturnType<T>>>;
export function runTask<C, K extends keyof C>(
  app: INestApplicationContext,
  type: Type<C>,
  method: K & string,
  options?: RunTaskOptions,
): Promise<C[K] extends TaskFunction ? Awaited<ReturnType<C[K]>> : never>;
export function runTask(app: INestApplicationContext, task: string, options?: RunTaskOptions): Promise<unknown>;
export async function runTask(
  app: INestApplicationContext,
  given: TaskReference | Type,
  second?: string | RunTaskOptions,
  third?: RunTaskOptions,
): Promise<unknown> {
  const isMethodOf = typeof second === 'string';
  const { prototype } = given as Type<Record<string, TaskFunction>>;
  const task = isMethodOf
    ? ((prototype as Record<string, TaskFunction>)[second] ?? second)
    : (given as TaskFunction | string);
  const { args = [], kwargs = {}, context = {} } = (isMethodOf ? third : second) ?? {};
  const { tasks } = app.get(SchedulerService);
  const name = nameOf(tasks, task);
  const ownContext = contextOf(name, app.get<Clock>(SCHEDULER_CLOCK));
  // Some members are getters, which cannot be assigned.
  Object.defineProperties(ownContext, Object.getOwnPropertyDescriptors(context));
  const allArgs = Object.keys(kwargs).length > 0 ? [...args, { ...kwargs }] : args;
  return callWithin({ context: ownContext }, tasks.get(name) as TaskFunction, allArgs);
}

/** The context of a manual run that is not in any store. */
function contextOf(task: string, clock: Clock): RunContext {
  const now = clock.now();
  const maker = { node: hostname(), ids: new RunIds() };
  return new TaskRunContext(new RunEntry(maker, { id: task, task, executor: null }, 'manual', now, now, now), {
    clock,
    logger: nestLogger(),
    limits: resolveRunLimits(),
  });
}

/** @throws InvalidInputError if no task has that name or method. */
function nameOf(tasks: TaskRegistry, task: TaskReference): string {
  const name = typeof task === 'string' ? task : tasks.nameOf(task);
  if (name !== undefined && tasks.has(name)) return name;
  throw new InvalidInputError('Cannot run the task', [{ field: 'task', problem: problemOf(tasks, task) }]);
}

function problemOf(tasks: TaskRegistry, task: TaskReference): string {
  const known = tasks.names();
  if (known.length === 0) return 'is not known, no task is: await app.init() first, decorators are read then';
  if (typeof task === 'function') {
    return `${task.name || 'function'}() is the method of no task, or of several classes' tasks: give its name; known are ${known.join(', ')}`;
  }
  const nearest = nearestName(task, known);
  const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean "${nearest}"?`;
  return `"${task}" is not registered; ${hint}`;
}
