import { countProblem } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { FaultList } from '../triggers/fault-list.js';

/** How much is kept of what the task of a run returns and logs. */
export interface RunLimitOptions {
  /** How many bytes a result may take as JSON, at most 1,000,000. A longer one is omitted, and the run says why. @default 30000 */
  resultBytes?: number;
  /** How many bytes the log lines of a run may take, 1,000 to 1,000,000. The latest lines are kept, at most 1,000. @default 100000 */
  logBytes?: number;
}

/** {@link RunLimitOptions} with every default filled in. */
export type RunLimits = Readonly<Required<RunLimitOptions>>;

/** A limit that is a whole number; its name is that of its upper bound. */
interface CountLimit {
  readonly otherwise: number;
  readonly least: number;
}

export const RUN_LIMITS = {
  // Ten thousand characters take no more, whatever they are.
  resultBytes: { otherwise: 30_000, least: 1 },
  logBytes: { otherwise: 100_000, least: 1000 },
} as const satisfies Readonly<Record<keyof RunLimits, CountLimit>>;

/**
 * Fills run limits in.
 *
 * @throws InvalidInputError with every fault; their fields begin with `limits`.
 */
export function resolveRunLimits(options: RunLimitOptions = {}): RunLimits {
  const faults = new FaultList();
  const limits = readLimits(options, RUN_LIMITS, faults);
  faults.throwIfAny('Invalid limits');
  return limits;
}

/**
 * Reads limits that are whole numbers.
 *
 * @param others - the names of limits that the caller reads itself.
 */
export function readLimits<N extends keyof RunLimits | 'jobs' | 'bodyBytes' | 'eventStreams'>(
  options: unknown,
  known: Readonly<Record<N, CountLimit>>,
  faults: FaultList,
  others: readonly string[] = [],
): Readonly<Record<N, number>> {
  const given: Readonly<Record<string, unknown>> = isPlainObject(options) ? options : {};
  if (given !== options) faults.add('limits', `must be a plain object, got ${show(options)}`);
  const names = [...(Object.keys(known) as N[]), ...others];
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) faults.add(`limits.${name}`, `is not known here; known are ${names.join(', ')}`);
  }
  const limits = Object.entries<CountLimit>(known).map(([name, { otherwise, least }]) => {
    const value = given[name] ?? otherwise;
    const problem = countProblem(value, name as N, least);
    if (problem !== undefined) faults.add(`limits.${name}`, problem);
    return [name, value] as const;
  });
  return Object.fromEntries(limits) as Record<N, number>;
}
