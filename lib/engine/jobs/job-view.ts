import type { Job, JobRecord } from '../model/job.js';
import type { RunRecord } from '../model/run-record.js';
import { copyData } from '../util/copy-data.js';

/**
 * A stored job as users see it. Member by member: a spread of as many costs as much as all the rest of adding a job.
 *
 * @param waitingFor - what this node lacks to run it.
 */
export function jobOf(record: JobRecord, jobStore: string, lastRun: RunRecord | null, waitingFor: string | null): Job {
  const job: Job = {
    id: record.id,
    name: record.name,
    task: record.task,
    args: copyData(record.args),
    kwargs: copyData(record.kwargs),
    trigger: record.trigger,
    startOpen: record.startOpen,
    executor: record.executor,
    coalesce: record.coalesce,
    catchUpLimit: record.catchUpLimit,
    misfireGraceTime: record.misfireGraceTime,
    maxInstances: record.maxInstances,
    overlap: record.overlap,
    maxQueued: record.maxQueued,
    timeout: record.timeout,
    retry: record.retry,
    runOnStart: record.runOnStart,
    nextRunTime: record.nextRunTime,
    nextNominalTime: record.nextNominalTime,
    paused: record.paused,
    jobStore,
    pending: false,
    lastRun,
    waitingFor,
  };
  const { handler, declaredBy } = record;
  return handler || declaredBy ? { ...job, ...(handler && { handler }), ...(declaredBy && { declaredBy }) } : job;
}
