import { Redis, type RedisOptions } from 'ioredis';
import { ManualClock, type RunState } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RECOVER_RUNS } from '../../../../lib/stores/redis/scripts/node-scripts.js';
import { record } from '../../../contract/job-store.suite.js';
import { end, newRun, onTo, T } from '../../../contract/runs.js';
import { gate } from '../../../support/engine.js';
import { contextOf } from '../../../support/redis-store.js';
import type { Room } from '../../../support/servers/server-recipe.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('redis');
const BEAT = 5000;
const LEASE = 15_000;

/** A node without a scheduler. Its beats come when its clock is turned; the server's clock is the test's. */
interface Node {
  readonly store: RedisJobStore;
  /** How often it was told that it has lost its lease. */
  losses: number;
  /** The ids of the runs that it holds. */
  readonly held: Set<string>;
  /** Whether no answer comes to it. */
  isDeaf: boolean;
  beat(): Promise<void>;
}

describe.runIf(server.available)('A lease on Redis that went by', { timeout: 30_000 }, () => {
  let room: Room;
  let now: number;
  let nodes: RedisJobStore[];

  beforeEach(async () => {
    room = await server.room();
    now = T;
    nodes = [];
  });

  afterEach(async () => {
    await Promise.all(nodes.map((store) => store.stop()));
  });

  /** @param beforeCall - is waited for before the server is told to run a script. */
  async function join(instance: string, beforeCall?: (sha: string) => unknown): Promise<Node> {
    const duplicate = (options: RedisOptions): Redis => {
      const client = new Redis(room.url, options);
      const evalsha = client.evalsha.bind(client) as (...args: unknown[]) => Promise<unknown>;
      const asked = async (sha: string, ...args: unknown[]): Promise<unknown> => {
        await beforeCall?.(sha);
        const answer = await evalsha(sha, ...args);
        if (node.isDeaf) throw new Error('Connection is closed.');
        return answer;
      };
      return Object.assign(client, { evalsha: asked });
    };
    const options = { client: { isCluster: false, duplicate }, keyPrefix: room.keyPrefix };
    const store = new RedisJobStore({ ...options, heartbeat: BEAT / 1000, leaseTime: LEASE / 1000 }, () => now);
    const clock = new ManualClock(T);
    const held = new Set<string>();
    const lost = (): void => void node.losses++;
    store.attach(contextOf({ instance, node: instance, clock, heldRuns: () => held, lost }));
    nodes.push(store);
    const node: Node = { store, losses: 0, held, isDeaf: false, beat: () => clock.advance(BEAT) };
    await store.start();
    return node;
  }

  async function begin(
    node: Node,
  ): Promise<{ id: string; outcome: () => Promise<unknown>; state: () => Promise<RunState | undefined> }> {
    const job = record('a', T);
    await node.store.add(job);
    const run = newRun(job, T);
    node.held.add(run.id);
    await node.store.record([run]);
    return {
      id: run.id,
      outcome: () => node.store.record([end(run, 'succeeded', T)]),
      state: async () => (await node.store.getRun(run.id))?.state,
    };
  }

  it('is kept when no node could be heard of meanwhile: who is back first leaves the others their time', async () => {
    const [late, first] = [await join('late'), await join('first')];
    const run = await begin(late);
    now += 10 * 60_000;
    await first.beat();
    now += LEASE - 1;
    await first.beat();
    expect(await run.state()).toBe('running');
    await late.beat();
    now += 1;
    await first.beat();
    expect(late.losses).toBe(0);
    expect(await run.outcome()).toEqual({ removed: [] });
    expect(await run.state()).toBe('succeeded');
  });

  it('is ended at once by a node that starts only then', async () => {
    const gone = await join('gone');
    const run = await begin(gone);
    now += 10 * 60_000;
    await join('late');
    expect(await run.state()).toBe('lost');
    await gone.beat();
    expect(gone.losses).toBe(1);
  });

  it('is kept by a node that is alone', async () => {
    const alone = await join('alone');
    const run = await begin(alone);
    now += 10 * 60_000;
    await alone.beat();
    expect(alone.losses).toBe(0);
    expect(await run.outcome()).toEqual({ removed: [] });
  });

  it('is kept where work is taken before its next beat', async () => {
    const alone = await join('alone');
    const run = await begin(alone);
    now += 10 * 60_000;
    await alone.store.claimDue({ now, limit: 10, plan: () => null, retry: () => null });
    expect(alone.losses).toBe(0);
    expect(await run.outcome()).toEqual({ removed: [] });
  });

  it('is ended for a node that is not heard of in the time that it is left', async () => {
    const [gone, first] = [await join('gone'), await join('first')];
    const run = await begin(gone);
    now += 10 * 60_000;
    await first.beat();
    now += LEASE - 1;
    await first.beat();
    expect(await run.state()).toBe('running');
    now += 1;
    await first.beat();
    expect(await run.state()).toBe('lost');
    await gone.beat();
    expect(gone.losses).toBe(1);
    expect(await run.outcome()).toEqual({ removed: [], refused: [run.id] });
  });

  it('is ended at once by a node that has been heard of all the time', async () => {
    const [gone, other] = [await join('gone'), await join('other')];
    const run = await begin(gone);
    now += LEASE - 1;
    await other.beat();
    now += 1;
    await other.beat();
    expect(await run.state()).toBe('lost');
  });

  it('cannot be renewed while its runs are being taken', async () => {
    const [asked, mayTake] = [gate(), gate()];
    const gone = await join('gone');
    const heir = await join('heir', (sha) => {
      if (sha !== RECOVER_RUNS.sha) return undefined;
      asked.open();
      return mayTake.promise;
    });
    const run = await begin(gone);
    now += LEASE - 1;
    await heir.beat();
    now += 1;
    const taking = heir.beat();
    await asked.promise;
    await gone.beat();
    expect(gone.losses).toBe(1);
    mayTake.open();
    await taking;
    expect(await run.state()).toBe('lost');
    expect(await run.outcome()).toEqual({ removed: [], refused: [run.id] });
  });

  it('is renewed before a run by hand is recorded, which is under way then', async () => {
    const gone = await join('gone');
    const before = await begin(gone);
    now += 10 * 60_000;
    const heir = await join('heir');
    expect(await before.state()).toBe('lost');
    const run = newRun(record('a', T), T, { cause: 'manual' });
    gone.held.add(run.id);
    expect(await gone.store.record([run])).toEqual({ removed: [] });
    expect(gone.losses).toBe(1);
    await heir.beat();
    expect((await heir.store.getRun(run.id))?.state).toBe('running');
    expect(await gone.store.record([end(run, 'succeeded', T)])).toEqual({ removed: [] });
  });

  it('and that still held has a run under it whose claim was not answered: it is lost after three beats, and made again', async () => {
    const node = await join('alone');
    await node.store.add(record('a', T - 1000));
    const run = newRun(record('a', T - 1000), T - 1000);
    // The server knows the script from here on: it is not sent anew where it is cut off.
    await node.store.claimDue({ now, limit: 10, plan: () => null, retry: () => null });
    node.store.reconsider();
    const claim = node.store.claimDue({
      ...{ now, limit: 10, retry: () => null },
      plan: () => {
        node.isDeaf = true;
        return { ...onTo(9e12), runs: [run] };
      },
    });
    await expect(claim).rejects.toThrow('Redis cannot be reached just now');
    node.isDeaf = false;
    const states: (RunState | undefined)[] = [];
    for (let beat = 1; beat <= 3; beat++) {
      now += BEAT;
      await node.beat();
      states.push((await node.store.getRun(run.id))?.state);
    }
    expect(states).toEqual(['running', 'running', 'lost']);
    const retry = vi.fn<() => null>(() => null);
    const { claimed } = await node.store.claimDue({ now, limit: 10, plan: () => null, retry });
    expect(claimed).toEqual([]);
    expect(retry).toHaveBeenCalledTimes(1);
    expect(node.losses).toBe(0);
  });

  it('is given back by a node that stops after it, and its runs are made again', async () => {
    const leaving = await join('leaving');
    const run = await begin(leaving);
    now += 10 * 60_000;
    await leaving.store.stop();
    const heir = await join('heir');
    expect(await heir.store.getRun(run.id)).toMatchObject({ state: 'lost', reason: 'shutdown' });
    const retry = vi.fn<() => null>(() => null);
    await heir.store.claimDue({ now, limit: 10, plan: () => null, retry });
    expect(retry).toHaveBeenCalledTimes(1);
  });
});
