import { countProblem } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import type { HistoryLimits } from './job-store.js';
import { SECOND_MS } from '../time/civil.js';
import { parseSeconds, type DurationInput } from '../time/duration.js';
import { FaultList } from '../triggers/fault-list.js';

/** How much of what happened is kept, in each job store. The latest run of each job stays whatever is said here. */
export interface HistoryOptions {
  /** How many ended runs of one job. @default 100 */
  perJob?: number;
  /** How many ended runs in all. @default 10000 */
  total?: number;
  /** For how long after their end: seconds, or a duration such as `7d`. @default '7d' */
  maxAge?: DurationInput;
  /** How many bytes the arguments, results, errors and logs of all ended runs may take; about. @default 64 MB, or 6.4 kB for each of `total` where that is more */
  maxBytes?: number;
}

const DEFAULT_TOTAL = 10_000;
const DEFAULT_BYTES = 64_000_000;

const COUNT_BOUNDS = { perJob: 'historyPerJob', total: 'historyTotal', maxBytes: 'historyMaxBytes' } as const;

const NAMES: readonly string[] = [
  'perJob',
  'total',
  'maxAge',
  'maxBytes',
] as const satisfies readonly (keyof HistoryOptions)[];

/**
 * Fills history options in.
 *
 * @throws InvalidInputError with every fault; their fields begin with `history`.
 */
export function resolveHistory(options: HistoryOptions = {}): HistoryLimits {
  const faults = new FaultList();
  const given: Record<string, unknown> = isPlainObject(options) ? options : {};
  if (given !== options) faults.add('history', `must be a plain object, got ${show(options)}`);
  for (const name of Object.keys(given)) {
    if (!NAMES.includes(name)) {
      faults.add(`history.${name}`, `is not known here; known are ${NAMES.join(', ')}`);
    }
  }
  const count = (name: 'perJob' | 'total' | 'maxBytes', otherwise: number): number => {
    const value = given[name] ?? otherwise;
    const problem = countProblem(value, COUNT_BOUNDS[name], 0);
    if (problem === undefined) return value as number;
    faults.add(`history.${name}`, problem);
    return otherwise;
  };
  const maxAge = faults.attempt(() => parseSeconds(given['maxAge'] ?? '7d', 'history.maxAge', 'historyMaxAge')) ?? 0;
  const counts = { perJob: count('perJob', 100), total: count('total', DEFAULT_TOTAL) };
  const maxBytes = count('maxBytes', Math.max(DEFAULT_BYTES, (DEFAULT_BYTES / DEFAULT_TOTAL) * counts.total));
  const limits = { ...counts, maxAgeMs: maxAge * SECOND_MS, maxBytes };
  faults.throwIfAny('Invalid history');
  return limits;
}
