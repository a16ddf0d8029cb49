import type { JobRecord } from '../../engine/model/job.js';
import type { RunPlan } from '../../engine/stores/job-store.js';
import { IntervalTrigger } from '../../engine/triggers/interval.trigger.js';

/** What jobs have that say nothing of their trigger. */
export const TEN_SECONDS = new IntervalTrigger({ seconds: 10, startDate: 0, timezone: 'UTC' });

/** A job that is due at an instant; null is paused. */
export function jobRecord(id: string, nextRunTime: number | null, changes: Partial<JobRecord> = {}): JobRecord {
  return {
    id,
    name: id,
    task: 'app:work',
    args: [],
    kwargs: {},
    trigger: TEN_SECONDS,
    startOpen: false,
    executor: 'default',
    coalesce: true,
    catchUpLimit: 1000,
    misfireGraceTime: null,
    maxInstances: 1,
    overlap: 'skip',
    maxQueued: 100,
    timeout: null,
    retry: null,
    runOnStart: false,
    nextRunTime,
    nextNominalTime: nextRunTime,
    paused: nextRunTime === null,
    ...changes,
  };
}

/** A plan that makes no run, and moves the job on; null when its trigger has ended. */
export function onTo(time: number | null): RunPlan {
  return {
    runs: [],
    leftOut: [],
    pausesJob: false,
    next: time === null ? null : { nominalTime: time, fireTime: time },
  };
}
