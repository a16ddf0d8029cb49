import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_SUBMITTED,
  InvalidInputError,
  MemoryJobStore,
  RunLookupError,
  RunLostError,
  SchedulerNotRunningError,
  type JobDefinition,
  type Run,
  type RunRecord,
  type SchedulerOptions,
  type StoreContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { RemoteExecutor } from '../../../support/remote-executor.js';
import { engineWorld, gate, MINUTE, SECOND, START } from '../../../support/engine.js';

function world(options: SchedulerOptions = {}) {
  const remote = new RemoteExecutor();
  const all = engineWorld({ executors: { remote }, ...options });
  const { clock, scheduler } = all;
  scheduler.registerTask('work', () => {
    throw new Error('It is called in this process');
  });
  const add = (definition: Partial<JobDefinition> = {}): Promise<unknown> =>
    scheduler.addJob({ id: 'a', task: 'work', executor: 'remote', ...definition } as JobDefinition);
  const runs = async (): Promise<readonly Run[]> => (await scheduler.getRuns({ jobId: 'a' })).runs;
  return { ...all, remote, add, runs, latest: async () => (await runs())[0] as Run, settled: () => clock.advance(0) };
}

const DONE = { state: 'succeeded', returnValue: 42 } as const;

describe('A run that is handed over', () => {
  it('is recorded so, and ends as its executor says', async () => {
    const { add, happened, latest, remote, scheduler, settled } = world();
    await scheduler.start();
    await add({ args: [1] });
    await settled();
    const run = await latest();
    expect(run).toMatchObject({
      state: 'handed_over',
      executor: 'remote',
      startedAt: null,
      worker: null,
      settled: false,
    });
    expect(remote.place.published.get(run.id)).toMatchObject({ task: 'work', args: [1], attempt: 1, timeout: null });
    expect(happened(EVENT_JOB_SUBMITTED)).toMatchObject([{ runIds: [run.id], handedOver: true }]);
    remote.execution().started(START + 5 * SECOND, 'worker 7');
    remote.execution().started(START + 6 * SECOND, 'worker 8');
    remote.execution().context.progress(0.5);
    expect(await latest()).toMatchObject({
      state: 'handed_over',
      startedAt: START + 5 * SECOND,
      worker: 'worker 7',
      progress: 0.5,
    });
    remote.execution().settle(DONE);
    await settled();
    expect(await latest()).toMatchObject({ state: 'succeeded', result: 42, worker: 'worker 7' });
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ runId: run.id, returnValue: 42 }]);
    expect(await scheduler.getJob('a')).toBeUndefined();
    await scheduler.shutdown();
  });

  it('is the answer to who runs a job and waits for it', async () => {
    const { add, remote, scheduler, settled } = world();
    await scheduler.start();
    await add({ trigger: 'interval', hours: 1 });
    const answer = scheduler.runJob('a', { wait: true });
    await settled();
    expect(remote.place.runIds).toHaveLength(1);
    remote.execution().settle(DONE);
    expect(await answer).toBe(42);
    await scheduler.shutdown();
  });

  it('counts for maxInstances until it has ended', async () => {
    const { add, clock, remote, runs, scheduler } = world();
    await scheduler.start();
    await add({ trigger: 'interval', minutes: 1 });
    await clock.advance(3 * MINUTE);
    expect(remote.place.runIds).toHaveLength(1);
    expect((await runs()).map(({ state }) => state)).toEqual(['skipped', 'handed_over']);
    await scheduler.shutdown();
  });

  it('is handed over when its turn has come, one after the other', async () => {
    const { add, clock, remote, runs, scheduler } = world();
    await scheduler.start({ paused: true });
    await add({ trigger: 'interval', minutes: 1, coalesce: false });
    await clock.advance(3 * MINUTE);
    await scheduler.resume();
    await clock.advance(1);
    const states = async (): Promise<string[]> => (await runs()).map(({ state }) => state).toReversed();
    expect(await states()).toEqual(['handed_over', 'running', 'running']);
    remote.execution().settle(DONE);
    await clock.advance(1);
    expect(await states()).toEqual(['succeeded', 'handed_over', 'running']);
    expect(remote.place.runIds).toHaveLength(2);
    await scheduler.shutdown();
    expect(await states()).toEqual(['succeeded', 'handed_over', 'missed']);
  });

  it('times out so long after its start, not after its hand-over', async () => {
    const { add, clock, latest, remote, scheduler } = world();
    await scheduler.start();
    await add({ timeout: 30 });
    await clock.advance(10 * MINUTE);
    expect((await latest()).state).toBe('handed_over');
    remote.execution().started(clock.now() - 10 * SECOND, null);
    await clock.advance(19 * SECOND);
    expect(remote.aborted).toEqual([]);
    await clock.advance(SECOND);
    expect(remote.aborted).toHaveLength(1);
    remote.execution().settle({ state: 'failed', error: new Error('it was told to end') });
    await clock.advance(0);
    expect(await latest()).toMatchObject({ state: 'timed_out', reason: 'timeout' });
    await scheduler.shutdown();
  });

  it('times out where it runs', async () => {
    const { add, latest, remote, scheduler, settled } = world();
    await scheduler.start();
    await add({ retry: { attempts: 2, delay: 60 } });
    await settled();
    remote.execution().settle({ state: 'timed_out', error: new Error('too long') });
    await settled();
    expect(await latest()).toMatchObject({ state: 'timed_out', reason: 'timeout', retryAt: START + MINUTE });
    await scheduler.shutdown();
  });

  it('is cancelled by its executor', async () => {
    const { add, clock, latest, remote, scheduler, settled } = world();
    await scheduler.start();
    await add();
    await settled();
    const cancelled = scheduler.cancelRun((await latest()).id);
    await settled();
    expect(remote.aborted).toHaveLength(1);
    remote.execution().settle({ state: 'failed', error: new Error('removed from the queue') });
    await clock.advance(SECOND);
    expect(await cancelled).toMatchObject({ state: 'cancelled', reason: 'cancelled' });
    await scheduler.shutdown();
  });
});

