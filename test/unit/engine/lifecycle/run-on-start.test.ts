import { MemoryJobStore, type JobRecord, type RunContext } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

interface Counting extends EngineWorld {
  /** The times, in minutes from the start of the test, at which each job ran. */
  readonly ran: Record<string, number[]>;
  readonly task: (context: RunContext) => void;
}

function counting(world = engineWorld()): Counting {
  const ran: Record<string, number[]> = {};
  const task = ({ jobId }: RunContext): void => void (ran[jobId] ??= []).push((world.clock.now() - START) / MINUTE);
  return { ...world, ran, task };
}

const hourly = { trigger: 'interval', hours: 1 } as const;

describe('A job that runs at the start', () => {
  it('runs when the scheduler starts, at each start, and keeps the phase of its schedule', async () => {
    const { scheduler, clock, ran, task } = counting();
    await scheduler.addJob({ id: 'a', task, ...hourly, runOnStart: true });
    await scheduler.start();
    await clock.advance(90 * MINUTE);
    await scheduler.shutdown();
    await scheduler.start();
    await clock.advance(HOUR);
    expect(ran).toEqual({ a: [0, 60, 90, 120] });
    const causes = (await scheduler.getRuns()).runs.map(({ cause }) => cause).toReversed();
    expect(causes).toEqual(['start', 'schedule', 'start', 'schedule']);
    await scheduler.shutdown();
  });

  it('runs once when a scheduler that was started paused goes on, and not at later pauses', async () => {
    const { scheduler, clock, ran, task } = counting();
    await scheduler.addJob({ id: 'a', task, ...hourly, runOnStart: true });
    await scheduler.start({ paused: true });
    await clock.advance(5 * MINUTE);
    await scheduler.resume();
    await clock.advance(MINUTE);
    await scheduler.pause();
    await scheduler.resume();
    await clock.advance(MINUTE);
    expect(ran).toEqual({ a: [5] });
    await scheduler.shutdown();
  });

  it('runs at once when it is added to a running scheduler', async () => {
    const { scheduler, clock, ran, task } = counting();
    await scheduler.start();
    await clock.advance(3 * MINUTE);
    await scheduler.addJob({ id: 'a', task, ...hourly, runOnStart: true });
    await clock.advance(0);
    expect(ran).toEqual({ a: [3] });
    await scheduler.shutdown();
  });

  it.each(['started paused', 'paused later'])(
    'runs when the scheduler goes on, if it is added while %s',
    async (how) => {
      const { scheduler, clock, ran, task } = counting();
      await scheduler.start({ paused: how === 'started paused' });
      if (how === 'paused later') await scheduler.pause();
      await scheduler.addJob({ id: 'a', task, ...hourly, runOnStart: true });
      await clock.advance(10 * MINUTE);
      expect(ran).toEqual({});
      await scheduler.resume();
      await clock.advance(0);
      expect(ran).toEqual({ a: [10] });
      await scheduler.shutdown();
    },
  );

  it('does not run again for a declaration that changes nothing', async () => {
    const { scheduler, clock, ran, task } = counting();
    const definition = { id: 'a', task, ...hourly, runOnStart: true, replaceExisting: true };
    await scheduler.start();
    await scheduler.addJob(definition);
    await clock.advance(MINUTE);
    await scheduler.addJob(definition);
    await clock.advance(MINUTE);
    expect(ran).toEqual({ a: [0] });
    await scheduler.addJob({ ...definition, name: 'changed' });
    await clock.advance(0);
    expect(ran).toEqual({ a: [0, 2] });
    await scheduler.shutdown();
  });

  it('does not run while it is paused, nor once it is removed', async () => {
    const { scheduler, clock, ran, task } = counting();
    await scheduler.start();
    await scheduler.addJob({ id: 'added', task, ...hourly, runOnStart: true, nextRunTime: null });
    await scheduler.shutdown();
    await scheduler.addJob({ id: 'paused', task, ...hourly, runOnStart: true });
    await scheduler.addJob({ id: 'removed', task, ...hourly, runOnStart: true });
    await scheduler.pauseJob('paused');
    await scheduler.removeJob('removed');
    await scheduler.start();
    await clock.advance(MINUTE);
    expect(ran).toEqual({});
    await scheduler.shutdown();
  });

  it('may become one, or cease to be one, by a change: from the next start on', async () => {
    const { scheduler, clock, ran, task } = counting();
    await scheduler.addJob({ id: 'yes', task, ...hourly });
    await scheduler.addJob({ id: 'no', task, ...hourly, runOnStart: true });
    await scheduler.start();
    await clock.advance(MINUTE);
    await scheduler.modifyJob('yes', { runOnStart: true });
    await scheduler.modifyJob('no', { runOnStart: false });
    await clock.advance(MINUTE);
    expect(ran).toEqual({ no: [0] });
    await scheduler.shutdown();
    await scheduler.start();
    await clock.advance(0);
    expect(ran).toEqual({ no: [0], yes: [2] });
    await scheduler.shutdown();
  });

  it('whose store fails is told, and neither the start nor the other jobs fail with it', async () => {
    class Failing extends MemoryJobStore {
      broken = false;
      override async get(id: string): Promise<JobRecord | undefined> {
        if (this.broken && id === 'bad') throw new Error('connection lost');
        return super.get(id);
      }
    }
    const store = new Failing();
    const { scheduler, clock, ran, task, logger } = counting(engineWorld({ jobStores: { default: store } }));
    for (const id of ['bad', 'fine']) await scheduler.addJob({ id, task, ...hourly, runOnStart: true });
    store.broken = true;
    await scheduler.start();
    await clock.advance(0);
    expect(scheduler.running).toBe(true);
    expect(ran).toEqual({ fine: [0] });
    expect(logger.lines).toContain('error: Job "bad" did not run at the start');
    await scheduler.shutdown();
  });

  it('counts within its instances: it and its schedule do not run at once', async () => {
    const { scheduler, clock } = counting();
    let most = 0;
    let now = 0;
    const task = async (): Promise<void> => {
      most = Math.max(most, ++now);
      await clock.yield();
      now--;
    };
    await scheduler.addJob({
      id: 'a',
      task,
      trigger: 'interval',
      seconds: 1,
      nextRunTime: new Date(START),
      runOnStart: true,
    });
    await scheduler.start();
    await clock.advance(3 * SECOND);
    expect(most).toBe(1);
    await scheduler.shutdown();
  });
});
