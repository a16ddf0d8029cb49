import type { Job } from '../../engine/job.js';
import { formatDate } from '../../engine/time/iso-date.js';
import { toJsonValue } from './json-value.js';
import { triggerToDict } from './trigger-to-dict.js';

/**
 * A job as the wire shows it (Flask-APScheduler: `job_to_dict`). A pending one has no defaults and no run time yet,
 * and shows neither.
 */
export function jobToDict(job: Job): Record<string, unknown> {
  const { trigger, nextRunTime } = job;
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
  }
  dict['executor'] = job.executor;
  dict['jobstore'] = job.jobStore;
  return dict;
}