describe('A handed-over run whose outcome nobody knows', () => {
  it('is made again at once, within the attempts of lost runs, and its job is paused then', async () => {
    const { add, happened, logger, remote, runs, scheduler, settled } = world();
    await scheduler.start();
    await add();
    await settled();
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(remote.place.runIds).toHaveLength(attempt);
      remote.execution().settle({ state: 'lost', error: new Error('the worker has died') });
      await settled();
      await settled();
    }
    expect(await runs()).toMatchObject([
      { state: 'lost', reason: 'worker lost', attempt: 3, retryAt: null, error: { message: 'the worker has died' } },
      { state: 'lost', attempt: 2 },
      { state: 'lost', attempt: 1 },
    ]);
    expect(happened(EVENT_JOB_ERROR)).toHaveLength(3);
    expect(await scheduler.getJob('a')).toMatchObject({ paused: true, nextRunTime: null });
    expect(logger.lines.join('\n')).toContain('Job "a" is paused: its last run was lost with its worker');
    await scheduler.shutdown();
  });

  it('is not made again when somebody waits for it', async () => {
    const { add, remote, scheduler, settled } = world();
    await scheduler.start();
    await add({ trigger: 'interval', hours: 1 });
    const answer = scheduler.runJob('a', { wait: true });
    const failure = answer.catch((error: unknown) => error);
    await settled();
    remote.execution().settle({ state: 'lost', error: new Error('the worker has died') });
    expect(await failure).toMatchObject({ message: 'the worker has died' });
    expect(remote.place.runIds).toHaveLength(1);
    expect(await scheduler.getJob('a')).toMatchObject({ paused: false });
    await scheduler.shutdown();
  });
});

describe('A scheduler that stops', () => {
  it('neither waits for handed-over runs nor aborts them, and adopts them when it starts again', async () => {
    const { add, clock, latest, remote, scheduler, settled } = world();
    await scheduler.start();
    await add();
    await settled();
    const { id } = await latest();
    const late = remote.execution();
    late.started(START, 'worker 7');
    await scheduler.shutdown({ timeout: 60 });
    expect(clock.now()).toBe(START);
    expect([remote.aborted, remote.released]).toEqual([[], [id]]);
    late.settle({ state: 'failed', error: new Error('too late') });
    await scheduler.start();
    await settled();
    expect(remote.adopted).toEqual([id]);
    expect(remote.place.runIds).toEqual([id]);
    expect(await latest()).toMatchObject({ id, state: 'handed_over', worker: 'worker 7', startedAt: START });
    remote.execution().settle(DONE);
    await settled();
    expect(await latest()).toMatchObject({ id, state: 'succeeded', result: 42 });
    expect(await scheduler.getJob('a')).toBeUndefined();
    await scheduler.shutdown();
  });

  it('tells who waits for a handed-over run', async () => {
    const { add, scheduler, settled } = world();
    await scheduler.start();
    await add({ trigger: 'interval', hours: 1 });
    const failure = scheduler.runJob('a', { wait: true }).catch((error: unknown) => error);
    await settled();
    await scheduler.shutdown();
    expect(await failure).toBeInstanceOf(SchedulerNotRunningError);
  });

  it('lets go of the runs of an executor that is removed, and adopts them when another one is added', async () => {
    const { add, clock, remote, scheduler, settled } = world();
    await scheduler.start();
    await add();
    await settled();
    const [id] = remote.place.runIds;
    await scheduler.removeExecutor('remote');
    expect(remote.released).toEqual([id]);
    const next = new RemoteExecutor(remote.place);
    scheduler.addExecutor(next, 'remote');
    await clock.advance(0);
    expect(next.adopted).toEqual([id]);
    await scheduler.shutdown();
  });

  it('leaves no timer behind', async () => {
    const { add, clock, scheduler, settled } = world();
    await scheduler.start();
    await add({ timeout: 10 });
    await settled();
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });
});

