/** A time at which a job fires; with a `resolution`, the first one in a cell. */
export interface TimelineEntry {
  readonly jobId: string;
  readonly jobStore: string;
  /** In epoch milliseconds; of a job's next run with its jitter, of later ones without. */
  readonly time: number;
  /** How many times the entry stands for, all in the same cell. */
  readonly count: number;
}

/** How many fire times there are in an interval. */
export interface TimelineCount {
  /** In epoch milliseconds; it ends where the next one begins. */
  readonly from: number;
  readonly count: number;
}

/** The fire times of all jobs in a range of time. */
export interface Timeline {
  /** In epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** The first fire times, in order. */
  readonly entries: readonly TimelineEntry[];
  /** All fire times, those beyond the limit too, in 60 intervals of equal length. */
  readonly counts: readonly TimelineCount[];
  /** Everything before this is counted, in epoch milliseconds: less than `to` where that would have been too much work. */
  readonly countedTo: number;
  /** The length of cells, in seconds, which begin at its multiples since 1970; null where each fire time is an entry. */
  readonly resolution: number | null;
}
