import {
  ManualClock,
  type ClusterMethods,
  type ClusterState,
  type JobStore,
  type RunEntry,
  type RunPlan,
  type StoreContext,
  type TakeRequest,
  type TakeResult,
} from 'nestjs-apscheduler/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryLogger } from '../support/engine.js';
import { record } from './job-store.suite.js';
import { end, newRun, T } from './runs.js';

/** A store with the methods of one that is shared. */
export type SharedStore = JobStore & ClusterMethods;

/** A store of one node, and what it has told its scheduler. */
interface Node {
  readonly store: SharedStore;
  readonly clock: ManualClock;
  readonly states: ClusterState[];
  readonly cancelled: string[];
}

const HISTORY = { perJob: 100, total: 10_000, maxAgeMs: 7 * 24 * 60 * 60 * 1000 };
const nothing = (): void => undefined;

/** Makes one run of each due job, and moves it on for good. */
const once = (job: Parameters<typeof newRun>[0], nominalTime: number): RunPlan => ({
  runs: [newRun(job, nominalTime)],
  leftOut: [],
  parks: false,
  next: null,
});

/**
 * What every shared job store must do for its nodes as a whole.
 *
 * @param makePlace - makes an empty place for jobs, and answers what makes a store on it: each for a node of its own.
 */
