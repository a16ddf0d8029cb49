import { describe, expect, it } from 'vitest';
import { intervalOf, middleOf } from '../../../../lib/engine/runs/run-statistics.js';
import { MemoryJobStore } from '../../../../lib/engine/stores/memory/memory.job-store.js';
import { engineWorld, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

async function started(): Promise<EngineWorld> {
  const world = engineWorld();
  await world.scheduler.start();
  return world;
}

describe('Statistics', () => {
  it('are empty without jobs and runs', async () => {
    const { scheduler } = await started();
    const nothing = { outcomes: {}, duration: null, lateness: null };
    expect(await scheduler.statistics()).toEqual({
      jobs: { scheduled: 0, paused: 0, waiting: 0, running: 0 },
      minutes: [],
      hours: [],
      lastHour: nothing,
      lastDay: nothing,
    });
  });

  it('count jobs by their states, those that wait for the start too', async () => {
    const { scheduler } = engineWorld();
    await scheduler.addJob({ id: 'a', task: () => undefined, trigger: 'interval', hours: 1 });
    await scheduler.addJob({ id: 'b', task: () => undefined, trigger: 'interval', hours: 1 });
    await scheduler.pauseJob('b');
    const counts = { scheduled: 1, paused: 1, waiting: 0, running: 0 };
    expect((await scheduler.statistics()).jobs).toEqual(counts);
    await scheduler.start();
    expect((await scheduler.statistics()).jobs).toEqual(counts);
  });

  it('say how many jobs a store has', async () => {
    const { scheduler } = engineWorld({ jobStores: { other: new MemoryJobStore() } });
    const add = (id: string, jobStore: string) =>
      scheduler.addJob({ id, jobStore, task: () => undefined, trigger: 'interval', hours: 1 });
    const counts = async () => [await scheduler.countJobs(), await scheduler.countJobs('other')];
    await add('a', 'default');
    await add('b', 'default');
    await add('c', 'other');
    expect(await counts()).toEqual([2, 1]);
    await scheduler.start();
    await add('d', 'other');
    await scheduler.pauseJob('d');
    await scheduler.removeJob('a');
    expect(await counts()).toEqual([1, 2]);
  });

  it('count runs by their outcomes in each minute and each hour, and what was left out', async () => {
    const { clock, scheduler } = await started();
    let runs = 0;
    const task = (): void => {
      if (++runs % 3 === 0) throw new Error('every third');
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 20 });
    await clock.advance(2 * MINUTE + 10 * SECOND);
    const { hours, lastDay, lastHour, minutes } = await scheduler.statistics();
    expect(minutes).toEqual([
      { start: START, outcomes: { succeeded: 2 } },
      { start: START + MINUTE, outcomes: { succeeded: 2, failed: 1 } },
      { start: START + 2 * MINUTE, outcomes: { failed: 1 } },
    ]);
    expect(hours).toEqual([{ start: START, outcomes: { succeeded: 4, failed: 2 } }]);
    expect(lastHour.outcomes).toEqual({ succeeded: 4, failed: 2 });
    expect(lastDay.outcomes).toEqual(lastHour.outcomes);
  });

  it('leave out what was longer ago than an hour, a day and a week', async () => {
    const { clock, scheduler } = await started();
    await scheduler.addJob({ id: 'a', task: () => undefined, trigger: 'date', runDate: new Date(START + SECOND) });
    await clock.advance(SECOND);
    const totals = async () => {
      const { hours, lastDay, lastHour, minutes } = await scheduler.statistics();
      return [minutes.length, lastHour.outcomes.succeeded ?? 0, lastDay.outcomes.succeeded ?? 0, hours.length];
    };
    expect(await totals()).toEqual([1, 1, 1, 1]);
    await clock.advance(2 * HOUR);
    expect(await totals()).toEqual([0, 0, 1, 1]);
    await clock.advance(24 * HOUR);
    expect(await totals()).toEqual([0, 0, 0, 1]);
    await clock.advance(7 * 24 * HOUR);
    expect(await totals()).toEqual([0, 0, 0, 0]);
  });

  it('leave out what was counted while the clock was ahead', async () => {
    const { clock, scheduler } = await started();
    const runDate = new Date(START + SECOND);
    await scheduler.addJob({ id: 'a', task: () => undefined, trigger: 'date', runDate, misfireGraceTime: null });
    await clock.set(START + 24 * HOUR);
    await clock.advance(MINUTE);
    expect((await scheduler.statistics()).lastHour.outcomes).toEqual({ succeeded: 1 });
    await clock.set(START);
    const { hours, lastDay, lastHour, minutes } = await scheduler.statistics();
    expect([hours, minutes, lastDay.outcomes, lastHour.outcomes]).toEqual([[], [], {}, {}]);
  });

  it('say how long runs took, and how late they began, to about an eighth', async () => {
    const { clock, scheduler } = await started();
    const takes = (ms: number) => () => new Promise<void>((resolve) => void clock.setTimer(resolve, ms));
    for (let n = 0; n < 100; n++) {
      // 90 are done at once, 8 after a second, 2 after a minute.
      const task = takes(n < 90 ? 0 : n < 98 ? SECOND : MINUTE);
      await scheduler.addJob({
        id: `job-${n}`,
        task,
        trigger: 'date',
        runDate: new Date(START + SECOND),
        misfireGraceTime: null,
      });
    }
    await clock.advance(2 * MINUTE);
    const { duration, lateness } = (await scheduler.statistics()).lastHour;
    expect(duration?.p50).toBe(1);
    for (const [actual, expected] of [
      [duration?.p95, SECOND],
      [duration?.p99, MINUTE],
    ] as const) {
      expect(Math.abs(Math.log((actual ?? 0) / expected))).toBeLessThan(0.13);
    }
    expect(lateness).toEqual({ p50: 1, p95: 1, p99: 1 });
  });

  it('have intervals that are never further from a time than an eighth', () => {
    for (let ms = 1; ms < 86_400_000; ms = Math.ceil(ms * 1.07)) {
      expect(Math.abs(Math.log(middleOf(intervalOf(ms)) / ms))).toBeLessThan(0.13);
    }
    expect([intervalOf(-5), intervalOf(0)]).toEqual([0, 0]);
    expect(intervalOf(1e12)).toBe(intervalOf(1e13));
  });
});
