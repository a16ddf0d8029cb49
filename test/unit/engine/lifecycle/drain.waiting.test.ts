import { EVENT_JOB_MISSED, LocalExecutor, MemoryJobStore, type Logger } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, SECOND, START } from '../../../support/engine.js';

const nothing = (): undefined => undefined;
const deaf = (): Promise<never> => new Promise(() => undefined);

describe('A shutdown that finds runs waiting behind a task that heeds no signal', () => {
  it('closes scheduled ones as missed, to be tried again, and leaves the schedule where it is', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'a', task: deaf, trigger: 'interval', seconds: 1, overlap: 'queue' });
    await scheduler.start();
    await clock.advance(4 * SECOND);
    await scheduler.shutdown({ timeout: 0 });
    expect(happened(EVENT_JOB_MISSED).map(({ reason }) => reason)).toEqual(['shutdown', 'shutdown', 'shutdown']);
    const { runs } = await scheduler.getRuns({ state: ['running', 'missed'] });
    const shape = { state: 'missed', retryAt: START + 4 * SECOND };
    expect(runs).toMatchObject([4, 3, 2].map((second) => ({ ...shape, nominalTime: START + second * SECOND })));
    expect((await scheduler.getJob('a'))?.nextRunTime).toBe(START + 5 * SECOND);
  });

  it('refuses who waits for one by hand, and begins it no more', async () => {
    const { scheduler, clock } = engineWorld();
    const first = gate();
    let calls = 0;
    const task = (): Promise<void> => (calls++, first.promise);
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', hours: 1, overlap: 'queue' });
    await scheduler.start();
    const asked = [scheduler.runJob('a'), scheduler.runJob('a')].map((run) => run.catch((error: unknown) => error));
    await clock.advance(0);
    await scheduler.shutdown({ timeout: 0 });
    expect(await Promise.all(asked)).toMatchObject([{ code: 'NOT_RUNNING' }, { code: 'NOT_RUNNING' }]);
    await scheduler.start();
    first.open();
    await clock.advance(MINUTE);
    expect(calls).toBe(1);
  });
});

describe('A run by hand that is still being recorded when the scheduler stops', () => {
  it('does not begin, and its record says so', async () => {
    const slow = gate();
    class Slow extends MemoryJobStore {
      override async record(...args: Parameters<MemoryJobStore['record']>): ReturnType<MemoryJobStore['record']> {
        if (args[0].some(({ state }) => state === 'running')) await slow.promise;
        return super.record(...args);
      }
    }
    const { scheduler, clock } = engineWorld({ jobStores: { default: new Slow() } });
    let calls = 0;
    await scheduler.addJob({ id: 'a', task: () => calls++, trigger: 'interval', hours: 1 });
    await scheduler.start();
    const asked = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(0);
    const down = scheduler.shutdown();
    await clock.advance(0);
    slow.open();
    await down;
    expect(await asked).toMatchObject({ code: 'NOT_RUNNING' });
    expect(calls).toBe(0);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'missed', reason: 'shutdown' }]);
  });
});

describe('A run that replaces one which waits for its executor', () => {
  it('is made when the executor has a place, and the last one always', async () => {
    const { scheduler, clock } = engineWorld({ executors: { default: new LocalExecutor({ concurrency: 1 }) } });
    const long = gate();
    const made: number[] = [];
    await scheduler.addJob({ id: 'long', task: () => long.promise, trigger: 'date', runDate: START });
    const task = ({ scheduledTime }: { scheduledTime: number }): void =>
      void made.push((scheduledTime - START) / SECOND);
    const endDate = START + 6 * SECOND;
    await scheduler.addJob({ id: 'b', task, trigger: 'interval', seconds: 1, overlap: 'replace', endDate });
    await scheduler.start();
    await clock.advance(4 * SECOND);
    const byHand = scheduler.runJob('b');
    await clock.advance(0);
    long.open();
    await clock.advance(HOUR);
    await byHand;
    expect(made).toEqual([4, 5, 6]);
    expect((await scheduler.getRuns({ jobId: 'b', state: 'running' })).runs).toEqual([]);
    await scheduler.shutdown();
  });
});

describe('A job whose runs end at once', () => {
  it('leaves nothing behind for the next job to trip over', async () => {
    const retryOf = async (withOther: boolean): Promise<unknown> => {
      const { scheduler, clock } = engineWorld({ executors: { default: new LocalExecutor({ concurrency: 1 }) } });
      const long = gate();
      await scheduler.start();
      if (withOther) await scheduler.addJob({ id: 'x', task: nothing, trigger: 'interval', seconds: 7 });
      await clock.advance(50 * SECOND);
      await scheduler.addJob({ id: 'long', task: () => long.promise });
      await clock.advance(0);
      await scheduler.addJob({ id: 'y', task: nothing, trigger: 'date', runDate: START + SECOND });
      await clock.advance(0);
      await scheduler.pause();
      await scheduler.shutdown({ timeout: 0 });
      const { runs } = await scheduler.getRuns({ jobId: 'y' });
      return runs.map(({ state, retryAt }) => [state, retryAt]);
    };
    expect(await retryOf(false)).toEqual([['missed', START + 50 * SECOND]]);
    expect(await retryOf(true)).toEqual([['missed', START + 50 * SECOND]]);
  });
});

it('A logger whose methods reject ends no process', async () => {
  const fail = async (): Promise<void> => {
    throw new Error('disk full');
  };
  const logger = { debug: fail, info: fail, warn: fail, error: fail } as unknown as Logger;
  const unhandled: unknown[] = [];
  const keep = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', keep);
  const { scheduler, clock } = engineWorld({ logger });
  const task = (): never => {
    throw new Error('broken');
  };
  await scheduler.addJob({ task, trigger: 'interval', seconds: 1 });
  await scheduler.start();
  await clock.advance(2 * SECOND);
  await scheduler.shutdown();
  process.off('unhandledRejection', keep);
  expect(unhandled).toEqual([]);
});
