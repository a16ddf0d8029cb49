import type { Job, JobPause } from '../../engine/model/job.js';
import type { RetryPolicy } from '../../engine/model/job-policies.js';
import { formatDate } from '../../engine/time/iso-date.js';
import { toJsonValue } from '../../engine/model/json-value.js';
import { runToDict } from './run-to-dict.js';
import { triggerToDict } from './trigger-to-dict.js';

/**
 * A job as the wire shows it (Flask-APScheduler: `job_to_dict`). A pending one has no defaults and no run time yet,
 * and shows neither.
 */
export function jobToDict(job: Job): Record<string, unknown> {
  const { lastRun, nextRunTime, retry, trigger } = job;
  const dict: Record<string, unknown> = {
    id: job.id,
    name: job.name,
    func: job.task,
    args: toJsonValue(job.args),
    kwargs: toJsonValue(job.kwargs),
    ...triggerToDict(trigger),
  };
  if (!job.pending) {
    dict['misfire_grace_time'] = job.misfireGraceTime;
    dict['max_instances'] = job.maxInstances;
    dict['next_run_time'] = nextRunTime === null ? null : formatDate(nextRunTime, trigger.timezone);
    dict['coalesce'] = job.coalesce;
    dict['catch_up_limit'] = job.catchUpLimit;
    dict['overlap'] = job.overlap;
    dict['max_queued'] = job.maxQueued;
    dict['timeout'] = job.timeout;
    dict['retry'] = retry && retryToDict(retry);
  }
  dict['executor'] = job.executor;
  dict['jobstore'] = job.jobStore;
  dict['run_on_start'] = job.runOnStart;
  dict['tags'] = job.tags;
  dict['metadata'] = job.metadata;
  dict['description'] = job.description;
  dict['max_runs'] = job.maxRuns;
  dict['runs_left'] = job.runsLeft ?? null;
  dict['pause_after_failures'] = job.pauseAfterFailures;
  dict['failures'] = job.failures ?? 0;
  dict['enabled'] = job.enabled;
  dict['paused'] = job.paused;
  dict['pause'] = job.pause ? pauseToDict(job.pause) : null;
  dict['last_run'] = lastRun && runToDict({ ...lastRun, jobStore: job.jobStore });
  dict['waiting_for'] = job.waitingFor;
  return dict;
}

function pauseToDict({ since, actor, note, reason }: JobPause): Record<string, unknown> {
  return { since: formatDate(since, 'UTC'), actor, note, reason };
}

/** Times are in seconds. */
function retryToDict({ attempts, delay, backoff, maxDelay, jitter, retryIf, predicate }: RetryPolicy) {
  // As with a task, a function without a registered name is shown by its own.
  const name = retryIf ?? (predicate && (predicate.name || 'anonymous'));
  return { attempts, delay, backoff, max_delay: maxDelay, jitter, ...(name !== undefined && { retry_if: name }) };
}
