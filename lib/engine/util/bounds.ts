import { show } from './inspect.js';

const DAY = 86_400;
const YEAR = 365 * DAY;
const CENTURY = 100 * YEAR;

/** No numeric option may be greater: each bound is far beyond what normal use needs. Times are in seconds. */
export const UPPER_BOUNDS = {
  catchUpLimit: 10_000,
  maxInstances: 1000,
  /** Runs of one job that may be under way on a node with `overlap: 'allow'`. */
  activeRuns: 1000,
  maxQueued: 10_000,
  /** Of executors: how many runs may be active at once. */
  concurrency: 100_000,
  /** Of thread executors. */
  threads: 256,
  threadMegabytes: 1_000_000,
  threadGrace: 3600,
  /** Of BullMQ executors: `deadline` and `grace`. */
  handOverDeadline: YEAR,
  workerGrace: 3600,
  /** Characters of JSON that a run may be given as `args`, and as `kwargs`, in place of those of its job. */
  givenLength: 1_000_000,
  maxRuns: 1_000_000_000,
  pauseAfterFailures: 10_000,
  /** Of a job: how many tags, and how many characters of each. */
  tags: 50,
  tagLength: 100,
  /** Characters of a job's `description`, of its `metadata` as JSON, and of the note of a pause or of the audit trail. */
  textLength: 10_000,
  retryAttempts: 10_000,
  /** `delay`, `maxDelay` and `jitter` of `retry`. */
  retryDelay: YEAR,
  jitter: YEAR,
  /** Of date triggers. */
  dateDelay: YEAR,
  misfireGraceTime: CENTURY,
  timeout: CENTURY,
  shutdownTimeout: CENTURY,
  waitForStores: CENTURY,
  historyPerJob: 100_000_000,
  historyTotal: 100_000_000,
  /** A pebibyte. */
  historyMaxBytes: 2 ** 50,
  historyMaxAge: CENTURY,
  auditMaxCount: 100_000_000,
  auditMaxAge: CENTURY,
  auditPerPage: 1000,
  /** Of `limits`. */
  jobs: 1_000_000_000,
  bodyBytes: 10_000_000,
  eventStreams: 10_000,
  resultBytes: 1_000_000,
  logBytes: 1_000_000,
  minInterval: YEAR,
  previewCount: 1000,
  runsPerPage: 1000,
  jobsPerPage: 1000,
  timelineEntries: 10_000,
  timelineResolution: YEAR,
  /** Of stores. */
  poolSize: 1000,
  recoveryAttempts: 10_000,
  /** `queryTimeout`, `pollInterval`, `heartbeat` and `leaseTime` of stores. */
  storeInterval: DAY,
} as const;

export type BoundName = keyof typeof UPPER_BOUNDS;

/** What is wrong with a number of things, in words that follow the option's name; undefined when nothing is. */
export function countProblem(value: unknown, bound: BoundName, least = 1): string | undefined {
  const isCount = typeof value === 'number' && (Number.isInteger(value) || value === Infinity) && value >= least;
  if (!isCount) return `must be a whole number of at least ${least}, got ${show(value)}`;
  return value > UPPER_BOUNDS[bound] ? `must be at most ${UPPER_BOUNDS[bound]}, got ${show(value)}` : undefined;
}
