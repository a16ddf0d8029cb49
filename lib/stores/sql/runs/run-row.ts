import { readStoredRun } from '../../../engine/runs/stored-run.js';
import type { RunRecord } from '../../../engine/model/run-record.js';
import type { RowColumns } from '../dialects/sql-dialect.js';
import { numberOrNull } from '../jobs/job-row.js';

/** A run's row without its namespace. */
export const RUN_COLUMNS = {
  id: 'key',
  job_id: 'key',
  job_uid: 'word?',
  task: 'text',
  cause: 'word',
  given: 'text?',
  nominal_time: 'bigint',
  last_nominal_time: 'bigint',
  fire_time: 'bigint',
  started_at: 'bigint?',
  finished_at: 'bigint?',
  attempt: 'integer',
  retry_of: 'key?',
  retry_at: 'bigint?',
  state: 'word',
  reason: 'word?',
  settled: 'flag',
  result: 'text?',
  result_omitted: 'text?',
  error: 'text?',
  log: 'text?',
  progress: 'fraction?',
  node: 'text',
  executor: 'text?',
  worker: 'text?',
  lease: 'key?',
} as const satisfies RowColumns;

/** What of a run's row its end changes. */
export const OUTCOME_COLUMNS = {
  id: 'key',
  started_at: 'bigint?',
  finished_at: 'bigint?',
  retry_at: 'bigint?',
  state: 'word',
  reason: 'word?',
  settled: 'flag',
  result: 'text?',
  result_omitted: 'text?',
  error: 'text?',
  log: 'text?',
  progress: 'fraction?',
  worker: 'text?',
  lease: 'key?',
} as const satisfies Partial<typeof RUN_COLUMNS>;

/** A run that was begun, or is still to be: no range of runs that were not made. */
export const BEGUN = `(started_at IS NOT NULL OR state IN ('running', 'handed_over', 'lost'))`;

export const hasBegun = ({ started_at, state }: Pick<RunRow, 'started_at' | 'state'>): boolean =>
  started_at !== null || ['running', 'handed_over', 'lost'].includes(state);

type Cell<Type> = Type extends 'bigint'
  ? number | string
  : Type extends 'integer' | 'flag' | 'fraction'
    ? number
    : Type extends `${infer Bare}?`
      ? Cell<Bare> | null
      : string;

/** A run's row, as drivers give it: whole numbers of 64 bits may be text. */
export type RunRow = { readonly [Name in keyof typeof RUN_COLUMNS]: Cell<(typeof RUN_COLUMNS)[Name]> };

/** Whose run it is. */
export interface RunOwner {
  /** Null when its job was gone when the run came. */
  readonly jobUid: string | null;
  readonly lease: string;
}

/** @param retryAt - by the store's clock. */
export function rowOf(run: RunRecord, { jobUid, lease }: RunOwner, retryAt: number | null): RunRow {
  return {
    id: run.id,
    job_id: run.jobId,
    job_uid: jobUid,
    task: run.task,
    cause: run.cause,
    given: run.given === null ? null : JSON.stringify(run.given),
    nominal_time: run.nominalTime,
    last_nominal_time: run.lastNominalTime,
    fire_time: run.fireTime,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    attempt: run.attempt,
    retry_of: run.retryOf,
    retry_at: retryAt,
    state: run.state,
    reason: run.reason,
    settled: run.settled ? 1 : 0,
    result: run.result === null ? null : JSON.stringify(run.result),
    result_omitted: run.resultOmitted,
    error: run.error === null ? null : JSON.stringify(run.error),
    log: run.log.length === 0 ? null : JSON.stringify(run.log),
    progress: run.progress,
    node: run.node,
    executor: run.executor,
    worker: run.worker,
    lease: run.settled ? null : lease,
  };
}

/** About how many bytes a row takes beside what every row has. */
export function bytesOf({ given, result, error, log }: RunRow): number {
  return (given?.length ?? 0) + (result?.length ?? 0) + (error?.length ?? 0) + (log?.length ?? 0);
}

/** @throws when it cannot be read. */
export function recordOf(row: RunRow): RunRecord {
  return readStoredRun({
    id: row.id,
    jobId: row.job_id,
    task: row.task,
    cause: row.cause as RunRecord['cause'],
    given: row.given === null ? null : (JSON.parse(row.given) as RunRecord['given']),
    nominalTime: Number(row.nominal_time),
    lastNominalTime: Number(row.last_nominal_time),
    fireTime: Number(row.fire_time),
    startedAt: numberOrNull(row.started_at),
    finishedAt: numberOrNull(row.finished_at),
    attempt: row.attempt,
    retryOf: row.retry_of,
    retryAt: numberOrNull(row.retry_at),
    state: row.state as RunRecord['state'],
    reason: row.reason as RunRecord['reason'],
    settled: row.settled === 1,
    result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    resultOmitted: row.result_omitted,
    error: row.error === null ? null : (JSON.parse(row.error) as RunRecord['error']),
    log: row.log === null ? [] : (JSON.parse(row.log) as RunRecord['log']),
    progress: row.progress,
    node: row.node,
    executor: row.executor,
    worker: row.worker,
  });
}
