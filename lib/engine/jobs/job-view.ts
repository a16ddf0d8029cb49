import type { Job, JobRecord } from '../model/job.js';
import type { RunRecord } from '../model/run-record.js';
import type { Planner } from '../dispatch/planner.js';
import type { RunnableWork } from '../dispatch/runnable-work.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { copyData } from '../util/copy-data.js';
import type { PendingJob } from './pending-jobs.js';

/* Shared by the many jobs that have none. */
const NO_TAGS: readonly string[] = Object.freeze([]);
const NO_METADATA: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * A stored job as users see it. Member by member: a spread of as many costs as much as all the rest of adding a job.
 *
 * @param waitingFor - what is missing to run it.
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

/** A job that waits for the start, as users see it. */
export function pendingJobOf({ record, jobStore, timeGiven }: PendingJob): Job {
  const job = { ...jobOf(record, jobStore, null, null), pending: true };
  return timeGiven ? job : { ...job, nextRunTime: null, nextNominalTime: null };
}

/** Makes stored jobs what users see: with their last runs, and with what they wait for. */
export class JobViews {
  constructor(
    private readonly planner: Planner,
    private readonly work: RunnableWork,
  ) {}

  of(record: JobRecord, entry: StoreEntry, lastRun: RunRecord | null): Job {
    return jobOf(record, entry.alias, lastRun, this.planner.obstacleOf(entry, record));
  }

  async withLastRun(record: JobRecord, entry: StoreEntry): Promise<Job> {
    const [lastRuns] = await Promise.all([entry.store.lastRuns([record.id]), this.work.refresh()]);
    return this.of(record, entry, lastRuns.get(record.id) ?? null);
  }

  async withLastRuns(records: readonly JobRecord[], entry: StoreEntry): Promise<readonly Job[]> {
    const asked = entry.store.lastRuns(records.map(({ id }) => id));
    const [lastRuns] = await Promise.all([asked, this.work.refresh()]);
    return records.map((record) => this.of(record, entry, lastRuns.get(record.id) ?? null));
  }

  /** Its change is done: that its last run cannot be read now must not look as if it had failed. */
  afterChange(record: JobRecord, entry: StoreEntry): Promise<Job> {
    return this.withLastRun(record, entry).catch(() => this.of(record, entry, null));
  }
}
