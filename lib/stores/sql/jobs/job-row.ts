import type { RowColumns } from '../dialects/sql-dialect.js';

/** What stands of a job in its row, as drivers give it: whole numbers of 64 bits may be text. */
export interface JobRow {
  readonly id: string;
  readonly task: string;
  readonly executor: string;
  readonly spec: string;
  readonly spec_hash: string;
  readonly next_run_time: number | string | null;
  readonly next_nominal_time: number | string | null;
  readonly paused: number;
}

/** A new job, as it is written down. */
export interface NewJobRow extends JobRow {
  /** What tells it from others that have its id before or after it. */
  readonly uid: string;
  readonly next_run_time: number | null;
  readonly next_nominal_time: number | null;
}

/** What is written of a new job, beside when; a change leaves its `uid`. */
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
} as const satisfies RowColumns;

export const numberOrNull = (value: number | string | null): number | null => (value === null ? null : Number(value));
