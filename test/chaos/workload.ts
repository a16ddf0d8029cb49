import type { JobDefinition } from 'nestjs-apscheduler/engine';
import type { Timetable } from './evidence.js';
import type { Workload } from './messages.js';

export const EVERY_MS = 1000;

/** One in so many jobs takes long, so that it is active when something happens to its node. */
const LONG_ONE_IN = 10;

const idOf = (index: number): string => `job-${String(index).padStart(5, '0')}`;

/** Spread over the second, like jobs that were added at arbitrary times. */
const firstTimeOf = (index: number, { jobs, startAt }: Workload): number =>
  startAt + Math.floor((index * EVERY_MS) / jobs);

/** The job definitions. All missed times are made up, so that each time must have run at the end. */
export function jobsOf(workload: Workload): readonly JobDefinition[] {
  return Array.from({ length: workload.jobs }, (_, index): JobDefinition => {
    const startDate = firstTimeOf(index, workload);
    return {
      id: idOf(index),
      task: 'work',
      executor: workload.executor,
      args: [index % LONG_ONE_IN === 0 ? 200 + (index % 97) * 5 : index % 20],
      trigger: 'interval',
      seconds: EVERY_MS / 1000,
      startDate,
      endDate: startDate + (workload.times - 1) * EVERY_MS,
      misfireGraceTime: null,
      coalesce: 'all',
      catchUpLimit: 10_000,
      // Half of them wait for an active run on another node, the others run beside it.
      overlap: index % 2 === 0 ? 'queue' : 'allow',
      maxQueued: 10_000,
    };
  });
}

/** The scheduled times, for the judge. */
export function timetableOf(workload: Workload): Timetable {
  const jobs = Array.from({ length: workload.jobs }, (_, index) => index);
  const firstTimes = new Map(jobs.map((index) => [idOf(index), firstTimeOf(index, workload)]));
  return { firstTimes, times: workload.times, everyMs: EVERY_MS };
}
