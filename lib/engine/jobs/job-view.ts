import type { Job, JobRecord } from '../model/job.js';
import type { RunRecord } from '../model/run-record.js';
import { copyData } from '../util/copy-data.js';

/* Shared by the many jobs that have none. */
const NO_TAGS: readonly string[] = Object.freeze([]);
const NO_METADATA: Readonly<Record<string, unknown>> = Object.freeze({});

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
    tags: record.tags ?? NO_TAGS,
    metadata: record.metadata === undefined ? NO_METADATA : copyData(record.metadata),
    description: record.description ?? null,
    maxRuns: record.maxRuns ?? null,
    pauseAfterFailures: record.pauseAfterFailures ?? null,
    enabled: record.enabled ?? true,
    jobStore,
    pending: false,
    lastRun,
    waitingFor,
  };
  const { handler, declaredBy, failures, pause, runsLeft } = record;
  const isPlain = !handler && !declaredBy && !pause && failures === undefined && runsLeft === undefined;
  if (isPlain) return job;
  return {
    ...job,
    ...(handler && { handler }),
    ...(declaredBy && { declaredBy }),
    ...(pause && { pause }),
    ...(failures !== undefined && { failures }),
    ...(runsLeft !== undefined && { runsLeft }),
  };
}
