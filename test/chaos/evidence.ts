import type { RunRecord } from 'nestjs-apscheduler/engine';

/** A call of a task, as recorded by the task itself. Times are epoch milliseconds of the computer's real clock. */
export interface LedgerEntry {
  readonly jobId: string;
  readonly nominalTime: number;
  readonly runId: string;
  readonly attempt: number;
  /** The process that called it: the name of its node, and the number of that node's process. */
  readonly process: string;
  readonly beganAt: number;
  /** Null if it did not end. */
  readonly endedAt: number | null;
}

/** What can make a node lose its lease. A `stall` is not injected: the computer did not schedule the process. */
export type TroubleKind = 'kill' | 'stop' | 'cut' | 'silence' | 'outage' | 'stall';

/** Something that happened to one process or to all of them. Times are of the computer's real clock. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** Null for all processes. */
  readonly process: string | null;
  readonly from: number;
  /** The same as `from` for a process that was killed. */
  readonly to: number;
}

/** The scheduled times of each job: `times` of them, `everyMs` apart. */
export interface Timetable {
  /** The first time of each job. */
  readonly firstTimes: ReadonlyMap<string, number>;
  readonly times: number;
  readonly everyMs: number;
}

/** The store's record of a run, or of a range of times that did not run. */
export type RunStatement = Pick<
  RunRecord,
  'id' | 'jobId' | 'nominalTime' | 'lastNominalTime' | 'attempt' | 'state' | 'reason'
>;

/** All that is known about a chaos run. */
export interface Evidence {
  readonly timetable: Timetable;
  /** How often a run whose nodes die is started at most. */
  readonly attempts: number;
  readonly leaseMs: number;
  readonly beatMs: number;
  readonly ledger: readonly LedgerEntry[];
  readonly runs: readonly RunStatement[];
  readonly troubles: readonly Trouble[];
}
