import {
  InvalidInputError,
  MemoryJobStore,
  RunCancelledError,
  RunOverError,
  Scheduler,
  SchedulerAlreadyRunningError,
  SchedulerNotRunningError,
  STATE_PAUSED,
  STATE_RUNNING,
  STATE_STOPPED,
  StoreFailedError,
  type ClusterMethods,
  type JobStore,
  type RunContext,
  type SchedulerOptions,
  type SchedulerState,
} from 'nestjs-apscheduler/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryLogger, type MemoryLogger } from '../../../support/engine.js';
import { sharedPlaces } from '../../../support/shared-stores.js';

const places = await sharedPlaces();

interface Node {
  readonly scheduler: Scheduler;
  readonly logger: MemoryLogger;
  /** The runs that this node has begun. */
  readonly runs: RunContext[];
}

const ALL = { scope: 'cluster' } as const;
const tick = { id: 'tick', task: 'work', trigger: 'interval', seconds: 1 } as const;

describe.each(places.filter(({ available }) => available))(
  'Schedulers that share $title',
  { timeout: 60_000 },
  ({ make }) => {
    let makeStore: () => JobStore;
    let nodes: Node[];

    const create = (name: string, options: SchedulerOptions = {}): Node => {
      const logger = memoryLogger();
      const scheduler = new Scheduler({
        ...{ node: name, logger, timezone: 'UTC', shutdownTimeout: 2, jobStores: { default: makeStore() } },
        ...options,
      });
      const runs: RunContext[] = [];
      scheduler.registerTask('work', (context: RunContext) => void runs.push(context));
      scheduler.registerTask('wait', (context: RunContext) => {
        runs.push(context);
        return new Promise((_, reject) => {
          context.signal.addEventListener('abort', () => reject(context.signal.reason), { once: true });
        });
      });
      const node = { scheduler, logger, runs };
      nodes.push(node);
      return node;
    };
    const start = async (name: string, options?: SchedulerOptions): Promise<Node> => {
      const node = create(name, options);
      await node.scheduler.start();
      return node;
    };
    const reaches = ({ scheduler }: Node, state: SchedulerState): Promise<void> =>
      vi.waitFor(() => expect(scheduler.state).toBe(state), 10_000);
    const begins = ({ runs }: Node, count = 1): Promise<void> =>
      vi.waitFor(() => expect(runs.length).toBeGreaterThanOrEqual(count), 10_000);

    beforeEach(async () => {
      nodes = [];
      makeStore = await make();
    });
    afterEach(async () => {
      await Promise.all(nodes.map(({ scheduler }) => scheduler.shutdown({ wait: false }).catch(() => undefined)));
    });

    it('pause and go on together, whichever is asked', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await a.scheduler.addJob(tick);
      await vi.waitFor(() => expect(a.runs.length + b.runs.length).toBeGreaterThan(0), 10_000);
      await a.scheduler.pause(ALL);
      expect(a.scheduler.state).toBe(STATE_PAUSED);
      const { runs } = await a.scheduler.getRuns();
      await reaches(b, STATE_PAUSED);
      expect((await a.scheduler.getRuns()).runs).toHaveLength(runs.length);
      expect(b.scheduler.clusterState).toMatchObject({ mode: 'paused', changedBy: 'a' });
      await b.scheduler.resume(ALL);
      expect(b.scheduler.state).toBe(STATE_RUNNING);
      await reaches(a, STATE_RUNNING);
      await vi.waitFor(async () => {
        expect((await a.scheduler.getRuns()).runs.length).toBeGreaterThan(runs.length);
      }, 10_000);
    });

    it('start paused while all are, and say so', async () => {
      const a = await start('a');
      await a.scheduler.pause(ALL);
      const b = await start('b');
      expect(b.scheduler.state).toBe(STATE_PAUSED);
      expect(b.logger.lines.join('\n')).toMatch(
        /warn: The scheduler starts paused: all nodes are paused since 2\S+Z, by node "a"; resume\(\{ scope: 'cluster' \}\)/,
      );
      await a.scheduler.shutdown();
      await b.scheduler.resume(ALL);
      expect((await start('c')).scheduler.state).toBe(STATE_RUNNING);
    });

    it('go on when neither they nor all are paused', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await b.scheduler.pause();
      expect(a.scheduler.state).toBe(STATE_RUNNING);
      await a.scheduler.pause(ALL);
      await a.scheduler.resume(ALL);
      await vi.waitFor(() => expect(b.scheduler.clusterState?.version).toBe(2), 10_000);
      await b.scheduler.settled();
      expect(b.scheduler.state).toBe(STATE_PAUSED);
      await a.scheduler.pause(ALL);
      await vi.waitFor(() => expect(b.scheduler.clusterState?.version).toBe(3), 10_000);
      await b.scheduler.resume();
      expect(b.scheduler.state).toBe(STATE_PAUSED);
      expect(b.logger.lines.join('\n')).toContain('The scheduler stays paused: all nodes are paused since');
      await a.scheduler.resume(ALL);
      await reaches(b, STATE_RUNNING);
    });

    it('stop together, still answer, and start together, whichever is asked', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await b.scheduler.addJob(tick);
      await a.scheduler.shutdown(ALL);
      expect(a.scheduler.state).toBe(STATE_STOPPED);
      await reaches(b, STATE_STOPPED);
      await expect(b.scheduler.pause(ALL)).rejects.toThrow(SchedulerNotRunningError);
      await expect(b.scheduler.shutdown(ALL)).rejects.toThrow(SchedulerNotRunningError);
      // What is added while they are stopped is there for all, and waits.
      await a.scheduler.addJob({ id: 'later', task: 'work', trigger: 'date', runDate: new Date() });
      expect((await b.scheduler.getJobs()).map(({ id }) => id).sort()).toEqual(['later', 'tick']);
      const before = (await a.scheduler.getRuns({ jobId: 'later' })).runs;
      expect(before).toEqual([]);
      await b.scheduler.start(ALL);
      expect(b.scheduler.state).toBe(STATE_RUNNING);
      await reaches(a, STATE_RUNNING);
      await expect(a.scheduler.start(ALL)).rejects.toThrow(SchedulerAlreadyRunningError);
      await vi.waitFor(async () => {
        expect((await a.scheduler.getRuns({ jobId: 'later' })).runs).toMatchObject([{ state: 'succeeded' }]);
      }, 10_000);
    });

    it('wait, once they come while all are stopped, and start with the others', async () => {
      const a = await start('a');
      await a.scheduler.shutdown(ALL);
      const b = await start('b');
      expect(b.scheduler.state).toBe(STATE_STOPPED);
      expect(b.logger.lines.join('\n')).toContain('The scheduler waits: all nodes are stopped since');
      await a.scheduler.start(ALL);
      await reaches(b, STATE_RUNNING);
    });

    it('stop no other when one is shut down by itself, and leave that one alone', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await a.scheduler.shutdown();
      expect(b.scheduler.state).toBe(STATE_RUNNING);
      await b.scheduler.shutdown(ALL);
      await b.scheduler.start(ALL);
      expect(a.scheduler.state).toBe(STATE_STOPPED);
      await a.scheduler.start();
      expect(a.scheduler.state).toBe(STATE_RUNNING);
    });

    it('end the runs of all when all are stopped, each in its own time', async () => {
      const a = await start('a', { shutdownTimeout: 0 });
      const b = await start('b');
      await a.scheduler.addJob({ id: 'long', task: 'wait', trigger: 'date', runDate: new Date() });
      await vi.waitFor(() => expect(a.runs.length + b.runs.length).toBe(1), 10_000);
      await b.scheduler.shutdown({ scope: 'cluster', wait: false });
      await vi.waitFor(async () => {
        expect((await b.scheduler.getRuns()).runs).toMatchObject([{ state: 'cancelled', reason: 'shutdown' }]);
      }, 10_000);
    });

    it('let go of everything when they are shut down while all are stopped', async () => {
      const store = makeStore();
      const stopped = vi.spyOn(store, 'stop');
      const a = await start('a', { jobStores: { default: store } });
      await a.scheduler.shutdown(ALL);
      expect(stopped).not.toHaveBeenCalled();
      await a.scheduler.shutdown();
      expect(stopped).toHaveBeenCalledOnce();
      await expect(a.scheduler.shutdown()).rejects.toThrow(SchedulerNotRunningError);
    });

    it('do one thing when two operators say different things at once', async () => {
      const [a, b, c] = [await start('a'), await start('b'), await start('c')];
      await Promise.allSettled([a.scheduler.pause(ALL), b.scheduler.shutdown(ALL)]);
      for (const node of [a, b, c]) await reaches(node, STATE_STOPPED);
      await c.scheduler.start(ALL);
      for (const node of [a, b, c]) await reaches(node, STATE_RUNNING);
      expect(a.scheduler.clusterState).toEqual(b.scheduler.clusterState);
    });

    it('cancel a run that another of them has', async () => {
      const a = await start('a');
      await a.scheduler.addJob({ id: 'long', task: 'wait', trigger: 'date', runDate: new Date() });
      await begins(a);
      const b = await start('b');
      const { runId, signal } = a.runs[0] as RunContext;
      expect(await b.scheduler.cancelRun(runId)).toMatchObject({ state: 'cancelled', reason: 'cancelled', node: 'a' });
      expect(signal.reason).toBeInstanceOf(RunCancelledError);
      await expect(b.scheduler.cancelRun(runId)).rejects.toThrow(RunOverError);
    });

    it('pause what one of them keeps in memory too', async () => {
      const a = await start('a');
      const b = await start('b', { jobStores: { default: makeStore(), own: new MemoryJobStore() } });
      await a.scheduler.pause(ALL);
      await reaches(b, STATE_PAUSED);
      await b.scheduler.addJob({ task: 'work', jobStore: 'own', trigger: 'date', runDate: new Date() });
      expect(b.runs).toEqual([]);
      await a.scheduler.resume(ALL);
      await begins(b);
    });

    it('change nothing when a store does not do what it is told, not even in another one', async () => {
      const failing = (await make())() as JobStore & ClusterMethods;
      const a = await start('a', { jobStores: { default: makeStore(), other: failing } });
      vi.spyOn(failing, 'turnCluster').mockRejectedValueOnce(new Error('connection refused'));
      await expect(a.scheduler.pause(ALL)).rejects.toThrow(
        new StoreFailedError('other', new Error('connection refused')),
      );
      expect(a.scheduler.state).toBe(STATE_RUNNING);
      const b = await start('b');
      expect(b.scheduler.state).toBe(STATE_RUNNING);
    });

    it('refuse a scope that there is not', async () => {
      const { scheduler } = await start('a');
      const scope = 'all' as 'cluster';
      for (const refused of [scheduler.pause({ scope }), scheduler.resume({ scope }), scheduler.shutdown({ scope })]) {
        await expect(refused).rejects.toThrow('scope must be "cluster" or "node", got "all"');
        await expect(refused).rejects.toThrow(InvalidInputError);
      }
      expect(scheduler.state).toBe(STATE_RUNNING);
    });
  },
);