/** A store that says what stands under the lease of its node, as a shared one does at each heartbeat. */
class Leasing extends MemoryJobStore {
  context: StoreContext | undefined;

  override attach(context: StoreContext): void {
    super.attach(context);
    this.context = context;
  }
}

describe('A node whose run has been adopted by another one', () => {
  const told = async (times: number) => {
    const store = new Leasing();
    const all = world({ jobStores: { default: store } });
    const { add, clock, remote, scheduler } = all;
    await scheduler.start();
    await add({ trigger: 'interval', hours: 1 });
    const answer = scheduler.runJob('a', { wait: true }).catch((error: unknown) => error);
    await clock.advance(0);
    const [id = ''] = remote.place.runIds;
    for (let beat = 0; beat < times; beat++) store.context?.runsUnderLease(new Set(beat === 3 ? [id] : []));
    return { ...all, store, answer, id };
  };

  it('watches it until it has not stood under its lease three times in a row', async () => {
    const { remote, scheduler } = await told(2);
    expect(remote.released).toEqual([]);
    await scheduler.shutdown();
  });

  it('lets go of it then, and neither aborts nor records it', async () => {
    const { answer, clock, id, remote, scheduler } = await told(3);
    await clock.advance(0);
    expect([remote.released, remote.aborted]).toEqual([[id], []]);
    expect(await answer).toBeInstanceOf(RunLostError);
    expect(await scheduler.getRun(id)).toMatchObject({ state: 'handed_over', settled: false });
    await scheduler.shutdown();
  });

  it('tells who waits for it how it ended there', async () => {
    const { answer, clock, id, scheduler, store } = await told(2);
    const record = await store.getRun(id);
    store.getRun = () => Promise.resolve({ ...(record as RunRecord), state: 'succeeded', result: 42 });
    store.context?.runsUnderLease(new Set());
    await clock.advance(0);
    expect(await answer).toBe(42);
    await scheduler.shutdown();
  });
});

describe('An executor', () => {
  it('is told when an outcome is recorded, and not before, nor when the store refuses it', async () => {
    const store = new Leasing();
    const { clock, scheduler, remote, ...all } = world({ jobStores: { default: store } });
    await scheduler.start();
    await all.add({ trigger: 'interval', minutes: 1 });
    const record = store.record.bind(store);
    const answers = gate();
    store.record = async (runs) => (await answers.promise, record(runs));
    await clock.advance(MINUTE);
    const [first = ''] = remote.place.runIds;
    remote.execution().settle(DONE);
    await clock.advance(SECOND);
    expect(remote.recordedRuns).toEqual([]);
    answers.open();
    await clock.advance(SECOND);
    expect(remote.recordedRuns).toEqual([first]);
    store.record = (runs) => Promise.resolve({ removed: [], refused: runs.map(({ id }) => id) });
    await clock.advance(MINUTE);
    remote.execution().settle(DONE);
    await clock.advance(SECOND);
    expect(remote.recordedRuns).toEqual([first]);
    await scheduler.shutdown();
  });
});

describe('A node that loses its lease', () => {
  it('lets go of its handed-over runs, and does not abort them', async () => {
    const store = new Leasing();
    const { add, happened, remote, scheduler, settled } = world({ jobStores: { default: store } });
    await scheduler.start();
    await add();
    await settled();
    const [id] = remote.place.runIds;
    store.context?.lost();
    await settled();
    expect([remote.released, remote.aborted, happened(EVENT_JOB_ERROR)]).toEqual([[id], [], []]);
    await scheduler.shutdown();
  });
});

describe('settleRun()', () => {
  it('records how a handed-over run has ended, once', async () => {
    const { add, remote, scheduler, settled } = world();
    await scheduler.start();
    await add();
    await settled();
    const [id = ''] = remote.place.runIds;
    expect(await scheduler.settleRun(id, DONE)).toMatchObject({ id, state: 'succeeded', result: 42 });
    expect(remote.released).toEqual([id]);
    const again = await scheduler.settleRun(id, { state: 'failed', error: new Error('no') });
    expect(again).toMatchObject({ id, state: 'succeeded', result: 42 });
    await scheduler.shutdown();
  });

  it('refuses a run that is not handed over, one that there is not, and what is no outcome', async () => {
    const { clock, scheduler } = world();
    await scheduler.start();
    await scheduler.addJob({ id: 'here', task: () => new Promise(() => undefined) });
    await clock.advance(0);
    const [run] = (await scheduler.getRuns({ jobId: 'here' })).runs;
    await expect(scheduler.settleRun(run?.id ?? '', DONE)).rejects.toThrow(/is not handed over/);
    await expect(scheduler.settleRun('0', DONE)).rejects.toThrow(RunLookupError);
    const wrong = scheduler.settleRun(run?.id ?? '', { state: 'done' } as never);
    await expect(wrong).rejects.toThrow(InvalidInputError);
    await expect(wrong).rejects.toThrow(/outcome must have a state of succeeded, failed, timed_out, lost/);
    await scheduler.shutdown({ timeout: 0 });
  });
});
