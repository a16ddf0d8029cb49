import { formatDate } from '../../engine/time/iso-date.js';
import type { AuditRecordedChange, JobChange, RunChange, StateChange } from '../../engine/watch/scheduler-change.js';

/** Why a client has to fetch its state anew: the stream has begun; what it missed is no longer known; it was too slow. */
export const RELOAD_REASONS = ['start', 'gap', 'slow'] as const;
export type ReloadReason = (typeof RELOAD_REASONS)[number];

type WireChange = Readonly<Record<string, unknown>> & { readonly type: string };

/** A change as the wire shows it: nothing of what a job is given, returns, throws or logs. */
export function changeToDict(change: StateChange | JobChange | RunChange | AuditRecordedChange): WireChange {
  const { node, type } = change;
  const about = { type, time: formatDate(change.time, 'UTC'), node };
  if (!('jobId' in change)) return { ...about, alias: change.alias };
  const job = { ...about, job_id: change.jobId, jobstore: change.jobStore };
  if ('auditId' in change) {
    return { ...job, audit_id: change.auditId, action: change.action, actor: change.actor };
  }
  if (!('runId' in change)) return job;
  return {
    ...job,
    run_id: change.runId,
    state: change.state,
    reason: change.reason,
    scheduled_run_time: formatDate(change.scheduledRunTime, 'UTC'),
  };
}
