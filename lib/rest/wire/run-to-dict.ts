import type { Run, RunPage } from '../../engine/model/run-record.js';
import type { UnreadableRun } from '../../engine/model/unreadable-run.js';
import { formatDate } from '../../engine/time/iso-date.js';

/**
 * A run as the wire shows it. Its times are in UTC: it may outlive its job, and with it the job's time zone.
 *
 * @example
 * runToDict(run); // { id: '...', job_id: 'report', state: 'succeeded', duration: 1.2, ... }
 */
export function runToDict(run: Run): Record<string, unknown> {
  const { startedAt, finishedAt } = run;
  return {
    id: run.id,
    job_id: run.jobId,
    jobstore: run.jobStore,
    func: run.task,
    cause: run.cause,
    state: run.state,
    reason: run.reason,
    settled: run.settled,
    scheduled_run_time: toText(run.nominalTime),
    last_scheduled_run_time: toText(run.lastNominalTime),
    fire_time: toText(run.fireTime),
    started_at: toText(startedAt),
    finished_at: toText(finishedAt),
    // A clock may have been set back meanwhile.
    duration: startedAt === null || finishedAt === null ? null : Math.max(0, finishedAt - startedAt) / 1000,
    attempt: run.attempt,
    given: run.given && { args: run.given.args ?? null, kwargs: run.given.kwargs ?? null },
    retry_of: run.retryOf,
    retry_at: toText(run.retryAt),
    result: run.result,
    result_omitted: run.resultOmitted,
    error: run.error,
    log: run.log.map(({ time, message }) => ({ time: toText(time), message })),
    progress: run.progress,
    node: run.node,
    executor: run.executor,
    worker: run.worker,
  };
}

/** A run that cannot be read, as the wire shows it: every member that clients know of a run, and why it cannot be read. */
export function unreadableRunToDict({ id, jobId, jobStore, problem }: UnreadableRun): Record<string, unknown> {
  return {
    id,
    job_id: jobId,
    jobstore: jobStore ?? 'default',
    func: '',
    cause: null,
    state: 'unreadable',
    reason: null,
    settled: true,
    scheduled_run_time: null,
    last_scheduled_run_time: null,
    fire_time: null,
    started_at: null,
    finished_at: null,
    duration: null,
    attempt: 1,
    given: null,
    retry_of: null,
    retry_at: null,
    result: null,
    result_omitted: null,
    error: null,
    log: [],
    progress: null,
    node: '',
    executor: null,
    worker: null,
    unreadable: problem,
  };
}

/** Some runs as the wire shows them, those among them that cannot be read. */
export function runPageToDict({ runs, unreadable = [], nextCursor }: RunPage): Record<string, unknown> {
  const shown = [...runs.map((run) => [run.id, runToDict(run)] as const)];
  for (const run of unreadable) shown.push([run.id, unreadableRunToDict(run)]);
  if (unreadable.length > 0) shown.sort(([a], [b]) => (a < b ? 1 : -1));
  return { runs: shown.map(([, run]) => run), next_cursor: nextCursor };
}

function toText(epochMs: number | null): string | null {
  return epochMs === null ? null : formatDate(epochMs, 'UTC');
}
