import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_REMOVED,
  ManualClock,
  RunTimedOutError,
  SystemClock,
  type Clock,
  type RunContext,
  type Timer,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, gate, HOUR, MINUTE, SECOND, START } from '../../../support/engine.js';

/** Works until its signal is aborted, and ends then. */
const heeding = ({ signal }: RunContext): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('A run that takes longer than its timeout', () => {
  it('has its signal aborted at that instant, and is one record that is over when its task heeds it', async () => {
    const { scheduler, clock, happened, logger } = engineWorld();
    let reason: unknown;
    const task = (context: RunContext): Promise<never> => {
      context.signal.addEventListener('abort', () => (reason = [clock.now(), context.signal.reason]));
      return heeding(context);
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', minutes: 1, timeout: '10s' });
    await scheduler.start();
    await clock.advance('69s');
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'running' }]);
    await clock.advance('1s');
    expect(reason).toEqual([START + 70 * SECOND, expect.any(RunTimedOutError)]);
    const { runs } = await scheduler.getRuns();
    expect(runs).toMatchObject([
      {
        state: 'timed_out',
        reason: 'timeout',
        settled: true,
        startedAt: START + MINUTE,
        finishedAt: START + 70 * SECOND,
        error: { name: 'RunTimedOutError', message: 'Run of job "a" took longer than its timeout of 10 s' },
        result: null,
      },
    ]);
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([
      { state: 'timed_out', attempt: 1, retryAt: null, runId: runs[0]?.id, exception: { timeout: 10 } },
    ]);
    expect(logger.lines.filter((line) => line.includes('goes on'))).toEqual([]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps its place until its task is over when that ignores it, and its record says so', async () => {
    const { scheduler, clock, happened, logger } = engineWorld();
    const work = gate<string>();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1, timeout: 10 });
    await scheduler.start();
    await clock.advance('3m');
    const timedOut = { state: 'timed_out', reason: 'timeout', finishedAt: START + 70 * SECOND, result: null };
    const [skipped, run] = (await scheduler.getRuns()).runs;
    expect(skipped).toMatchObject({ state: 'skipped', reason: 'overlap' });
    expect(run).toMatchObject({ ...timedOut, settled: false });
    expect(logger.lines.filter((line) => line.includes('goes on though its signal is aborted'))).toHaveLength(1);
    work.open('too late');
    await clock.advance('1s');
    expect(await scheduler.getRun(run?.id ?? '')).toMatchObject({ ...timedOut, settled: true });
    expect(happened(EVENT_JOB_ERROR)).toHaveLength(1);
    expect(happened(EVENT_JOB_EXECUTED)).toEqual([]);
    // The place is free.
    await clock.advance('59s');
    expect((await scheduler.getRuns()).runs[0]).toMatchObject({ state: 'succeeded', result: 'too late' });
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('stays timed out when its task ends in time to answer the signal with a result', async () => {
    const { scheduler, clock } = engineWorld();
    const task = ({ signal }: RunContext): Promise<string> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve('partial')));
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', minutes: 1, timeout: 10 });
    await scheduler.start();
    await clock.advance('70s');
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'timed_out', settled: true, result: null }]);
    await scheduler.shutdown();
  });

  it('rejects for who waits for it by hand, though its task goes on', async () => {
    const { scheduler, clock } = engineWorld();
    const work = gate();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', hours: 1, timeout: 10 });
    await scheduler.start();
    const waiting = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance('10s');
    expect(await waiting).toMatchObject({ name: 'RunTimedOutError', code: 'RUN_TIMED_OUT', jobId: 'a', timeout: 10 });
    work.open();
    await scheduler.shutdown();
  });

  it('ends its one-shot job only when its task is over', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const work = gate();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'date', runDate: START, timeout: 10 });
    await scheduler.start();
    await clock.advance('1h');
    expect(await scheduler.getJob('a')).toMatchObject({ nextRunTime: null, lastRun: { state: 'timed_out' } });
    work.open();
    await clock.advance(0);
    expect(await scheduler.getJob('a')).toBeUndefined();
    expect(happened(EVENT_JOB_REMOVED)).toHaveLength(1);
  });

  it('says when it is tried again, where its task heeds its signal', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const options = { timeout: 10, retry: { attempts: 2, delay: 5 } };
    await scheduler.addJob({ id: 'a', task: heeding, trigger: 'date', runDate: START, ...options });
    await scheduler.start();
    await clock.advance('10s');
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ state: 'timed_out', retryAt: START + 15 * SECOND }]);
    await clock.advance('15s');
    expect((await scheduler.getRuns()).runs).toMatchObject([
      { state: 'timed_out', attempt: 2, startedAt: START + 15 * SECOND, finishedAt: START + 25 * SECOND },
      { state: 'timed_out', attempt: 1 },
    ]);
    expect(clock.pendingTimers).toBe(1);
    await scheduler.shutdown();
  });
});

