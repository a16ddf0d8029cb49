import type { Run, RunPage } from '../../engine/runs/run-record.js';
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
  };
}

/** Some runs as the wire shows them. */
export function runPageToDict({ runs, nextCursor }: RunPage): Record<string, unknown> {
  return { runs: runs.map((run) => runToDict(run)), next_cursor: nextCursor };
}

function toText(epochMs: number | null): string | null {
  return epochMs === null ? null : formatDate(epochMs, 'UTC');
}
