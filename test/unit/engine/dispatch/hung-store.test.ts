import {
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MISSED,
  MemoryJobStore,
  type ClaimRequest,
  type ClaimResult,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const nothing = (): undefined => undefined;

/** Answers what is due when the test says so. */
class Silent extends MemoryJobStore {
  asked = 0;
  readonly answers = gate();

  override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    this.asked++;
    await this.answers.promise;
    return super.claimDue(request);
  }
}

async function withSilentStore(): Promise<EngineWorld & { silent: Silent; ran: (id: string) => number }> {
  const silent = new Silent();
  const world = engineWorld({ jobStores: { silent } });
  const { scheduler, happened } = world;
  const everySecond = { task: nothing, trigger: 'interval', seconds: 1 } as const;
  await scheduler.addJob({ id: 'waits', ...everySecond, nextRunTime: new Date(START), jobStore: 'silent' });
  await scheduler.addJob({ id: 'fine', ...everySecond });
  await scheduler.start();
  return { ...world, silent, ran: (id) => happened(EVENT_JOB_EXECUTED).filter(({ jobId }) => jobId === id).length };
}

describe('A job store that does not answer what is due', () => {
  it('holds up no other store, is asked once, and is told of once', async () => {
    const { clock, logger, silent, ran } = await withSilentStore();
    await clock.advance(2 * MINUTE);
    expect([ran('fine'), ran('waits'), silent.asked]).toEqual([120, 0, 1]);
    expect(logger.lines).toEqual([
      'error: Job store "silent" has for 30 s not said what is due; its jobs wait, all others go on',
    ]);
  });

  it('goes on as soon as it answers, which is told', async () => {
    const { clock, logger, silent, ran } = await withSilentStore();
    await clock.advance(MINUTE);
    silent.answers.open();
    await clock.advance(2 * SECOND);
    // For its first time, then once for a minute, then each second.
    expect(ran('waits')).toBe(4);
    expect(logger.lines.at(-1)).toBe('info: Job store "silent" answers again');
  });

  it('is not asked again by a pause and what follows it', async () => {
    const { scheduler, clock, silent, ran } = await withSilentStore();
    await clock.advance(SECOND);
    const paused = scheduler.pause();
    await clock.advance(10 * SECOND);
    await paused;
    await scheduler.resume();
    await clock.advance(10 * SECOND);
    expect([silent.asked, ran('fine')]).toEqual([1, 12]);
    silent.answers.open();
    await clock.advance(0);
    expect(ran('waits')).toBe(2);
  });

  it('does not keep a shutdown waiting for long; what it hands out afterwards is missed, and tried again', async () => {
    const { scheduler, clock, silent, ran, happened } = await withSilentStore();
    await clock.advance(3 * SECOND);
    const down = scheduler.shutdown({ wait: false });
    await clock.advance(5 * SECOND);
    await down;
    expect(clock.pendingTimers).toBe(0);
    silent.answers.open();
    await clock.advance(0);
    expect(ran('waits')).toBe(0);
    expect(happened(EVENT_JOB_MISSED)).toMatchObject([{ jobId: 'waits', reason: 'shutdown' }]);
    const { runs } = await scheduler.getRuns({ jobId: 'waits' });
    expect(runs).toMatchObject([{ state: 'missed', retryAt: clock.now() }]);
  });

  it('is asked anew after a restart, which has opened it again', async () => {
    const { scheduler, clock, silent } = await withSilentStore();
    await clock.advance(SECOND);
    const down = scheduler.shutdown();
    await clock.advance(MINUTE);
    await down;
    await scheduler.start();
    await clock.advance(SECOND);
    expect(silent.asked).toBe(2);
  });

  it('can be removed, and nothing more is taken out of it', async () => {
    const { scheduler, clock, silent, ran } = await withSilentStore();
    await clock.advance(SECOND);
    await scheduler.removeJobStore('silent');
    await clock.advance(MINUTE);
    expect([silent.asked, ran('fine')]).toEqual([1, 61]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });
});
