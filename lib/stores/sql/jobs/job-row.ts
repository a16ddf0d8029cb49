import type { RowColumns } from '../dialects/sql-dialect.js';

/** The row of a job, as drivers return it: 64-bit integers may be text. */
export interface JobRow {
  readonly id: string;
  readonly task: string;
  readonly executor: string;
  readonly spec: string;
  readonly spec_hash: string;
  readonly next_run_time: number | string | null;
  readonly next_nominal_time: number | string | null;
  readonly paused: number;
  readonly runs_left: number | string | null;
}

/** The row of a new job. */
export interface NewJobRow extends JobRow {
  /** Distinguishes it from earlier and later jobs with the same id. */
  readonly uid: string;
  readonly next_run_time: number | null;
  readonly next_nominal_time: number | null;
  readonly runs_left: number | null;
}

/** The columns of a new job without its schedule; a change keeps the `uid`. */
export const NEW_JOB_COLUMNS = {
  id: 'key',
  uid: 'word',
  task: 'text',
  executor: 'text',
  spec: 'text',
  spec_hash: 'word',
  next_run_time: 'bigint?',
  next_nominal_time: 'bigint?',
  paused: 'flag',
  runs_left: 'bigint?',
} as const satisfies RowColumns;

export const numberOrNull = (value: number | string | null): number | null => (value === null ? null : Number(value));
