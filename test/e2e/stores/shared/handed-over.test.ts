import { EVENT_JOB_EXECUTED, Scheduler, type SchedulerEvent } from 'nestjs-apscheduler/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { memoryLogger } from '../../../support/engine.js';
import { RemoteExecutor, RemotePlace } from '../../../support/remote-executor.js';
import { sharedPlaces } from '../../../support/shared-stores.js';

const places = await sharedPlaces();
const DONE = { state: 'succeeded', returnValue: { rows: 3 } } as const;

interface Node {
  readonly scheduler: Scheduler;
  readonly remote: RemoteExecutor;
  readonly executed: SchedulerEvent[];
}

describe.each(places.filter(({ available }) => available))('A handed-over run on $title', ({ make }) => {
  async function world() {
    const newStore = await make();
    const place = new RemotePlace();
    const join = async (node: string): Promise<Node> => {
      const remote = new RemoteExecutor(place);
      const executors = { remote };
      const scheduler = new Scheduler({ node, logger: memoryLogger(), jobStores: { default: newStore() }, executors });
      onTestFinished(async () => {
        if (scheduler.running) await scheduler.shutdown({ wait: false });
      });
      scheduler.registerTask('work', () => undefined);
      const executed: SchedulerEvent[] = [];
      scheduler.addListener((event) => executed.push(event), EVENT_JOB_EXECUTED);
      await scheduler.start();
      return { scheduler, remote, executed };
    };
    return { place, join };
  }

  /** A node that has handed over the run of a one-shot job: its id. */
  async function handOver({ scheduler, remote }: Node): Promise<string> {
    await scheduler.addJob({ id: 'a', task: 'work', executor: 'remote', args: [1] });
    await expect.poll(() => remote.watched.size, { timeout: 10_000 }).toBe(1);
    return [...remote.watched.keys()][0] as string;
  }

  it('is adopted, and published again under its id, when its node has stopped', async () => {
    const { place, join } = await world();
    const first = await join('first');
    const id = await handOver(first);
    first.remote.execution(id).started(first.scheduler.clock.now(), 'worker 7');
    await first.scheduler.shutdown();
    expect([first.remote.released, first.remote.aborted]).toEqual([[id], []]);
    const second = await join('second');
    expect(second.remote.adopted).toEqual([id]);
    expect([place.runIds, place.times.get(id)]).toEqual([[id], 2]);
    const known = { id, state: 'handed_over', node: 'first', executor: 'remote', attempt: 1 };
    expect(await second.scheduler.getRun(id)).toMatchObject(known);
    expect((await second.scheduler.getJobs()).map((job) => job.id)).toEqual(['a']);
    second.remote.execution(id).settle(DONE);
    expect(await second.scheduler.getRun(id)).toMatchObject({ ...known, state: 'succeeded', result: { rows: 3 } });
    expect(await second.scheduler.getJobs()).toEqual([]);
    expect(second.executed).toMatchObject([{ runId: id }]);
  });

  it('is published by the node that adopts it when its own had recorded it, and had not published it', async () => {
    const { place, join } = await world();
    const first = await join('first');
    // As if the process had ended between the claim and the publication.
    let claimed = '';
    first.remote.submit = ({ context }) => void (claimed = context.runId);
    await first.scheduler.addJob({ id: 'a', task: 'work', executor: 'remote', args: [1] });
    await expect.poll(() => claimed, { timeout: 10_000 }).not.toBe('');
    expect([place.runIds, (await first.scheduler.getRun(claimed))?.state]).toEqual([[], 'handed_over']);
    await first.scheduler.shutdown();
    const second = await join('second');
    expect([place.runIds, place.times.get(claimed)]).toEqual([[claimed], 1]);
    expect(place.published.get(claimed)).toMatchObject({ args: [1], attempt: 1 });
    second.remote.execution(claimed).settle(DONE);
    expect(await second.scheduler.getRun(claimed)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect((await second.scheduler.getRuns({ jobId: 'a' })).runs).toHaveLength(1);
  });

  it('is settled on any node, once', async () => {
    const { place, join } = await world();
    const first = await join('first');
    const id = await handOver(first);
    const second = await join('second');
    const failed = { state: 'failed', error: new Error('too late') } as const;
    expect(await second.scheduler.settleRun(id, DONE)).toMatchObject({ id, state: 'succeeded', result: { rows: 3 } });
    expect(await first.scheduler.settleRun(id, failed)).toMatchObject({ id, state: 'succeeded' });
    first.remote.execution(id).settle(failed);
    expect(await first.scheduler.getRun(id)).toMatchObject({ id, state: 'succeeded', retryAt: null });
    expect(await second.scheduler.getJobs()).toEqual([]);
    expect(place.times.get(id)).toBe(1);
  });

  it('is counted once, and keeps its first result, when two nodes say that it has succeeded', async () => {
    const { join } = await world();
    const first = await join('first');
    const id = await handOver(first);
    const second = await join('second');
    const { finishedAt } = await second.scheduler.settleRun(id, DONE);
    await expect.poll(() => first.scheduler.clock.now()).toBeGreaterThan(finishedAt as number);
    first.remote.execution(id).settle({ state: 'succeeded', returnValue: 'late' });
    expect(await first.scheduler.getRun(id)).toMatchObject({ state: 'succeeded', result: { rows: 3 } });
    expect([first.remote.recordedRuns, second.remote.recordedRuns]).toEqual([[], [id]]);
    await Promise.all([first, second].map(({ scheduler }) => scheduler.shutdown()));
    const third = await join('third');
    expect((await third.scheduler.statistics()).lastHour.outcomes).toEqual({ succeeded: 1 });
  });

  it('is cancelled on any node, by the one that watches it', async () => {
    const { join } = await world();
    const first = await join('first');
    const id = await handOver(first);
    const second = await join('second');
    const cancelled = second.scheduler.cancelRun(id);
    await expect.poll(() => first.remote.aborted, { timeout: 10_000 }).toEqual([id]);
    first.remote.execution(id).settle({ state: 'failed', error: new Error('removed from the queue') });
    expect(await cancelled).toMatchObject({ state: 'cancelled', reason: 'cancelled', settled: true });
    expect([second.remote.adopted, second.remote.aborted]).toEqual([[], []]);
  });

  it('is cancelled on any node that has its executor when none watches it', async () => {
    const { join } = await world();
    const first = await join('first');
    const id = await handOver(first);
    await first.scheduler.drain({ scope: 'node' });
    const second = await join('second');
    const cancelled = second.scheduler.cancelRun(id);
    await expect.poll(() => second.remote.aborted, { timeout: 10_000 }).toEqual([id]);
    second.remote.execution(id).settle({ state: 'failed', error: new Error('removed from the queue') });
    expect(await cancelled).toMatchObject({ state: 'cancelled', reason: 'cancelled', settled: true });
    expect(first.remote.aborted).toEqual([]);
  });

  it('is adopted again by a node that goes on after it has let go of it, and has its place until then', async () => {
    const { place, join } = await world();
    const { remote, scheduler } = await join('first');
    await scheduler.addJob({ id: 'a', task: 'work', executor: 'remote', trigger: 'interval', seconds: 1 });
    await expect.poll(() => remote.watched.size, { timeout: 10_000 }).toBe(1);
    const [id = ''] = place.runIds;
    await scheduler.drain({ scope: 'node' });
    await scheduler.resume();
    await expect.poll(() => remote.adopted, { timeout: 10_000 }).toEqual([id]);
    const skipped = async (): Promise<unknown> =>
      (await scheduler.getRuns({ jobId: 'a', state: 'skipped' })).runs.length;
    await expect.poll(skipped, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(place.runIds).toEqual([id]);
  });

  it('is settled on a node that has let go of it', async () => {
    const { place, join } = await world();
    const node = await join('first');
    const id = await handOver(node);
    await node.scheduler.removeExecutor('remote');
    expect(await node.scheduler.settleRun(id, DONE)).toMatchObject({ id, state: 'succeeded', result: { rows: 3 } });
    expect(place.times.get(id)).toBe(1);
  });
});
