import fc from 'fast-check';
import type { JobPage, JobQuery, TimelineQuery } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { timelineOf } from '../../../../lib/engine/jobs/timeline.js';
import { DAY, engineWorld, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const task = (): void => undefined;

async function withJobs(jobs: Readonly<Record<string, object>>): Promise<EngineWorld> {
  const world = engineWorld();
  await world.scheduler.start();
  for (const [id, job] of Object.entries(jobs)) await world.scheduler.addJob({ id, task, ...job });
  return world;
}

const everyHour = { trigger: 'interval', hours: 1 } as const;

describe('A timeline', () => {
  it('has the fire times of all jobs in order, and counts them in intervals', async () => {
    const { scheduler } = await withJobs({
      a: everyHour,
      b: { trigger: 'interval', minutes: 90 },
      once: { trigger: 'date', runDate: new Date(START + 2 * HOUR + SECOND) },
      later: { trigger: 'date', runDate: new Date(START + DAY) },
    });
    const { countedTo, counts, entries, from, to } = await scheduler.timeline({ to: START + 4 * HOUR });
    expect(entries.map(({ jobId, time }) => `${jobId} ${(time - START) / MINUTE}`)).toEqual([
      'a 60',
      'b 90',
      'a 120',
      `once ${120 + 1 / 60}`,
      'a 180',
      'b 180',
    ]);
    expect([from, to, countedTo]).toEqual([START, START + 4 * HOUR, START + 4 * HOUR]);
    expect(counts.length).toBe(60);
    expect(counts[1]?.from).toBe(START + 4 * MINUTE);
    expect(
      counts.filter(({ count }) => count > 0).map(({ count, from: at }) => [(at - START) / MINUTE, count]),
    ).toEqual([
      [60, 1],
      [88, 1],
      [120, 2],
      [180, 2],
    ]);
  });

  it('agrees with the times at which the jobs then fire', async () => {
    const job = fc.oneof(
      fc.record({ trigger: fc.constant('interval'), minutes: fc.integer({ min: 7, max: 300 }) }),
      fc.record({
        trigger: fc.constant('cron'),
        hour: fc.constantFrom('*', '*/5', '7-9'),
        minute: fc.constantFrom('0', '*/20'),
      }),
      fc.record({
        trigger: fc.constant('interval'),
        minutes: fc.integer({ min: 7, max: 90 }),
        maxRuns: fc.integer({ min: 1, max: 9 }),
      }),
      fc.record({
        trigger: fc.constant('date'),
        runDate: fc.date({ min: new Date(START), max: new Date(START + DAY), noInvalidDate: true }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 6 }), async (jobs) => {
        const fired: number[] = [];
        const world = engineWorld();
        await world.scheduler.start();
        for (const one of jobs) {
          const run = ({ scheduledTime }: { scheduledTime: number }): void => void fired.push(scheduledTime);
          await world.scheduler.addJob({ task: run, ...one });
        }
        const { countedTo, entries } = await world.scheduler.timeline({ to: START + DAY, limit: 10_000 });
        expect(countedTo).toBe(START + DAY);
        await world.clock.advance(DAY - 1);
        expect(entries.map(({ time }) => time)).toEqual(fired.toSorted((a, b) => a - b));
        await world.scheduler.shutdown();
      }),
      { numRuns: 30 },
    );
  });

  it('counts beyond its limit, and can begin later than now', async () => {
    const { scheduler } = await withJobs({ a: { trigger: 'interval', seconds: 10 } });
    const { counts, entries } = await scheduler.timeline({ from: START + DAY, to: START + DAY + HOUR, limit: 3 });
    expect(entries.map(({ time }) => (time - START - DAY) / SECOND)).toEqual([0, 10, 20]);
    expect(counts.map(({ count }) => count)).toEqual(Array.from({ length: 60 }, () => 6));
  });

  it('has the times of a job that fires often as one in each cell of its resolution, and rare ones one by one', async () => {
    const { scheduler } = await withJobs({
      often: { trigger: 'interval', seconds: 1 },
      rarely: { trigger: 'interval', minutes: 7 },
    });
    const { counts, countedTo, entries, resolution } = await scheduler.timeline({ to: START + DAY, resolution: 288 });
    expect({ resolution, countedTo }).toEqual({ resolution: 288, countedTo: START + DAY });
    const timesOf = (id: string): typeof entries => entries.filter(({ jobId }) => jobId === id);
    expect(timesOf('rarely').map(({ count, time }) => [count, (time - START) / MINUTE])).toEqual(
      Array.from({ length: 205 }, (_, index) => [1, 7 * (index + 1)]),
    );
    const often = timesOf('often');
    expect(often.length).toBe(300);
    expect(often.slice(1).every(({ count, time }) => count === 288 && time % (288 * SECOND) === 0)).toBe(true);
    expect(often.reduce((sum, { count }) => sum + count, 0)).toBe(86_399);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(86_399 + 205);
    // Each interval is 24 minutes long.
    expect(counts[10]?.count).toBe(1440 + 3);
  });

  it('makes cells longer until every job has a place', async () => {
    const { scheduler } = await withJobs(
      Object.fromEntries(
        Array.from({ length: 50 }, (_, index) => [`job-${index}`, { trigger: 'interval', seconds: 1 }]),
      ),
    );
    const { countedTo, counts, entries, resolution } = await scheduler.timeline({
      ...{ to: START + HOUR, resolution: 12, limit: 400 },
    });
    expect(resolution).toBe(12 * 2 ** 6);
    expect(countedTo).toBe(START + HOUR);
    for (let index = 0; index < 50; index++) {
      const own = entries.filter(({ jobId }) => jobId === `job-${index}`);
      expect(own.reduce((sum, { count }) => sum + count, 0)).toBe(3599);
      expect(own.at(-1)?.time).toBeGreaterThan(START + 45 * MINUTE);
    }
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(50 * 3599);
  });

  it('finds each time of a job whose runs are limited, whatever the resolution is', async () => {
    const { scheduler } = await withJobs({ a: { trigger: 'interval', seconds: 1, maxRuns: 5 } });
    const { entries } = await scheduler.timeline({ to: START + HOUR, resolution: 4 });
    expect(entries.map(({ count, time }) => [count, (time - START) / SECOND])).toEqual([
      [3, 1],
      [2, 4],
    ]);
  });

  it('says up to when everything is counted, where the range has too many times', async () => {
    const { scheduler } = await withJobs({ a: { trigger: 'interval', seconds: 1 }, b: everyHour });
    const { countedTo, counts } = await scheduler.timeline({ to: START + 30 * DAY, limit: 1 });
    expect(countedTo).toBeGreaterThanOrEqual(START + 10_000 * SECOND);
    expect(countedTo).toBeLessThan(START + DAY);
    expect(counts[0]?.count).toBeGreaterThanOrEqual(10_000);
  });

  it('leaves out paused jobs, and has an overdue run now', async () => {
    const { clock, scheduler } = await withJobs({ a: everyHour, b: everyHour });
    await scheduler.pauseJob('b');
    await scheduler.pause();
    await clock.advance(90 * MINUTE);
    const { entries } = await scheduler.timeline({ to: clock.now() + HOUR });
    expect(entries.map(({ jobId, time }) => [jobId, time - clock.now()])).toEqual([
      ['a', 0],
      ['a', 30 * MINUTE],
    ]);
  });

  it('counts the runs that a job has left before the range', async () => {
    const { scheduler } = await withJobs({ a: { trigger: 'interval', minutes: 1, maxRuns: 5 } });
    const timesFrom = async (from: number): Promise<readonly number[]> =>
      (await scheduler.timeline({ from, to: from + HOUR })).entries.map(({ time }) => (time - START) / MINUTE);
    expect(await timesFrom(START + 3 * MINUTE)).toEqual([3, 4, 5]);
    expect(await timesFrom(START + DAY)).toEqual([]);
  });

  it('has each job once, also one that runs while others are looked at', async () => {
    const { clock, scheduler } = await withJobs({ a: everyHour });
    const first = { ...(await scheduler.getJobs({})), nextCursor: 'beyond' };
    await clock.advance(HOUR);
    const second = await scheduler.getJobs({});
    const getJobs = ({ cursor }: JobQuery): Promise<JobPage> => Promise.resolve(cursor === undefined ? first : second);
    const { entries } = await timelineOf({ from: START, to: START + 3 * HOUR }, { clock, timezone: 'UTC', getJobs });
    expect(entries.map(({ time }) => (time - START) / HOUR)).toEqual([1, 2]);
  });

  it('is of the jobs that are asked for', async () => {
    const { scheduler } = await withJobs({ a: { ...everyHour, tags: ['x'] }, b: everyHour });
    const { entries } = await scheduler.timeline({ to: START + 2 * HOUR, where: { tag: 'x' } });
    expect(entries.map(({ jobId }) => jobId)).toEqual(['a']);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no end', {}, /to is missing/],
    ['an end before its beginning', { from: START, to: START }, /to must be after from/],
    ['more than a year', { to: START + 367 * DAY }, /to must be at most 366 days after from/],
    ['no dates', { from: 'soon', to: {} }, /from .*to /],
    [
      'a limit beyond 10,000',
      { to: START + 1, limit: 10_001 },
      /limit must be a whole number from 1 to 10000, got 10001/,
    ],
    ['an order', { to: START + 1, where: { sort: 'id' } }, /where.sort cannot be given/],
    ['an unknown filter', { to: START + 1, where: { colour: 'red' } }, /colour is not known here/],
    [
      'an unknown member',
      { to: START + 1, until: 1 },
      /until is not known here; known are from, to, limit, resolution, where/,
    ],
    [
      'cells without a length',
      { to: START + 1, resolution: 0 },
      /resolution must be a whole number of at least 1, got 0/,
    ],
    [
      'cells without an end',
      { to: START + 1, resolution: Infinity },
      /resolution must be at most 31536000, got Infinity/,
    ],
  ])('refuses %s', async (_what, query, message) => {
    const { scheduler } = engineWorld();
    await expect(scheduler.timeline(query as unknown as TimelineQuery)).rejects.toThrow(message);
  });
});
