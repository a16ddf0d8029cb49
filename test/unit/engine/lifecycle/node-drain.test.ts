import {
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MISSED,
  InvalidInputError,
  LocalExecutor,
  SchedulerNotRunningError,
  STATE_PAUSED,
  STATE_RUNNING,
  STATE_STOPPED,
  type RunContext,
  type SchedulerOptions,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND } from '../../../support/engine.js';
import { RemoteExecutor } from '../../../support/remote-executor.js';

/** A scheduler with one run under way, which ends when the test says so, and a job that fires every second. */
async function busy(options: SchedulerOptions = {}) {
  const world = engineWorld(options);
  const { clock, scheduler } = world;
  const end = gate();
  let signal: AbortSignal | undefined;
  const task = (context: RunContext): Promise<void> => {
    signal = context.signal;
    return end.promise;
  };
  await scheduler.addJob({ id: 'long', task, trigger: 'date', runDate: clock.now() + SECOND });
  await scheduler.addJob({ id: 'often', task: () => 1, trigger: 'interval', seconds: 1 });
  await scheduler.start();
  await clock.advance(SECOND);
  const state = { isDrained: false };
  const drain = (timeout?: number): Promise<void> =>
    scheduler.drain({ scope: 'node', ...(timeout !== undefined && { timeout }) }).then(() => {
      state.isDrained = true;
    });
  const ran = (): string[] => world.happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId);
  return { ...world, drain, end, ran, state, signal: () => signal };
}

