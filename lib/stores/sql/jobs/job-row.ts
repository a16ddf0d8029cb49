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

/** What a job is found and sorted by, but for its tags. */
export interface SearchRow {
  readonly name_key: string;
  readonly search: string;
  readonly trigger_type: string;
  readonly declared: 0 | 1;
}

/** The row of a new job. */
export interface NewJobRow extends JobRow, SearchRow {
  /** Distinguishes it from earlier and later jobs with the same id. */
  readonly uid: string;
  readonly next_run_time: number | null;
  readonly next_nominal_time: number | null;
  readonly runs_left: number | null;
  readonly last_run: '';
}

export const SEARCH_COLUMNS = {
  name_key: 'key',
  search: 'text',
  trigger_type: 'word',
  declared: 'flag',
} as const satisfies RowColumns;

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
  ...SEARCH_COLUMNS,
  last_run: 'key',
} as const satisfies RowColumns;

export const numberOrNull = (value: number | string | null): number | null => (value === null ? null : Number(value));
