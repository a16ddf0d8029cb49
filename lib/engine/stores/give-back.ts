import type { JobSchedule } from '../jobs/job.js';
import type { DueRun, ReturnedRun } from './job-store.js';

/** What becomes of a job that runs are given back to. */
export interface GivenBack {
  /** When it is due from now on; null when that stays as it is. */
  readonly due: DueRun | null;
  /** Ids of runs that it has gone on from since. */
  readonly overtaken: readonly string[];
}

/** Where a job is due once runs of it are given back. When it is due earlier, it comes to their times by itself. */
export function giveBack(job: Omit<JobSchedule, 'paused'>, returned: readonly ReturnedRun[]): GivenBack {
  const overtaken: string[] = [];
  let due: DueRun | null = null;
  for (const { run, next } of latestFirst(returned)) {
    const dueAt = due?.fireTime ?? job.nextRunTime;
    const place = due?.nominalTime ?? job.nextNominalTime ?? job.nextRunTime;
    if (dueAt !== null && dueAt <= run.fireTime) continue;
    if (place === (next?.nominalTime ?? null)) due = { fireTime: run.fireTime, nominalTime: run.nominalTime };
    else overtaken.push(run.id);
  }
  return { due, overtaken };
}

/** In this order each leaves its job at the place that the next one was handed out before. */
export function latestFirst(returned: readonly ReturnedRun[]): readonly ReturnedRun[] {
  return returned.toSorted((a, b) => b.run.nominalTime - a.run.nominalTime);
}
