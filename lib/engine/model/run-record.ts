import type { UnreadableRun } from './unreadable-run.js';
import { copyData } from '../util/copy-data.js';

/** Every state that a run can have. */
export const RUN_STATES = [
  'running',
  'handed_over',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'missed',
  'skipped',
  'lost',
] as const;

/**
 * What became of a run. `running`: it is under way, or waits for its turn (then `startedAt` is null). `handed_over`: its
 * executor has taken it out of the process, to a queue for example; it waits there or is under way there, and outlives the node
 * that handed it over. `missed`: it was not made because it came too late, or could not begin. `skipped`: it was left out by the
 * job's own rules. `lost`: its node or worker went away, and its outcome is unknown.
 */
export type RunState = (typeof RUN_STATES)[number];

/** Why a run was made: its time had come, the scheduler started (`runOnStart`), somebody asked, or it was tried again. */
export type RunCause = 'schedule' | 'start' | 'manual' | 'retry';

/**
 * Why a run was not made. It came too late (`misfire`); it was beyond the catch-up limit; its job was removed. Or it had
 * not started when the scheduler was shut down or paused, its job was paused, or its executor was removed: then it is tried
 * again at once, as the same attempt, when things go on. Or it was asked for on a node that leaves its executor's runs to others
 * (`other node`): one of those makes it, as the same attempt.
 */
export type MissReason =
  'misfire' | 'catch-up limit' | 'shutdown' | 'paused' | 'removed' | 'executor removed' | 'other node';

/**
 * Why a run was left out by its job's own rules: another run made up for it (`coalesced`); the job was running as often as
 * it may (`overlap`), and as many runs waited as may (`queue full`); a newer run took its place (`replaced`).
 */
export type SkipReason = 'coalesced' | 'overlap' | 'queue full' | 'replaced';

/** Why a run ended otherwise than by itself. */
export type AbortReason =
  'timeout' | 'cancelled' | 'replaced' | 'removed' | 'paused' | 'shutdown' | 'node lost' | 'worker lost';

export type RunReason = MissReason | SkipReason | AbortReason;

/** What a task threw, as it can be kept. */
export interface RunError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  /** What caused it (`Error.cause`), where it says so. */
  readonly cause?: RunError;
  /** Those that an `AggregateError` collects: the first ten. */
  readonly errors?: readonly RunError[];
}

/** A line that a task said about its run. */
export interface RunLogLine {
  /** In epoch milliseconds. */
  readonly time: number;
  readonly message: string;
}

/** What a run by hand was given in place of its job's own. */
export interface GivenArguments {
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

/** One execution of a job, or a range of them that were not made. Times are in epoch milliseconds. */
export interface RunRecord {
  /** Ids sort by the time at which the runs were made. */
  readonly id: string;
  readonly jobId: string;
  /** The task's registered name. */
  readonly task: string;
  readonly cause: RunCause;
  /** Of a run by hand, and of its further attempts; null when they are the job's own. */
  readonly given: GivenArguments | null;
  /** What the trigger said; of a range, its first time. Of a run by hand: when it was asked for. */
  readonly nominalTime: number;
  /** The last time of a range of runs that were not made; else the same as `nominalTime`. */
  readonly lastNominalTime: number;
  /** When it was due: the nominal time and its jitter. */
  readonly fireTime: number;
  /** When its task was called; null when it was not. Nodes that share a store learn of it, of `log` and `progress` with some seconds' delay. */
  readonly startedAt: number | null;
  /** When its state became what it is; null while it is `running` or `handed_over`. */
  readonly finishedAt: number | null;
  /** 1 for the first. A run that was missed was no attempt: the next one has the same number. */
  readonly attempt: number;
  /** The id of the first run for this time; null when this is the first. */
  readonly retryOf: string | null;
  /** When it is tried again; null when it is not, or when it has been. */
  readonly retryAt: number | null;
  readonly state: RunState;
  /** Why it was not made, or did not end by itself. */
  readonly reason: RunReason | null;
  /** Whether its task is over. One that has timed out or been cancelled may ignore its signal, and go on in its place. */
  readonly settled: boolean;
  /** What the task returned, as JSON holds it; null for nothing. */
  readonly result: unknown;
  /** Why there is no result though the task returned something; null when that is not so. */
  readonly resultOmitted: string | null;
  readonly error: RunError | null;
  /** What the task said by `RunContext.log()`, the latest lines. */
  readonly log: readonly RunLogLine[];
  /** What the task said by `RunContext.progress()`: 0 to 1; null when it said nothing. */
  readonly progress: number | null;
  /** The name of the node that made it. */
  readonly node: string;
  /** The alias of the executor that it was made for; null of a run that an earlier release has recorded. */
  readonly executor: string | null;
  /** Where its task was called, as an executor says that hands runs over; null for this node, and where it is not known. */
  readonly worker: string | null;
}

/** A run as users see it: a snapshot, not a handle. */
export interface Run extends RunRecord {
  /** The alias of its job's store. */
  readonly jobStore: string;
}

/** Which runs {@link Scheduler.getRuns} shows, newest first. */
export interface RunQuery {
  jobId?: string;
  /** Only of this store. */
  jobStore?: string;
  /** One of these states. */
  state?: RunState | readonly RunState[];
  /** With a nominal time not before this: a Date, epoch milliseconds or ISO 8601 text. */
  from?: Date | number | string;
  /** With a nominal time before this. */
  to?: Date | number | string;
  /** At most so many, 1 to 1000; fewer when they take more than 4 MB: `nextCursor` goes on after them. @default 100 */
  limit?: number;
  /** Goes on after a page: its `nextCursor`. */
  cursor?: string;
}

/** Some runs, newest first. */
export interface RunPage {
  readonly runs: readonly Run[];
  /** Those of this page that cannot be read, where there are any; they count for its limit. */
  readonly unreadable?: readonly UnreadableRun[];
  /** Asks for the page after this one; null when there is none. */
  readonly nextCursor: string | null;
}

/** Whether a run in this state has no outcome yet. */
export function isActive(state: RunState): boolean {
  return state === 'running' || state === 'handed_over';
}

/** Whether a run was begun or is still to begin: false for the record of runs that are left out. */
export function wasBegun({ startedAt, state }: RunRecord): boolean {
  return startedAt !== null || isActive(state);
}

/** A copy of a run as it is now. */
export function snapshotOf(run: RunRecord): RunRecord {
  return {
    id: run.id,
    jobId: run.jobId,
    task: run.task,
    cause: run.cause,
    given: copyData(run.given),
    nominalTime: run.nominalTime,
    lastNominalTime: run.lastNominalTime,
    fireTime: run.fireTime,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    attempt: run.attempt,
    retryOf: run.retryOf,
    retryAt: run.retryAt,
    state: run.state,
    reason: run.reason,
    settled: run.settled,
    result: copyData(run.result),
    resultOmitted: run.resultOmitted,
    error: run.error && { ...run.error },
    log: run.log.map((line) => ({ ...line })),
    progress: run.progress,
    node: run.node,
    executor: run.executor,
    worker: run.worker,
  };
}

/** How a run ended. */
export type RunOutcome =
  | { readonly state: 'succeeded'; readonly returnValue: unknown }
  | { readonly state: 'failed'; readonly error: unknown }
  /** It took longer than its job allows, and has been ended elsewhere. */
  | { readonly state: 'timed_out'; readonly error: Error }
  /** How it ended is not known, and will not be: it is tried again within the attempts of lost runs. */
  | { readonly state: 'lost'; readonly error: Error };
