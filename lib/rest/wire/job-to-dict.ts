import type { Job } from '../../engine/model/job.js';
import { formatDate } from '../../engine/time/iso-date.js';
import { toJsonValue } from './json-value.js';
import { retryToDict } from './retry-to-dict.js';
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
  dict['last_run'] = lastRun && runToDict({ ...lastRun, jobStore: job.jobStore });
  dict['waiting_for'] = job.waitingFor;
  return dict;
}
