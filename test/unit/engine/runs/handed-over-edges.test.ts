import {
  EVENT_JOB_EXECUTED,
  MemoryJobStore,
  SchedulerNotRunningError,
  type ClusterMethods,
  type ClusterState,
  type JobDefinition,
  type RecordResult,
  type Run,
  type RunRecord,
  type SchedulerOptions,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, SECOND, START } from '../../../support/engine.js';
import { RemoteExecutor } from '../../../support/remote-executor.js';

const DONE = { state: 'succeeded', returnValue: 42 } as const;
const RUNNING: ClusterState = { mode: 'running', version: 0, changedAt: null, changedBy: null };
const FAILED = { state: 'failed', error: new Error('no') } as const;

function world(options: SchedulerOptions = {}) {
  const remote = new RemoteExecutor();
  const all = engineWorld({ executors: { remote }, ...options });
  const { clock, scheduler } = all;
  scheduler.registerTask('work', () => undefined);
  const add = (definition: Partial<JobDefinition> = {}): Promise<unknown> =>
    scheduler.addJob({ id: 'a', task: 'work', executor: 'remote', ...definition } as JobDefinition);
  const runs = async (): Promise<readonly Run[]> => (await scheduler.getRuns({ jobId: 'a' })).runs;
  return { ...all, remote, add, runs, settled: () => clock.advance(0) };
}

/** A store that says it is shared, whose writes wait until they are let through. */
class Slow extends MemoryJobStore implements ClusterMethods {
  override readonly capabilities = { durable: false, shared: true, notifying: false };
  readonly written: RunRecord['state'][][] = [];
  gate: Promise<void> | null = null;

  override async record(runs: readonly RunRecord[]): Promise<RecordResult> {
    this.written.push(runs.map(({ state }) => state));
    await this.gate;
    return super.record(runs);
  }

  clusterState = (): Promise<ClusterState> => Promise.resolve(RUNNING);
  turnCluster = (): Promise<ClusterState> => Promise.resolve(RUNNING);
  cancelRun = (): Promise<boolean> => Promise.resolve(false);
  leaveRuns = (): Promise<void> => Promise.resolve();
  claimStart = (): Promise<boolean> => Promise.resolve(true);
  getNodes = (): Promise<readonly []> => Promise.resolve([]);
  leaseHolds = (): boolean => true;
}

describe('A write under way', () => {
  it('does not stand for the outcome that comes after it', async () => {
    const store = new Slow();
    const { add, clock, remote, scheduler, settled } = world({ jobStores: { default: store } });
    await scheduler.start();
    await add();
    await settled();
    const [id = ''] = remote.place.runIds;
    remote.execution().started(START, 'worker 7');
    const [first, second] = [gate(), gate()];
    store.gate = first.promise;
    await clock.advance(4 * SECOND);
    expect(store.written).toEqual([['handed_over']]);
    store.gate = second.promise;
    remote.execution().settle(DONE);
    await settled();
    first.open();
    await clock.advance(SECOND);
    expect(store.written).toEqual([['handed_over'], ['succeeded']]);
    expect(remote.recordedRuns).toEqual([]);
    second.open();
    await settled();
    expect(remote.recordedRuns).toEqual([id]);
    await scheduler.shutdown();
  });
});

describe('An adopted run', () => {
  it('times out so long after its start, wherever that was heard of', async () => {
    const { add, clock, remote, runs, scheduler, settled } = world();
    await scheduler.start();
    await add({ timeout: 60 });
    await settled();
    remote.execution().started(START, 'worker 7');
    await scheduler.shutdown();
    await clock.advance(30 * SECOND);
    await scheduler.start();
    await clock.advance(29 * SECOND);
    expect(remote.aborted).toEqual([]);
    await clock.advance(SECOND);
    expect(remote.aborted).toHaveLength(1);
    remote.execution().settle(FAILED);
    await settled();
    expect(await runs()).toMatchObject([{ state: 'timed_out', finishedAt: START + MINUTE }]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('settleRun() on a scheduler that has let go of a run', () => {
  it('counts one outcome that comes twice at the same time once', async () => {
    const { add, clock, remote, scheduler } = world();
    await scheduler.start();
    await add({ trigger: 'interval', hours: 1, pauseAfterFailures: 2 });
    await clock.advance(HOUR);
    const [id = ''] = remote.place.runIds;
    await scheduler.drain({ scope: 'node' });
    await Promise.all([scheduler.settleRun(id, FAILED), scheduler.settleRun(id, FAILED)]);
    await clock.advance(0);
    expect(await scheduler.getJob('a')).toMatchObject({ failures: 1, paused: false });
    expect((await scheduler.statistics()).lastHour.outcomes).toEqual({ failed: 1 });
    await scheduler.shutdown();
  });

  it('tells of the outcome though the job is gone', async () => {
    const { add, happened, remote, scheduler, settled } = world();
    await scheduler.start();
    await add();
    await settled();
    const [id = ''] = remote.place.runIds;
    await scheduler.drain({ scope: 'node' });
    await scheduler.removeJob('a');
    expect(await scheduler.settleRun(id, DONE)).toMatchObject({ state: 'succeeded', result: 42 });
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ runId: id, returnValue: 42 }]);
    await scheduler.shutdown();
  });
});

describe('settleRun()', () => {
  it('frees the place of a run that was cancelled, and went on', async () => {
    const { add, clock, remote, scheduler, settled } = world();
    await scheduler.start();
    await add({ trigger: 'interval', hours: 1 });
    await clock.advance(HOUR);
    const [id = ''] = remote.place.runIds;
    const cancelled = scheduler.cancelRun(id);
    await clock.advance(2 * SECOND);
    expect(await cancelled).toMatchObject({ state: 'cancelled', settled: false });
    expect(await scheduler.settleRun(id, FAILED)).toMatchObject({ state: 'cancelled', settled: true });
    await settled();
    await clock.advance(HOUR);
    expect(remote.place.runIds).toHaveLength(2);
    await scheduler.shutdown();
  });
});

describe('Removing an executor', () => {
  it('leaves what has just been handed over to who adopts it', async () => {
    const { add, clock, remote, runs, scheduler } = world();
    await scheduler.start({ paused: true });
    await add({ trigger: 'interval', minutes: 1, coalesce: false });
    await clock.advance(3 * MINUTE);
    await scheduler.resume();
    await clock.advance(1);
    await scheduler.removeExecutor('remote');
    await clock.advance(1);
    const states = async (): Promise<string[]> => (await runs()).map(({ state }) => state).toReversed();
    expect(await states()).not.toContain('failed');
    scheduler.addExecutor(new RemoteExecutor(remote.place), 'remote');
    await clock.advance(1);
    expect(await states()).not.toContain('failed');
    await scheduler.shutdown();
  });
});

describe('Removing a job store', () => {
  it('lets go of its handed-over runs', async () => {
    const { add, clock, remote, scheduler, settled } = world({ jobStores: { other: new MemoryJobStore() } });
    await scheduler.start();
    await add({ jobStore: 'other', trigger: 'interval', hours: 1, timeout: 60 });
    const answer = scheduler.runJob('a', { wait: true }).catch((error: unknown) => error);
    await settled();
    const [id] = remote.place.runIds;
    remote.execution().started(START, null);
    await scheduler.removeJobStore('other');
    expect(remote.released).toEqual([id]);
    expect(await answer).toBeInstanceOf(SchedulerNotRunningError);
    await clock.advance(2 * MINUTE);
    expect(remote.aborted).toEqual([]);
    await scheduler.shutdown();
  });
});
