import {
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MISSED,
  EVENT_SCHEDULER_PAUSED,
  EVENT_SCHEDULER_RESUMED,
  EVENT_SCHEDULER_SHUTDOWN,
  EVENT_SCHEDULER_STARTED,
  LocalExecutor,
  MemoryJobStore,
  Scheduler,
  SchedulerAlreadyRunningError,
  SchedulerNotRunningError,
  STATE_PAUSED,
  STATE_RUNNING,
  STATE_STOPPED,
  type RunContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, SECOND, START } from '../../support/engine.js';

describe('A scheduler', () => {
  it('is stopped until it is started, and stopped again after its shutdown', async () => {
    const { scheduler } = engineWorld();
    expect([scheduler.state, scheduler.running]).toEqual([STATE_STOPPED, false]);
    await scheduler.start();
    expect([scheduler.state, scheduler.running]).toEqual([STATE_RUNNING, true]);
    await scheduler.shutdown();
    expect([scheduler.state, scheduler.running]).toEqual([STATE_STOPPED, false]);
  });

  it('counts as running while it is paused', async () => {
    const { scheduler } = engineWorld();
    await scheduler.start({ paused: true });
    expect([scheduler.state, scheduler.running]).toEqual([STATE_PAUSED, true]);
    await scheduler.resume();
    expect(scheduler.state).toBe(STATE_RUNNING);
    await scheduler.pause();
    expect(scheduler.state).toBe(STATE_PAUSED);
    await scheduler.shutdown();
  });

  it('tells its listeners of each change of state, once', async () => {
    const { scheduler, events } = engineWorld();
    await scheduler.start();
    await scheduler.pause();
    await scheduler.pause();
    await scheduler.resume();
    await scheduler.resume();
    await scheduler.shutdown();
    expect(events.map(({ code }) => code)).toEqual([
      EVENT_SCHEDULER_STARTED,
      EVENT_SCHEDULER_PAUSED,
      EVENT_SCHEDULER_RESUMED,
      EVENT_SCHEDULER_SHUTDOWN,
    ]);
  });

  it('refuses to start twice, also when the first start is still under way', async () => {
    const { scheduler } = engineWorld();
    const first = scheduler.start();
    await expect(scheduler.start()).rejects.toThrow(SchedulerAlreadyRunningError);
    await first;
    await expect(scheduler.start()).rejects.toThrow('Scheduler is already running');
    await scheduler.shutdown();
  });

  it('refuses to pause, resume or shut down when it is stopped', async () => {
    const { scheduler } = engineWorld();
    for (const refused of [scheduler.pause(), scheduler.resume(), scheduler.shutdown()]) {
      await expect(refused).rejects.toThrow(SchedulerNotRunningError);
    }
  });

  it('shuts down once when it is told twice', async () => {
    const { scheduler, happened } = engineWorld();
    await scheduler.start();
    const first = scheduler.shutdown();
    await scheduler.shutdown();
    await first;
    expect(happened(EVENT_SCHEDULER_SHUTDOWN)).toHaveLength(1);
    await expect(scheduler.shutdown()).rejects.toThrow('Scheduler is not running');
  });

  it('sets no timer while it is stopped or paused, and one for all jobs while it runs', async () => {
    const { scheduler, clock } = engineWorld();
    for (let n = 0; n < 10; n++) {
      await scheduler.addJob({ task: () => undefined, trigger: 'interval', seconds: n + 1 });
    }
    expect(clock.pendingTimers).toBe(0);
    await scheduler.start();
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(1);
    await scheduler.pause();
    expect(clock.pendingTimers).toBe(0);
    await scheduler.resume();
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('runs nothing while it is paused, and what fell due once it goes on', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ task: () => undefined, trigger: 'interval', minutes: 1 });
    await scheduler.start({ paused: true });
    await clock.advance(10 * MINUTE);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(0);
    await scheduler.resume();
    await clock.advance(0);
    expect(happened(EVENT_JOB_EXECUTED).map((event) => event.scheduledRunTime)).toEqual([START + 10 * MINUTE]);
    await scheduler.shutdown();
  });

  it('goes on with its jobs, in phase, when it is started again', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'hourly', task: () => undefined, trigger: 'interval', hours: 1 });
    await scheduler.start();
    await clock.advance(30 * MINUTE);
    await scheduler.shutdown();
    await clock.advance(45 * MINUTE);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(0);
    await scheduler.start();
    await clock.advance(HOUR);
    expect(happened(EVENT_JOB_EXECUTED).map((event) => event.scheduledRunTime)).toEqual([
      START + HOUR,
      START + 2 * HOUR,
    ]);
    await scheduler.shutdown();
  });

  it('waits at its shutdown for a job that is running, and starts no other', async () => {
    const { scheduler, clock, events } = engineWorld();
    const { promise, open } = gate<string>();
    await scheduler.addJob({ id: 'slow', task: () => promise, trigger: 'interval', seconds: 5 });
    await scheduler.start();
    await clock.advance(5 * SECOND);
    const down = scheduler.shutdown();
    await clock.advance(6 * SECOND);
    expect(events.at(-1)?.code).not.toBe(EVENT_SCHEDULER_SHUTDOWN);
    open('done');
    await down;
    expect(events.slice(-2)).toMatchObject([
      { code: EVENT_JOB_EXECUTED, returnValue: 'done' },
      { code: EVENT_SCHEDULER_SHUTDOWN },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('aborts what is still running when the shutdown has waited for long enough', async () => {
    const { scheduler, clock, happened } = engineWorld();
    let signal: AbortSignal | undefined;
    const task = (context: RunContext): Promise<void> => {
      signal = context.signal;
      return new Promise(() => undefined);
    };
    await scheduler.addJob({ task, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(SECOND);
    const down = scheduler.shutdown({ timeout: 3 });
    await clock.advance(2.9 * SECOND);
    expect(signal?.aborted).toBe(false);
    await clock.advance(0.1 * SECOND);
    await down;
    expect(signal?.aborted).toBe(true);
    expect(happened(EVENT_SCHEDULER_SHUTDOWN)).toHaveLength(1);
  });

  it('waits ten seconds unless told otherwise', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ task: () => new Promise(() => undefined), trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(SECOND);
    const down = scheduler.shutdown();
    await clock.advance(9.9 * SECOND);
    expect(happened(EVENT_SCHEDULER_SHUTDOWN)).toHaveLength(0);
    await clock.advance(0.1 * SECOND);
    await down;
    expect(happened(EVENT_SCHEDULER_SHUTDOWN)).toHaveLength(1);
  });

  it('shows an aborted signal also to a task that looks only after the abort', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate();
    let seen: boolean | undefined;
    const task = async (context: RunContext): Promise<void> => {
      await promise;
      seen = context.signal.aborted;
    };
    await scheduler.addJob({ task, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await clock.advance(SECOND);
    await scheduler.shutdown({ wait: false });
    open();
    await clock.advance(0);
    expect(seen).toBe(true);
  });

  it('tells of runs that its shutdown kept from starting, and makes up for the last run of a job at the next start', async () => {
    const { scheduler, clock, happened } = engineWorld({
      executors: { default: new LocalExecutor({ concurrency: 1 }) },
    });
    const ran: string[] = [];
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'first', task: () => promise, trigger: 'interval', seconds: 1 });
    await scheduler.addJob({ id: 'once', task: () => ran.push('once'), trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    await clock.advance(SECOND);
    expect(ran).toEqual([]);
    await scheduler.shutdown({ wait: false });
    expect(happened(EVENT_JOB_MISSED)).toMatchObject([{ jobId: 'once', reason: 'shutdown' }]);
    open();
    await clock.advance(0);
    expect(await scheduler.getJob('once')).toMatchObject({ nextRunTime: null });
    await scheduler.start();
    await clock.advance(0);
    expect(ran).toEqual(['once']);
    expect(await scheduler.getJob('once')).toBeUndefined();
    await scheduler.shutdown();
  });

  it('ends runs by hand on a stopped scheduler when it is drained', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate<string>();
    let signal: AbortSignal | undefined;
    const task = (context: RunContext): Promise<string> => {
      signal = context.signal;
      return promise;
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', hours: 1 });
    await scheduler.drain();
    const refused = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(0);
    const drained = scheduler.drain({ timeout: 5 });
    await clock.advance(5 * SECOND);
    await drained;
    expect(signal?.aborted).toBe(true);
    expect(await refused).toMatchObject({ code: 'NOT_RUNNING' });
    open('late');
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([-1, Number.NaN, '5', null])('refuses a shutdown time-out of %s', async (timeout) => {
    const { scheduler } = engineWorld();
    await scheduler.start();
    await expect(scheduler.shutdown({ timeout: timeout as number })).rejects.toThrow(
      /timeout (must be a number of seconds from 0 or a duration|needs a unit)/,
    );
    await scheduler.shutdown();
  });

  it('stays stopped, with every store closed, when a store cannot be opened', async () => {
    const calls: string[] = [];
    class Good extends MemoryJobStore {
      async start(): Promise<void> {
        calls.push('good opened');
      }
      async stop(): Promise<void> {
        calls.push('good closed');
      }
    }
    class Broken extends MemoryJobStore {
      async start(): Promise<void> {
        throw new Error('postgres://app:s3cret@db/app: no disk');
      }
    }
    const { scheduler, clock } = engineWorld({ jobStores: { default: new Good(), broken: new Broken() } });
    // Over REST it is shown to whoever asked for the start.
    await expect(scheduler.start()).rejects.toThrow('Job store "broken" cannot be opened: postgres://db/app: no disk');
    expect(scheduler.running).toBe(false);
    expect(calls).toEqual(['good opened', 'good closed']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses options that cannot be used, naming them', () => {
    expect(() => new Scheduler({ timezone: 'Mars/Olympus' })).toThrow(/timezone.*Mars\/Olympus/);
    expect(() => new Scheduler({ shutdownTimeout: -3 })).toThrow(/shutdownTimeout .*-3/);
    expect(() => new Scheduler({ jobDefaults: { maxInstances: 0 } })).toThrow(/maxInstances .*got 0/);
    expect(() => new Scheduler({ jobDefaults: { misfireGraceTime: -1 } })).toThrow(/misfireGraceTime .*got -1/);
    expect(() => new Scheduler({ jobDefaults: { coalesce: 'yes' as unknown as boolean } })).toThrow(/coalesce .*"yes"/);
    expect(() => new LocalExecutor({ concurrency: 0 })).toThrow(/concurrency .*got 0/);
  });
});
