import { InvalidInputError } from '../errors.js';
import { show } from '../util/inspect.js';

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

/** @throws InvalidInputError */
export function readScope({ scope = 'node' }: ScopeOptions): SchedulerScope {
  if (scope === 'cluster' || scope === 'node') return scope;
  const problem = `must be "cluster" or "node", got ${show(scope)}`;
  throw new InvalidInputError('Invalid options', [{ field: 'scope', problem }]);
}