describe('A timeout', () => {
  it('begins with the run and not with its wait for a place', async () => {
    const { scheduler, clock } = engineWorld();
    const first = gate();
    let calls = 0;
    await scheduler.addJob({
      id: 'a',
      task: (context: RunContext) => (calls++ === 0 ? first.promise : heeding(context)),
      trigger: 'interval',
      minutes: 1,
      endDate: START + 2 * MINUTE,
      overlap: 'queue',
      timeout: 90,
    });
    await scheduler.start();
    await clock.advance('140s');
    first.open();
    await clock.advance('89s');
    expect((await scheduler.getRuns({ state: 'running' })).runs).toHaveLength(1);
    await clock.advance('1s');
    expect((await scheduler.getRuns()).runs).toMatchObject([
      { state: 'timed_out', startedAt: START + 140 * SECOND, finishedAt: START + 230 * SECOND },
      { state: 'succeeded' },
    ]);
    await scheduler.shutdown();
  });

  it('leaves no timer behind when the run ends before it', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: () => 'done', trigger: 'date', runDate: START, timeout: '1h' });
    await scheduler.addJob({
      id: 'b',
      task: () => Promise.reject(new Error('no')),
      runDate: START,
      trigger: 'date',
      timeout: '1h',
    });
    await scheduler.start();
    await clock.advance(0);
    // The loop's own.
    expect(clock.pendingTimers).toBe(1);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no timer behind when the scheduler stops without waiting for the run any longer', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const work = gate();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1, timeout: '1h' });
    await scheduler.start();
    await clock.advance('1m');
    await scheduler.shutdown({ wait: false });
    expect(clock.pendingTimers).toBe(0);
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ state: 'lost' }]);
    work.open();
    await clock.advance('2h');
    expect(happened(EVENT_JOB_ERROR)).toHaveLength(1);
  });

  it('leaves no timer behind when the run is cancelled and goes on', async () => {
    const { scheduler, clock } = engineWorld();
    const work = gate();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1, timeout: '1h' });
    await scheduler.start();
    await clock.advance('1m');
    const [run] = (await scheduler.getRuns()).runs;
    await scheduler.cancelRun(run?.id ?? '');
    expect(clock.pendingTimers).toBe(1);
    await clock.advance('2h');
    expect(await scheduler.getRun(run?.id ?? '')).toMatchObject({ state: 'cancelled', settled: false });
    work.open();
    await scheduler.shutdown();
  });

  it('of thirty days is not over before, though a timer of Node.js cannot be so long', async () => {
    const clock = new ClockWithShortTimers(START);
    const { scheduler } = engineWorld({ clock });
    await scheduler.addJob({ id: 'a', task: heeding, trigger: 'date', runDate: START, timeout: '30d' });
    await scheduler.start();
    await clock.advance(0);
    await scheduler.pause();
    await clock.advance(30 * DAY - HOUR);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'running' }]);
    await clock.advance(HOUR);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'timed_out', finishedAt: START + 30 * DAY }]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([0, -1, NaN, Infinity, '', 'soon', '0s', true])('is refused when it is %s', async (timeout) => {
    const { scheduler } = engineWorld();
    const added = scheduler.addJob({ id: 'a', task: heeding, timeout: timeout as number });
    await expect(added).rejects.toThrow(/timeout must be a positive number of seconds|timeout must be a duration/);
  });

  it('works on the clock of the computer', async () => {
    const { scheduler, happened } = engineWorld({ clock: new SystemClock() });
    const over = gate();
    scheduler.addListener(() => over.open(), EVENT_JOB_ERROR);
    await scheduler.addJob({ id: 'a', task: heeding, timeout: '20ms' });
    await scheduler.start();
    await over.promise;
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ state: 'timed_out' }]);
    await scheduler.shutdown();
  });
});

/** A manual clock whose timers are cut as those of {@link SystemClock} are. */
class ClockWithShortTimers extends ManualClock implements Clock {
  override setTimer(callback: () => void, delayMs: number): Timer {
    return super.setTimer(callback, Math.min(delayMs, 2 ** 31 - 1));
  }
}
