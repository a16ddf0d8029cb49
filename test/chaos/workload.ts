import type { JobDefinition } from 'nestjs-apscheduler/engine';
import type { Timetable } from './evidence.js';
import type { Workload } from './messages.js';

export const EVERY_MS = 1000;

/** A job in so many takes its time, and is under way when something happens to its node. */
const LONG_ONE_IN = 10;

const idOf = (index: number): string => `job-${String(index).padStart(5, '0')}`;

/** Spread over the second, as jobs are that were added at any time. */
const firstTimeOf = (index: number, { jobs, startAt }: Workload): number =>
  startAt + Math.floor((index * EVERY_MS) / jobs);

/** What the jobs are, for the scheduler. All missed times are to be made up, so that each time must have run in the end. */
export function jobsOf(workload: Workload): readonly JobDefinition[] {
  return Array.from({ length: workload.jobs }, (_, index): JobDefinition => {
    const startDate = firstTimeOf(index, workload);
    return {
      id: idOf(index),
      task: 'work',
      args: [index % LONG_ONE_IN === 0 ? 200 + (index % 97) * 5 : index % 20],
      trigger: 'interval',
      seconds: EVERY_MS / 1000,
      startDate,
      endDate: startDate + (workload.times - 1) * EVERY_MS,
      misfireGraceTime: null,
      coalesce: 'all',
      catchUpLimit: 100_000,
      // Half of them wait until another node's run is over, the others go on beside it.
      overlap: index % 2 === 0 ? 'queue' : 'allow',
      maxQueued: 100_000,
    };
  });
}

/** What they are, for the judge. */
export function timetableOf(workload: Workload): Timetable {
  const jobs = Array.from({ length: workload.jobs }, (_, index) => index);
  const firstTimes = new Map(jobs.map((index) => [idOf(index), firstTimeOf(index, workload)]));
  return { firstTimes, times: workload.times, everyMs: EVERY_MS };
}