export function describeClusterState(name: string, makePlace: () => Promise<() => SharedStore>): void {
  describe(`The nodes of the ${name} job store`, () => {
    let makeStore: () => SharedStore;
    let opened: SharedStore[];
    let instances = 0;

    const join = async (node: string, make = makeStore): Promise<Node> => {
      const store = make();
      const clock = new ManualClock(T, { patienceMs: 1000 });
      const states: ClusterState[] = [];
      const cancelled: string[] = [];
      const context: StoreContext = {
        ...{ alias: 'default', node, instance: `node-${++instances}`, clock, history: HISTORY, logger: memoryLogger() },
        ...{ wake: nothing, lost: nothing },
        cluster: (state) => void states.push(state),
        cancel: (ids) => void cancelled.push(...ids),
      };
      store.attach?.(context);
      await store.start?.();
      opened.push(store);
      return { store, clock, states, cancelled };
    };

    /** Lets a node hear what it may not have been told: it looks with each beat. */
    const hear = async ({ clock }: Node, isHeard: () => boolean): Promise<void> => {
      await vi.waitFor(async () => {
        await clock.advance('5s');
        expect(isHeard()).toBe(true);
      }, 5000);
    };

    const take = ({ store }: Node, limit = 100): Promise<TakeResult> =>
      store.takeDue({
        now: T + 1000,
        limit,
        plan: (job, { nominalTime }) => once(job, nominalTime),
        retry: () => null,
      });

    const begun = async (node: Node, id = 'a'): Promise<RunEntry> => {
      await node.store.add(record(id, T));
      const [run] = (await take(node)).taken.flatMap(({ plan }) => plan.runs);
      if (!run) throw new Error('Nothing was taken');
      return run;
    };

    beforeEach(async () => {
      opened = [];
      makeStore = await makePlace();
    });

    afterEach(async () => {
      for (const store of opened) await store.stop?.();
    });

    it('run until somebody says otherwise', async () => {
      const { store } = await join('a');
      expect(await store.clusterState()).toEqual({ mode: 'running', version: 0, changedAt: null, changedBy: null });
    });

    it('know who has changed what they do, and when', async () => {
      const a = await join('node a');
      const b = await join('b');
      const state = await a.store.turnCluster('paused', ['running']);
      expect(state).toEqual({ mode: 'paused', version: 1, changedAt: expect.any(Number), changedBy: 'node a' });
      expect(await b.store.clusterState()).toEqual(state);
      expect(await b.store.turnCluster('running', ['paused'])).toMatchObject({ version: 2, changedBy: 'b' });
    });

    it('are left as they are when they do not do what they are to be turned from', async () => {
      const { store } = await join('a');
      await store.turnCluster('stopped', ['running', 'paused']);
      expect(await store.turnCluster('paused', ['running'])).toMatchObject({ mode: 'stopped', version: 1 });
      expect(await store.turnCluster('running', ['paused'])).toMatchObject({ mode: 'stopped', version: 1 });
    });

    it.each(['paused', 'stopped'] as const)(
      'take nothing while they are %s, and all of it afterwards',
      async (mode) => {
        const a = await join('a');
        const b = await join('b');
        await a.store.addMany(['one', 'two'].map((id) => record(id, T)));
        await a.store.turnCluster(mode, ['running']);
        for (const node of [a, b]) expect(await take(node)).toMatchObject({ taken: [], retries: [] });
        expect(b.states.at(-1)).toMatchObject({ mode, version: 1 });
        expect((await b.store.get('one'))?.nextRunTime).toBe(T);
        expect(await b.store.getRuns({ limit: 10, now: T })).toEqual([]);
        await b.store.turnCluster('running', [mode]);
        expect((await take(a)).taken.map(({ job }) => job.id).sort()).toEqual(['one', 'two']);
      },
    );

    it('try nothing again while they are paused', async () => {
      const a = await join('a');
      const run = await begun(a);
      end(run, 'failed', T + 1).retryAt = T + 2;
      await a.store.record([run]);
      await a.store.turnCluster('paused', ['running']);
      const retry = vi.fn<TakeRequest['retry']>((job) => newRun(job, T, { cause: 'retry', attempt: 2 }));
      const request = { now: T + 1000, limit: 10, plan: () => null, retry };
      expect((await a.store.takeDue(request)).retries).toEqual([]);
      expect(retry).not.toHaveBeenCalled();
      await a.store.turnCluster('running', ['paused']);
      expect((await a.store.takeDue(request)).retries).toHaveLength(1);
    });

    it('may still say how runs ended while they are stopped', async () => {
      const a = await join('a');
      const run = await begun(a);
      await a.store.turnCluster('stopped', ['running']);
      await a.store.record([end(run, 'succeeded', T + 1)]);
      expect(await a.store.getRun(run.id)).toMatchObject({ state: 'succeeded' });
    });

    it('hear what they are told to do', async () => {
      const a = await join('a');
      const b = await join('b');
      await a.store.turnCluster('paused', ['running']);
      await hear(b, () => b.states.at(-1)?.mode === 'paused');
      await a.store.turnCluster('running', ['paused']);
      await hear(b, () => b.states.at(-1)?.version === 2);
      expect(b.states.at(-1)?.mode).toBe('running');
    });

    it('find what all do when they come later', async () => {
      const a = await join('a');
      await a.store.turnCluster('paused', ['running']);
      await a.store.stop?.();
      const b = await join('b');
      expect(await b.store.clusterState()).toMatchObject({ mode: 'paused', changedBy: 'a' });
    });

    it('do one thing when several say different things at once', async () => {
      const nodes = await Promise.all(['a', 'b', 'c', 'd'].map((node) => join(node)));
      const answers = await Promise.all(
        nodes.map(({ store }, n) =>
          n % 2 ? store.turnCluster('stopped', ['running', 'paused']) : store.turnCluster('paused', ['running']),
        ),
      );
      const last = answers.reduce((one, other) => (other.version > one.version ? other : one));
      expect(last.mode).toBe('stopped');
      for (const { store } of nodes) expect(await store.clusterState()).toEqual(last);
    });

    it('take nothing once a pause has been answered, though they had begun to', async () => {
      const nodes = await Promise.all(['a', 'b', 'c'].map((node) => join(node)));
      const [first] = nodes as [Node];
      await first.store.addMany(Array.from({ length: 400 }, (_, n) => record(`job-${n}`, T)));
      const count = async (): Promise<number> => (await first.store.getRuns({ limit: 1000, now: T })).length;
      for (let round = 0; round < 8; round++) {
        const takes = nodes.flatMap((node) => [take(node, 5), take(node, 5), take(node, 5)]);
        // The takes of an SQLite file in this process come one after the other: let some of them be first.
        await Promise.race(takes);
        await first.store.turnCluster('paused', ['running']);
        const taken = await count();
        await Promise.all(takes);
        for (const node of nodes) expect((await take(node)).taken).toEqual([]);
        expect(await count()).toBe(taken);
        await first.store.turnCluster('running', ['paused']);
      }
      expect(await count()).toBeGreaterThan(0);
    });

    it('of one place are told nothing of another', async () => {
      const a = await join('a');
      const elsewhere = await join('elsewhere', await makePlace());
      await a.store.turnCluster('stopped', ['running']);
      expect(await elsewhere.store.clusterState()).toMatchObject({ mode: 'running', version: 0 });
      await elsewhere.store.add(record('a', T));
      expect((await take(elsewhere)).taken).toHaveLength(1);
    });

    it('are asked by others to cancel what they have under way, once', async () => {
      const a = await join('a');
      const b = await join('b');
      const run = await begun(a);
      expect(await b.store.cancelRun(run.id)).toBe(true);
      await hear(a, () => a.cancelled.length > 0);
      await a.clock.advance('30s');
      expect(a.cancelled).toEqual([run.id]);
      await b.clock.advance('10s');
      expect(b.cancelled).toEqual([]);
    });

    it('are asked to cancel nothing that is over, is their own, is unknown, or was lost with its node', async () => {
      const a = await join('a');
      const b = await join('b');
      const own = await begun(a);
      expect(await a.store.cancelRun(own.id)).toBe(false);
      await a.store.record([end(own, 'succeeded', T + 1)]);
      expect(await b.store.cancelRun(own.id)).toBe(false);
      expect(await b.store.cancelRun('no such run')).toBe(false);
      const lost = await begun(a, 'b');
      await a.store.stop?.();
      expect(await b.store.cancelRun(lost.id)).toBe(false);
    });
  });
}
