import {
  currentRun,
  MemoryJobStore,
  type ClusterMethods,
  type ClusterState,
  type RecordResult,
  type RunContext,
  type RunRecord,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND } from '../../../support/engine.js';

const RUNNING: ClusterState = { mode: 'running', version: 0, changedAt: null, changedBy: null };

/** A store that says it is shared, and notes what of runs under way it is told. */
class Shared extends MemoryJobStore implements ClusterMethods {
  override readonly capabilities = { durable: false, shared: true, notifying: false };
  readonly told: (number | null | undefined)[] = [];
  ended = 0;
  fails = false;

  override record(runs: readonly RunRecord[]): Promise<RecordResult> {
    if (this.fails) return Promise.reject(new Error('no answer'));
    for (const { progress, settled, startedAt } of runs) {
      if (settled) this.ended++;
      else if (startedAt !== null) this.told.push(progress);
    }
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

function world(store: MemoryJobStore = new Shared()) {
  const all = engineWorld({ jobStores: { default: store } });
  const end = gate();
  let progress: (fraction: number) => void = () => undefined;
  const run = async (): Promise<void> => {
    await all.scheduler.start();
    await all.scheduler.addJob({
      id: 'a',
      task: async () => {
        progress = currentRun()?.progress ?? progress;
        await end.promise;
      },
    });
    await all.clock.advance(0);
  };
  return { ...all, end, run, store: store as Shared, progress: (fraction: number) => progress(fraction) };
}

describe('A run under way in a shared store', () => {
  it('has its turn though very many others always have something new to say', async () => {
    const store = new Shared();
    const { clock, scheduler } = engineWorld({ jobStores: { default: store } });
    await scheduler.start();
    const contexts: RunContext[] = [];
    const task = (context: RunContext): Promise<never> => {
      contexts.push(context);
      return new Promise(() => undefined);
    };
    await scheduler.addJobs(Array.from({ length: 700 }, (_, n) => ({ id: `job ${n}`, task })));
    const known = new Set<string>();
    const record = store.record.bind(store);
    store.record = (runs) => {
      for (const { id, startedAt } of runs) if (startedAt !== null) known.add(id);
      return record(runs);
    };
    for (let look = 1; look <= 4; look++) {
      for (const { progress } of contexts) progress(look / 10);
      await clock.advance(2 * SECOND);
    }
    expect([contexts.length, known.size]).toEqual([700, 700]);
    await scheduler.shutdown({ wait: false });
  });

  it('is recorded when it has taken two seconds, and again when it says something new', async () => {
    const { clock, end, progress, run, scheduler, store } = world();
    await run();
    await clock.advance(1.9 * SECOND);
    expect(store.told).toEqual([]);
    await clock.advance(10 * SECOND);
    expect(store.told).toEqual([null]);
    progress(0.5);
    progress(0.6);
    await clock.advance(10 * SECOND);
    expect(store.told).toEqual([null, 0.6]);
    end.open();
    await clock.advance(10 * SECOND);
    expect([store.told.length, store.ended]).toEqual([2, 1]);
    expect((await scheduler.statistics()).lastHour.outcomes).toMatchObject({ succeeded: 1 });
    await scheduler.shutdown();
  });

  it('costs no write when it ends before', async () => {
    const { clock, end, progress, run, scheduler, store } = world();
    await run();
    progress(0.5);
    await clock.advance(SECOND);
    end.open();
    await clock.advance(10 * SECOND);
    expect([store.told, store.ended]).toEqual([[], 1]);
    await scheduler.shutdown();
  });

  it('is recorded once when its store answers again, and counted once', async () => {
    const { clock, end, progress, run, scheduler, store } = world();
    await run();
    store.fails = true;
    await clock.advance(10 * SECOND);
    progress(0.7);
    await clock.advance(10 * SECOND);
    store.fails = false;
    await clock.advance(60 * SECOND);
    expect(store.told.at(-1)).toBe(0.7);
    expect(store.told.length).toBeLessThanOrEqual(2);
    end.open();
    await clock.advance(0);
    expect((await scheduler.statistics()).lastHour.outcomes).toMatchObject({ succeeded: 1 });
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('sets no timer once nothing is under way, and none for a store of this process', async () => {
    const shared = world();
    await shared.run();
    shared.end.open();
    await shared.clock.advance(30 * SECOND);
    const own = world(new MemoryJobStore());
    await own.run();
    own.end.open();
    await own.clock.advance(30 * SECOND);
    expect(shared.clock.pendingTimers - own.clock.pendingTimers).toBe(0);
    for (const { scheduler } of [shared, own]) await scheduler.shutdown();
  });
});
