import { parseSeconds, type DurationInput } from '../time/duration.js';
import { InvalidInputError } from '../errors.js';
import { show } from '../util/inspect.js';

/** How {@link Scheduler.start} begins. */
export interface StartOptions extends ScopeOptions {
  /** Run nothing until `resume()`. @default false */
  paused?: boolean;
}

/** How {@link Scheduler.shutdown} goes about running jobs. */
export interface ShutdownOptions extends ScopeOptions {
  /** Whether to wait for them at all. @default true */
  wait?: boolean;
  /**
   * How long: seconds, or a duration such as `1m`; then their signals are aborted. `Infinity` waits for good. Stores and
   * executors that do not answer add five seconds at most.
   * @default the scheduler's `shutdownTimeout`
   */
  timeout?: DurationInput;
}

/**
 * Reads how long to wait.
 *
 * @returns seconds; `Infinity` stays what it is.
 * @throws InvalidInputError
 */
export function readTimeout(value: unknown, field: string): number {
  return value === Infinity ? Infinity : parseSeconds(value, field, 'shutdownTimeout');
}

/**
 * Reads for how many seconds a start waits for its job stores.
 *
 * @throws InvalidInputError
 */
export function readWaitForStores(value: unknown): number {
  if (typeof value === 'boolean') return value ? Infinity : 0;
  return parseSeconds(value, 'waitForStores', 'waitForStores');
}

/**
 * Reads how long an end waits for runs, in seconds.
 *
 * @throws InvalidInputError
 */
export function readLimit(options: ShutdownOptions, shutdownTimeout: number): number {
  const { wait = true, timeout = shutdownTimeout } = options;
  const limit = readTimeout(timeout, 'timeout');
  return wait ? limit : 0;
}

/** What an operation on the scheduler reaches: all nodes of its shared stores, or this one alone. */
export type SchedulerScope = 'cluster' | 'node';

export interface ScopeOptions {
  /**
   * `cluster`: all nodes that share a job store with this one, also those that start later. `node`: this one alone.
   * Without a shared store both are the same.
   * @default 'node'
   */
  scope?: SchedulerScope;
}

/** @throws InvalidInputError when all nodes are meant. */
export function assertNodeScope(options: ScopeOptions): void {
  if (readScope(options) === 'node') return;
  const problem = 'must be "node": pause({ scope: "cluster" }) keeps all nodes from claiming runs';
  throw new InvalidInputError('Invalid options', [{ field: 'scope', problem }]);
}

/** @throws InvalidInputError */
export function readScope({ scope = 'node' }: ScopeOptions): SchedulerScope {
  if (scope === 'cluster' || scope === 'node') return scope;
  const problem = `must be "cluster" or "node", got ${show(scope)}`;
  throw new InvalidInputError('Invalid options', [{ field: 'scope', problem }]);
}
