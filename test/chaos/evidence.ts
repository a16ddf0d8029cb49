import type { RunRecord } from 'nestjs-apscheduler/engine';

/** A call of a task, as the task itself wrote it down. Times are of the computer's real clock, in epoch milliseconds. */
export interface LedgerEntry {
  readonly jobId: string;
  readonly nominalTime: number;
  readonly runId: string;
  readonly attempt: number;
  /** The process that called it: its node's name, and the how manieth of that node it is. */
  readonly process: string;
  readonly beganAt: number;
  /** Null when it did not come to its end. */
  readonly endedAt: number | null;
}

/** What can make a node lose its right to its runs. A `stall` is none of ours: the computer did not let a process run. */
export type TroubleKind = 'kill' | 'stop' | 'cut' | 'silence' | 'outage' | 'stall';

/** Something that befell one process, or all of them, by the computer's real clock. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** Null for all. */
  readonly process: string | null;
  readonly from: number;
  /** The same as `from` for a process that was killed. */
  readonly to: number;
}

/** When each job was to run: `times` times, `everyMs` apart. */
export interface Timetable {
  /** The first time of each job. */
  readonly firstTimes: ReadonlyMap<string, number>;
  readonly times: number;
  readonly everyMs: number;
}

/** What the store says of a run, or of a range of runs that were not made. */
export type RunStatement = Pick<
  RunRecord,
  'id' | 'jobId' | 'nominalTime' | 'lastNominalTime' | 'attempt' | 'state' | 'reason'
>;

/** Everything that is known of how it went. */
export interface Evidence {
  readonly timetable: Timetable;
  /** How often a run is begun at most when its nodes go away under it. */
  readonly attempts: number;
  readonly leaseMs: number;
  readonly beatMs: number;
  readonly ledger: readonly LedgerEntry[];
  readonly runs: readonly RunStatement[];
  readonly troubles: readonly Trouble[];
}
