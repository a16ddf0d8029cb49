import type { RunContext } from 'nestjs-apscheduler/engine';
import { describe, expect, it, vi } from 'vitest';
import { gate } from '../../../support/engine.js';
import { redisNodes, type RedisNode, type RedisNodes } from '../../../support/redis-nodes.js';
import { testServer } from '../../../support/servers/test-server.js';
import { StoppableClock } from '../../../support/stoppable-clock.js';

const server = await testServer('redis');
const patience = { timeout: 15_000, interval: 20 };

/** A task that begins, and hangs until the test lets it go on. */
function hanging(): { task: (context: RunContext) => Promise<void>; begun: Promise<RunContext>; end: () => void } {
  const begun = gate<RunContext>();
  const end = gate();
  const task = async (context: RunContext): Promise<void> => {
    begun.open(context);
    await end.promise;
  };
  return { task, begun: begun.promise, end: () => end.open() };
}

describe.runIf(server.available)('A node of several on one Redis', { timeout: 60_000 }, () => {
  const nodesOf = redisNodes(() => server.room());

  /** A node whose task `hang` is under way, and that stands still then. */
  async function vanished(
    nodes: RedisNodes,
    job = {},
  ): Promise<{ node: RedisNode; run: RunContext; clock: StoppableClock; end: () => void }> {
    const clock = new StoppableClock();
    const { task, begun, end } = hanging();
    const node = await nodes.start('gone', { clock, tasks: { hang: task } });
    await node.scheduler.addJob({ id: 'job', task: 'hang', trigger: 'date', runDate: new Date(), ...job });
    const run = await begun;
    clock.stop();
    return { node, run, clock, end };
  }
  const write = (nodes: RedisNodes, node: string) => (context: RunContext) => nodes.ledger.write(context, node);

  it('makes the runs again of one that has vanished', async () => {
    const nodes = await nodesOf();
    const { run, end } = await vanished(nodes);
    const heir = await nodes.start('heir', { tasks: { hang: write(nodes, 'heir') } });
    await nodes.ledger.reached(1);
    const { scheduledTime } = run;
    expect(nodes.ledger.lines).toMatchObject([{ jobId: 'job', scheduledTime, attempt: 2, node: 'heir' }]);
    await vi.waitFor(async () => {
      const { runs } = await heir.scheduler.getRuns({ jobId: 'job' });
      expect(runs.map(({ state, reason }) => [state, reason])).toEqual([
        ['succeeded', null],
        ['lost', 'node lost'],
      ]);
    }, patience);
    expect(await heir.scheduler.getJobs()).toEqual([]);
    end();
  });

  it('does so as soon as the lease of that one is over, however long it is until its own next beat', async () => {
    const nodes = await nodesOf();
    const { end } = await vanished(nodes);
    await nodes.start('heir', {
      tasks: { hang: write(nodes, 'heir') },
      store: { heartbeat: '1h', leaseTime: '3h' },
    });
    await nodes.ledger.reached(1);
    expect(nodes.ledger.lines).toMatchObject([{ jobId: 'job', attempt: 2, node: 'heir' }]);
    end();
  });

  it('has no say any more about runs that it has lost', async () => {
    const nodes = await nodesOf();
    const { node, run, clock, end } = await vanished(nodes);
    const heir = await nodes.start('heir', { tasks: { hang: write(nodes, 'heir') } });
    await nodes.ledger.reached(1);
    const record = vi.spyOn(node.store, 'record');
    end();
    await vi.waitFor(() => expect(record).toHaveResolved(), patience);
    expect(await record.mock.results[0]?.value).toEqual({ removed: [], refused: [run.runId] });
    expect((await heir.store.getRun(run.runId))?.state).toBe('lost');
    expect((await heir.store.getRun(run.runId))?.reason).toBe('node lost');
    clock.goOn();
  });

  it('is told to end what it has lost when it goes on, and takes work again', async () => {
    const nodes = await nodesOf();
    const { node, run, clock, end } = await vanished(nodes);
    const heir = await nodes.start('heir', { tasks: { hang: write(nodes, 'heir') } });
    await nodes.ledger.reached(1);
    await heir.scheduler.shutdown();
    clock.goOn();
    await vi.waitFor(() => expect(run.signal.aborted).toBe(true), patience);
    end();
    await node.scheduler.addJob({ id: 'next', task: 'work', trigger: 'date', runDate: new Date() });
    await nodes.ledger.reached(2);
    expect(nodes.ledger.lines[1]).toMatchObject({ jobId: 'next', node: 'gone' });
    expect(node.logger.lines.filter((line) => line.includes('has lost its lease'))).toHaveLength(1);
  });

  it('keeps what it has under way when it only is slow, and is within its lease', async () => {
    const nodes = await nodesOf();
    const { node, clock, end } = await vanished(nodes);
    const heir = await nodes.start('heir', { tasks: { hang: write(nodes, 'heir') } });
    clock.goOn();
    await vi.waitFor(async () => {
      end();
      const { runs } = await heir.scheduler.getRuns({ jobId: 'job' });
      expect(runs.map(({ state }) => state)).toEqual(['succeeded']);
    }, patience);
    expect(nodes.ledger.lines).toEqual([]);
    expect(node.logger.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('parks a job whose runs take every node with them', async () => {
    const nodes = await nodesOf();
    const { end } = await vanished(nodes);
    const heirs: RedisNode[] = [];
    const ends = [end];
    for (let count = 0; count < 2; count++) {
      const clock = new StoppableClock();
      const { task, begun, end: letGo } = hanging();
      heirs.push(await nodes.start(`heir-${count}`, { clock, tasks: { hang: task } }));
      expect((await begun).attempt).toBe(count + 2);
      clock.stop();
      ends.push(letGo);
    }
    const last = await nodes.start('last', { tasks: { hang: write(nodes, 'last') } });
    await vi.waitFor(async () => expect((await last.scheduler.getJob('job'))?.paused).toBe(true), patience);
    expect(last.logger.lines.filter((line) => line.startsWith('error: Job "job" is paused'))).toHaveLength(1);
    expect(nodes.ledger.lines).toEqual([]);
    const { runs } = await last.scheduler.getRuns({ jobId: 'job' });
    expect(runs.map(({ state, attempt }) => [state, attempt])).toEqual([
      ['lost', 3],
      ['lost', 2],
      ['lost', 1],
    ]);
    for (const letGo of ends) letGo();
  });

  it('that stops with a run under way leaves it to the others', async () => {
    const nodes = await nodesOf();
    const { task, begun, end } = hanging();
    const leaving = await nodes.start('leaving', { tasks: { hang: task } });
    await leaving.scheduler.addJob({ id: 'job', task: 'hang', trigger: 'date', runDate: new Date() });
    await begun;
    const heir = await nodes.start('heir', { tasks: { hang: write(nodes, 'heir') } });
    await leaving.scheduler.shutdown({ wait: false });
    await nodes.ledger.reached(1);
    const { runs } = await heir.scheduler.getRuns({ jobId: 'job', state: 'lost' });
    expect(runs).toMatchObject([{ state: 'lost', reason: 'shutdown', attempt: 1 }]);
    end();
  });
});
