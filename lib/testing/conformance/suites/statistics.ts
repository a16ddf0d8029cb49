import { SPANS, type StatisticsCell } from '../../../engine/model/statistics.js';
import { equal, sameSet } from '../checks.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { Suite } from '../suite.js';

const MINUTE = SPANS.minute.lengthMs;
const HOUR = SPANS.hour.lengthMs;

const inWords = ({ count, series, span, start }: StatisticsCell): string => `${span} ${start} ${series}: ${count}`;

/** Counting jobs, and how runs went. */
export function statistics({ describe, test }: Suite): void {
  describe('keeps statistics', () => {
    test('of how many jobs are in each state', async (world) => {
      const { store, T, node } = world;
      const known = { tasks: ['app:work'], executors: ['default'] };
      equal(
        await store.countJobs(known),
        { scheduled: 0, paused: 0, waiting: 0, running: 0 },
        'the counts of an empty store',
      );
      await store.addMany([
        ...['a', 'b', 'c'].map((id) => jobRecord(id, T + 9000)),
        ...['runs', 'has run'].map((id) => jobRecord(id, T)),
        ...['p', 'q'].map((id) => jobRecord(id, null)),
        jobRecord('no task', T + 9000, { task: 'app:other' }),
        jobRecord('no executor', T + 9000, { executor: 'heavy' }),
        jobRecord('paused without a task', null, { task: 'app:other' }),
      ]);
      const { claimed } = await node.claimDue({
        plan: (job, due) => ({ ...onTo(T + 9000), runs: [node.newRun(job, due.nominalTime)] }),
      });
      const runs = claimed.flatMap(({ plan }) => plan.runs);
      await store.record(runs.filter(({ jobId }) => jobId === 'has run').map((run) => end(run, 'succeeded', T)));
      const [running] = runs.filter(({ jobId }) => jobId === 'runs');
      equal(await store.countJobs(known), { scheduled: 4, paused: 3, waiting: 2, running: 1 }, 'the counts');
      await store.update('runs', (job) => ({ ...job, nextRunTime: null, nextNominalTime: null, paused: true }));
      equal((await store.countJobs(known)).running, 1, 'how many jobs run, when one that runs is paused');
      if (running) await store.record([end(running, 'failed', T)]);
      equal(await store.countJobs(known), { scheduled: 4, paused: 4, waiting: 2, running: 0 }, 'the counts at the end');
    });

    test('and adds up what is counted in each minute and hour', async ({ store, T }) => {
      const minute = Math.floor(T / MINUTE) * MINUTE;
      const hour = Math.floor(T / HOUR) * HOUR;
      const cell = (series: string, count: number, start = minute): StatisticsCell => ({
        span: 'minute',
        start,
        series,
        count,
      });
      await store.addStatistics([]);
      await store.addStatistics([cell('state:succeeded', 2), cell('duration:3', 1)]);
      await store.addStatistics([
        cell('state:succeeded', 3),
        cell('state:failed', 1),
        cell('state:failed', 7, minute - MINUTE),
        { ...cell('state:failed', 8), span: 'hour', start: hour },
      ]);
      const words = async (...asked: Parameters<typeof store.getStatistics>): Promise<string[]> =>
        (await store.getStatistics(...asked)).map(inWords);
      const latest = [
        `minute ${minute} state:succeeded: 5`,
        `minute ${minute} duration:3: 1`,
        `minute ${minute} state:failed: 1`,
      ];
      const before = `minute ${minute - MINUTE} state:failed: 7`;
      sameSet(await words('minute', minute - MINUTE), [...latest, before], 'the minutes from the one before');
      sameSet(
        await words('minute', minute - 1),
        [...latest, before],
        'the minutes from the last millisecond of the one before',
      );
      sameSet(await words('minute', minute), latest, 'the minutes from this one');
      sameSet(await words('minute', minute + MINUTE), [], 'the minutes from the next one');
      sameSet(await words('hour', hour), [`hour ${hour} state:failed: 8`], 'the hours');
    });

    test('for a bounded time', async (world) => {
      const { store, T } = world;
      const minute = Math.floor(T / MINUTE) * MINUTE;
      const add = (start: number): Promise<void> =>
        store.addStatistics([{ span: 'minute', start, series: 'state:succeeded', count: 1 }]);
      await add(minute);
      const later = minute + SPANS.minute.keptMs + HOUR;
      await world.at(later);
      await add(later);
      await add(later + MINUTE);
      const starts = (await store.getStatistics('minute', 0)).map(({ start }) => start);
      equal(starts.includes(minute), false, 'whether a minute is still there that is too old');
      equal(starts.includes(later), true, 'whether the latest minute is there');
    });

    test('for a bounded time, also after a clock has been ahead', async ({ store, T }) => {
      const minute = Math.floor(T / MINUTE) * MINUTE;
      const add = (start: number): Promise<void> =>
        store.addStatistics([{ span: 'minute', start, series: 'state:succeeded', count: 1 }]);
      await add(minute + 1000 * HOUR);
      await add(minute);
      await add(minute + SPANS.minute.keptMs + HOUR);
      const starts = (await store.getStatistics('minute', 0)).map(({ start }) => start);
      equal(starts.includes(minute), false, 'whether a minute is still there that is too old');
    });
  });
}
