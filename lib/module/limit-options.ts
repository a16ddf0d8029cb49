import { readLimits, RUN_LIMITS, type RunLimitOptions, type RunLimits } from '../engine/runs/run-limits.js';
import { parseSeconds, type DurationInput } from '../engine/time/duration.js';
import { FaultList } from '../engine/triggers/fault-list.js';

/** What the REST API takes, and how much is kept of what tasks return and log. */
export interface LimitOptions extends RunLimitOptions {
  /**
   * How many jobs one job store may have when the REST API adds another, at most 1,000,000,000; the API refuses further ones
   * with a 429. Jobs that the application adds are not limited, and they count.
   * @default 10000000
   */
  jobs?: number;
  /** How many bytes the body of a request to the REST API may have, at most 10,000,000; a longer one is refused with a 413. @default 102400 */
  bodyBytes?: number;
  /** How many streams of events may be open at once, at most 10,000; the REST API refuses further ones with a 503. @default 100 */
  eventStreams?: number;
  /**
   * How far apart the fire times of a job must be that the REST API adds, or whose trigger it changes: seconds, or a duration
   * such as `1m`, at most 365 days. The trigger's next 100 times are looked at; with any two closer together, the API refuses
   * it with a 429. 0 allows everything.
   * @default 0.01
   */
  minInterval?: DurationInput;
}

/** {@link LimitOptions} with every default filled in. */
export interface Limits extends RunLimits {
  readonly jobs: number;
  readonly bodyBytes: number;
  readonly eventStreams: number;
  /** In seconds. */
  readonly minInterval: number;
}

const COUNTS = {
  jobs: { otherwise: 10_000_000, least: 1 },
  bodyBytes: { otherwise: 100 * 1024, least: 1 },
  eventStreams: { otherwise: 100, least: 1 },
  ...RUN_LIMITS,
} as const;

/**
 * Fills limits in.
 *
 * @throws InvalidInputError with every fault; their fields begin with `limits`.
 */
export function resolveLimits(options: LimitOptions = {}): Limits {
  const faults = new FaultList();
  const counts = readLimits(options, COUNTS, faults, ['minInterval']);
  const given: unknown = (options as LimitOptions | null)?.minInterval ?? 0.01;
  const minInterval = faults.attempt(() => parseSeconds(given, 'limits.minInterval', 'minInterval')) ?? 0;
  faults.throwIfAny('Invalid limits');
  return { ...counts, minInterval };
}
