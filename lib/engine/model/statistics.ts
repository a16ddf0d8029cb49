import type { JobState } from './job-query.js';
import type { RunState } from './run-record.js';

/** How long a cell of the statistics is: minutes are kept for two hours, hours for eight days. */
export type StatisticsSpan = 'minute' | 'hour';

/** How long a span is, and how long its cells are kept, in milliseconds. */
export const SPANS: Readonly<Record<StatisticsSpan, { readonly lengthMs: number; readonly keptMs: number }>> = {
  minute: { lengthMs: 60_000, keptMs: 2 * 3_600_000 },
  hour: { lengthMs: 3_600_000, keptMs: 8 * 86_400_000 },
};

/** How many of something there were in a span of time. */
export interface StatisticsCell {
  readonly span: StatisticsSpan;
  /** In epoch milliseconds: a multiple of the span's length. */
  readonly start: number;
  /** What is counted: `state:succeeded`; `duration:17` and `lateness:3` for the intervals of a histogram. */
  readonly series: string;
  readonly count: number;
}

/** How many jobs are in each state. */
export type JobCounts = Readonly<Record<JobState, number>>;

/** How many runs ended in each state, of those that have any. */
export type OutcomeCounts = Readonly<Partial<Record<Exclude<RunState, 'running'>, number>>>;

/** How runs went in a span of time. */
export interface SpanCounts {
  /** In epoch milliseconds. */
  readonly start: number;
  readonly outcomes: OutcomeCounts;
}

/** What half of the runs stayed below, and 95 and 99 of a hundred; in milliseconds, to about an eighth. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** How runs went in the last hour, or day. */
export interface RunSummary {
  readonly outcomes: OutcomeCounts;
  /** From the start of a run to its end; null where none was started. */
  readonly duration: Percentiles | null;
  /** From the time at which a run was due to its start; null where none was started. */
  readonly lateness: Percentiles | null;
}

/** How many jobs there are, and how their runs went: of all job stores, and of all nodes that share them. */
export interface SchedulerStatistics {
  readonly jobs: JobCounts;
  /** The last 60 minutes, without those in which no run ended; the current one is the last. */
  readonly minutes: readonly SpanCounts[];
  /** The last 168 hours, likewise. */
  readonly hours: readonly SpanCounts[];
  readonly lastHour: RunSummary;
  readonly lastDay: RunSummary;
}