describe('Draining a node', () => {
  it('ends what is under way, claims nothing more, and goes on when it is resumed', async () => {
    const { clock, drain, end, ran, scheduler, signal, state } = await busy();
    const drained = drain(60);
    await clock.advance(5 * SECOND);
    expect(ran()).toEqual(['often']);
    expect(scheduler.state).toBe(STATE_PAUSED);
    expect(scheduler.health()).toMatchObject({ state: 'paused', activeRuns: 1 });
    expect(state.isDrained).toBe(false);
    end.open();
    await clock.advance(0);
    await drained;
    expect(signal()?.aborted).toBe(false);
    expect(ran()).toEqual(['often', 'long']);
    expect((await scheduler.getRuns({ jobId: 'long' })).runs).toMatchObject([{ state: 'succeeded' }]);
    await clock.advance(5 * SECOND);
    expect(ran()).toHaveLength(2);
    await scheduler.resume();
    await clock.advance(SECOND);
    expect(scheduler.state).toBe(STATE_RUNNING);
    expect(ran().length).toBeGreaterThan(2);
    await scheduler.shutdown();
  });

  it('aborts what has not ended in time, and stays drained', async () => {
    const { clock, drain, end, ran, scheduler, signal, state } = await busy();
    const drained = drain(5);
    await clock.advance(4 * SECOND);
    expect(signal()?.aborted).toBe(false);
    await clock.advance(2 * SECOND);
    await drained;
    expect(signal()?.aborted).toBe(true);
    expect(state.isDrained).toBe(true);
    await clock.advance(5 * SECOND);
    expect(ran()).toEqual(['often']);
    end.open();
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets go of what waits for its turn, for whoever goes on', async () => {
    const { clock, drain, end, happened, ran, scheduler } = await busy({
      executors: { default: new LocalExecutor({ concurrency: 1 }) },
    });
    await clock.advance(SECOND);
    const drained = drain(60);
    await clock.advance(0);
    expect(happened(EVENT_JOB_MISSED)).toMatchObject([{ jobId: 'often', reason: 'paused' }]);
    end.open();
    await clock.advance(0);
    await drained;
    expect(ran()).toEqual(['long']);
    await scheduler.resume();
    await clock.advance(0);
    expect(ran()).toContain('often');
    await scheduler.shutdown();
  });

  it('is over when the scheduler is resumed, and aborts nothing then', async () => {
    const { clock, drain, end, ran, scheduler, signal } = await busy();
    const drained = drain(5);
    await clock.advance(SECOND);
    await scheduler.resume();
    await drained;
    await clock.advance(10 * SECOND);
    expect(signal()?.aborted).toBe(false);
    expect(ran().length).toBeGreaterThan(5);
    end.open();
    await clock.advance(0);
    await scheduler.shutdown();
  });

  it('is over when the scheduler is shut down, by whose time-out runs are aborted', async () => {
    const { clock, drain, end, scheduler, signal } = await busy();
    const drained = drain(Infinity);
    await clock.advance(SECOND);
    const down = scheduler.shutdown({ timeout: 2 });
    await clock.advance(3 * SECOND);
    await Promise.all([drained, down]);
    expect(signal()?.aborted).toBe(true);
    expect(scheduler.state).toBe(STATE_STOPPED);
    expect(clock.pendingTimers).toBe(0);
    end.open();
    // A later start is not drained.
    await scheduler.start();
    await expect(scheduler.runJob('often')).resolves.toBe(1);
    await scheduler.shutdown();
  });

  it('is not waited for by the run that asks for it', async () => {
    const { clock, scheduler, happened } = engineWorld();
    const task = async (): Promise<string> => {
      await scheduler.drain({ timeout: Infinity });
      return 'drained';
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'date', runDate: clock.now() + SECOND });
    await scheduler.start();
    await clock.advance(SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ returnValue: 'drained' }]);
    expect(scheduler.state).toBe(STATE_PAUSED);
    await scheduler.shutdown();
  });

  it('lets go of runs that are handed over, and watches them again when it is resumed', async () => {
    const remote = new RemoteExecutor();
    const { clock, scheduler } = engineWorld({ executors: { remote } });
    scheduler.registerTask('work', () => 1);
    await scheduler.addJob({ id: 'a', task: 'work', executor: 'remote' });
    await scheduler.start();
    await clock.advance(0);
    const [runId] = remote.place.runIds;
    await scheduler.drain({ timeout: Infinity });
    expect(remote.aborted).toEqual([]);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ id: runId, state: 'handed_over' }]);
    await scheduler.resume();
    await clock.advance(0);
    expect(remote.execution().isAdopted).toBe(true);
    remote.execution().settle({ state: 'succeeded', returnValue: 42 });
    await clock.advance(0);
    expect((await scheduler.getRuns()).runs).toMatchObject([{ id: runId, state: 'succeeded', result: 42 }]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets no run begin by hand', async () => {
    const { clock, drain, end, scheduler } = await busy();
    const drained = drain(60);
    await clock.advance(0);
    await expect(scheduler.runJob('often')).rejects.toThrow('it is drained');
    end.open();
    await clock.advance(0);
    await drained;
    await expect(scheduler.runJob('often', { wait: false })).rejects.toMatchObject({ code: 'NOT_RUN_HERE' });
    await scheduler.shutdown();
  });

  it('is recorded as a pause in the audit trail', async () => {
    const { clock, drain, end, scheduler } = await busy();
    end.open();
    await clock.advance(0);
    await drain();
    const { entries } = await scheduler.getAudit({ action: ['scheduler.pause'] });
    expect(entries).toMatchObject([{ changes: [{ field: 'state', before: 'running', after: 'paused' }] }]);
    await scheduler.shutdown();
  });

  it('is of this node alone', async () => {
    const { scheduler } = engineWorld();
    await expect(scheduler.drain({ scope: 'cluster' })).rejects.toThrow(InvalidInputError);
    await expect(scheduler.drain({ scope: 'all' as 'node' })).rejects.toThrow('scope must be "cluster" or "node"');
    await scheduler.start();
    await expect(scheduler.drain({ scope: 'cluster' })).rejects.toThrow('scope must be "node"');
    await scheduler.shutdown();
    await expect(scheduler.resume()).rejects.toThrow(SchedulerNotRunningError);
  });
});
