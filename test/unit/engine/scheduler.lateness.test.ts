import {
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MISSED,
  EVENT_JOB_SUBMITTED,
  MemoryJobStore,
  type ClaimRequest,
  type ClaimResult,
  type Trigger,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, SECOND, START } from '../../support/engine.js';

const nothing = (): undefined => undefined;

describe('Jitter', () => {
  it('counts a later time as missed only once its own delay is surely over', async () => {
    const draws = [0.5, 0];
    const { scheduler, clock, happened } = engineWorld({ random: () => draws.shift() ?? 0 });
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 60, jitter: 120 });
    await clock.advance(2 * MINUTE + SECOND);
    // Due at 1:00, delayed to 2:00. The time for 2:00 has come by then, and its delay has not been drawn yet.
    expect(happened(EVENT_JOB_SUBMITTED).map((event) => event.scheduledRunTimes)).toEqual([
      [START + MINUTE],
      [START + 2 * MINUTE],
    ]);
  });

  it('is no lateness: the grace counts from the delayed time', async () => {
    const { scheduler, clock, happened } = engineWorld({ random: () => 0.99 });
    await scheduler.start();
    await scheduler.addJob({ task: nothing, trigger: 'interval', seconds: 60, jitter: 30, misfireGraceTime: 1 });
    await clock.advance(5 * MINUTE);
    expect(happened(EVENT_JOB_MISSED)).toEqual([]);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(4);
  });

  it('does not move a sequence that is computed from one time to the next', async () => {
    const { scheduler, clock, happened } = engineWorld({ random: () => 0.9 });
    const trigger: Trigger = {
      type: 'chain',
      timezone: 'UTC',
      jitter: 30,
      next: (previous, now) => (previous ?? now) + MINUTE,
      previous: () => null,
      toJSON: () => ({ type: 'chain' }),
    };
    await scheduler.start();
    await scheduler.addJob({ task: nothing, trigger });
    await clock.advance(4 * MINUTE);
    const minutes = [1, 2, 3].map((minute) => START + minute * MINUTE);
    expect(happened(EVENT_JOB_EXECUTED).map((event) => event.scheduledRunTime)).toEqual(minutes);
  });
});

describe('A skip for running already', () => {
  it('is logged at most once a minute, however many episodes there are', async () => {
    const { scheduler, clock, logger } = engineWorld();
    const gates = [gate(), gate()];
    let runs = 0;
    await scheduler.addJob({ id: 'a', task: () => gates[runs++]?.promise, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    const skips = (): number => logger.lines.filter((line) => line.includes('skipped')).length;
    await clock.advance(4 * SECOND);
    expect(skips()).toBe(1);
    gates[0]?.open();
    await clock.advance(4 * SECOND);
    expect([runs, skips()]).toEqual([2, 1]);
    gates[1]?.open();
  });
});

describe('A job store that fails now and then', () => {
  it('is asked again as soon after each episode as after the first, and each is told', async () => {
    const asked: number[] = [];
    let broken = false;
    class Flaky extends MemoryJobStore {
      override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
        asked.push(request.now);
        if (broken) throw new Error('connection lost');
        return super.claimDue(request);
      }
    }
    const { scheduler, clock, logger } = engineWorld({ jobStores: { default: new Flaky() } });
    await scheduler.addJob({ task: nothing, trigger: 'interval', hours: 1 });
    await scheduler.start();
    const errors = (): number => logger.lines.filter((line) => line.startsWith('error:')).length;
    const retries: number[] = [];
    for (const episode of [1, 2]) {
      await clock.advance(HOUR - (clock.now() % HOUR) - 1);
      broken = true;
      await clock.advance(1);
      const before = asked.length;
      await clock.advance(2 * SECOND);
      retries.push(asked.length - before);
      broken = false;
      await clock.advance(MINUTE);
      expect(errors()).toBe(episode);
    }
    expect(retries[0]).toBeGreaterThan(0);
    expect(retries[1]).toBe(retries[0]);
    await scheduler.shutdown();
  });
});

describe('A start that fails half-way', () => {
  it('closes the stores that it has opened', async () => {
    const calls: string[] = [];
    class Store extends MemoryJobStore {
      async start(): Promise<void> {
        calls.push('opened');
      }
      async stop(): Promise<void> {
        calls.push('closed');
      }
      override async add(): Promise<void> {
        throw new Error('read-only');
      }
    }
    const { scheduler } = engineWorld({ jobStores: { default: new Store() } });
    await scheduler.addJob({ task: nothing, trigger: 'interval', hours: 1 });
    await expect(scheduler.start()).rejects.toThrow('read-only');
    expect(calls).toEqual(['opened', 'closed']);
  });
});
