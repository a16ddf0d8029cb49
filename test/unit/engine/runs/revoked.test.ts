import {
  EVENT_JOB_ERROR,
  LocalExecutor,
  MemoryJobStore,
  RunLostError,
  type RecordResult,
  type RunContext,
  type RunRecord,
  type StoreContext,
  type ClaimRequest,
  type ClaimResult,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND, START } from '../../../support/engine.js';

/** A store with a lease that its node may be told to have lost. */
class Revoking extends MemoryJobStore {
  private context: StoreContext | undefined;
  /** Whether the lease is lost before the next claim is answered. */
  losesAnswer = false;
  /** Whether it is lost before what is recorded next is answered. */
  losesRecord = false;
  holds = true;
  private readonly claimed: RunRecord[] = [];
  private readonly gone = new Set<RunRecord>();

  override attach(context: StoreContext): void {
    super.attach(context);
    this.context = context;
  }

  override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const result = await super.claimDue(request);
    for (const { plan } of result.claimed) this.claimed.push(...plan.runs);
    for (const { run } of result.retries) this.claimed.push(run);
    if (this.losesAnswer) this.revoke();
    return result;
  }

  override async record(runs: readonly RunRecord[]): Promise<RecordResult> {
    const begun = runs.filter(({ settled }) => !settled);
    this.claimed.push(...begun);
    if (this.losesRecord && begun.length > 0) this.revoke();
    const { removed } = await super.record(runs.filter((run) => !this.gone.has(run)));
    return { removed, refused: runs.filter((run) => this.gone.has(run)).map(({ id }) => id) };
  }

  leaseHolds(): boolean {
    return this.holds;
  }

  get held(): ReadonlySet<string> {
    return this.context?.heldRuns() ?? new Set();
  }

  revoke(): void {
    this.losesAnswer = this.losesRecord = false;
    for (const run of this.claimed.splice(0)) this.gone.add(run);
    this.context?.lost();
  }
}

function world(executors = {}) {
  const store = new Revoking();
  const made: number[] = [];
  const stuck = gate();
  const all = engineWorld({ jobStores: { default: store }, executors });
  const task = ({ scheduledTime, signal }: RunContext): Promise<void> => {
    made.push((scheduledTime - START) / SECOND);
    return Promise.race([
      stuck.promise,
      new Promise<void>((_, fail) => signal.addEventListener('abort', () => fail(signal.reason))),
    ]);
  };
  /**
   * Lets time go by, after which the first run is under way, and takes the right to it and to all that follow it. Answers
   * which have begun then.
   */
  const revokesAfter = async (ms: number): Promise<readonly number[]> => {
    await all.clock.advance(ms);
    expect(made).toEqual([1]);
    store.revoke();
    await all.clock.advance(0);
    return [...made];
  };
  return { ...all, store, made, stuck, task, revokesAfter };
}

describe('Runs that this node has lost its right to', () => {
  it('are told to end, and those that wait for their place do not begin', async () => {
    const { scheduler, clock, made, stuck, task, happened, revokesAfter } = world();
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1, overlap: 'queue' });
    await scheduler.start();
    expect(await revokesAfter(3 * SECOND)).toEqual([1]);
    expect(happened(EVENT_JOB_ERROR).map(({ state }) => state)).toEqual(['lost', 'lost', 'lost']);
    await clock.advance(SECOND);
    expect(made).toEqual([1, 4]);
    stuck.open();
    await scheduler.shutdown();
  });

  it('do not begin after the one that they were to follow', async () => {
    const { scheduler, clock, stuck, task, revokesAfter } = world();
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1, coalesce: 'all', misfireGraceTime: null });
    await scheduler.start({ paused: true });
    await clock.advance(3 * SECOND);
    await scheduler.resume();
    expect(await revokesAfter(0)).toEqual([1]);
    stuck.open();
    await scheduler.shutdown();
  });

  it('do not begin where one that waits for its executor is withdrawn before them', async () => {
    const { scheduler, stuck, task, happened, revokesAfter } = world({
      default: new LocalExecutor({ concurrency: 1 }),
    });
    await scheduler.addJob({ id: 'a', task, trigger: 'date', runDate: START + SECOND });
    await scheduler.addJob({ id: 'b', task, trigger: 'interval', seconds: 2, overlap: 'queue' });
    await scheduler.start();
    // The first of b waits for the executor, the second for the first.
    expect(await revokesAfter(4 * SECOND)).toEqual([1]);
    expect(happened(EVENT_JOB_ERROR).map(({ jobId, state }) => [jobId, state])).toEqual([
      ['b', 'lost'],
      ['b', 'lost'],
      ['a', 'lost'],
    ]);
    stuck.open();
    await scheduler.shutdown();
  });

  it('do not begin where they wait for their executor', async () => {
    const { scheduler, stuck, task, revokesAfter } = world({ default: new LocalExecutor({ concurrency: 1 }) });
    for (const id of ['a', 'b']) await scheduler.addJob({ id, task, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    expect(await revokesAfter(SECOND)).toEqual([1]);
    stuck.open();
    await scheduler.shutdown();
  });

  it.each(['first', 'next attempt'])(
    'do not begin when it was lost on their way from the store: the %s',
    async (which) => {
      const { scheduler, clock, store, made } = world();
      let isOk = which === 'first';
      const task = ({ attempt }: RunContext): void => {
        made.push(attempt);
        if (!isOk) throw new Error('not yet');
      };
      await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 10, retry: { attempts: 2, delay: 1 } });
      await scheduler.start();
      await clock.advance(isOk ? 9 * SECOND : 10 * SECOND);
      store.losesAnswer = true;
      isOk = true;
      await clock.advance(SECOND);
      expect(made).toEqual(which === 'first' ? [] : [1]);
      expect(store.losesAnswer).toBe(false);
      await clock.advance(10 * SECOND);
      expect(made).toHaveLength(which === 'first' ? 1 : 2);
      await scheduler.shutdown();
    },
  );

  it('are told to who waits for them', async () => {
    const { scheduler, clock, store, made, stuck, task } = world();
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1, overlap: 'queue' });
    await scheduler.start();
    await clock.advance(SECOND);
    const asked = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(0);
    store.revoke();
    expect(await asked).toBeInstanceOf(RunLostError);
    expect(made).toEqual([1]);
    stuck.open();
    await scheduler.shutdown();
  });

  it('do not begin when it was lost while they were recorded', async () => {
    const { scheduler, clock, store, made, task, happened } = world();
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', hours: 1 });
    await scheduler.start();
    store.losesRecord = true;
    await expect(scheduler.runJob('a')).rejects.toThrow(RunLostError);
    await clock.advance(0);
    expect(made).toEqual([]);
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ jobId: 'a', state: 'lost' }]);
    await scheduler.shutdown();
  });
});

describe('A run whose turn comes when the lease of its node is over', () => {
  it('does not start when it was scheduled, and is tried again when the lease holds', async () => {
    const { scheduler, clock, store, happened } = world();
    const attempts: number[] = [];
    await scheduler.addJob({
      id: 'a',
      task: ({ attempt }: RunContext) => attempts.push(attempt),
      trigger: 'date',
      runDate: START + SECOND,
    });
    await scheduler.start();
    const claimDue = store.claimDue.bind(store);
    store.claimDue = async (request) => {
      const result = await claimDue(request);
      // The first claim takes so long that the lease is over; the next one renews it.
      store.holds = result.claimed.length === 0;
      return result;
    };
    await clock.advance(2 * SECOND);
    expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ jobId: 'a', state: 'lost' }]);
    expect(attempts).toEqual([2]);
    expect(await scheduler.getJobs()).toEqual([]);
    await scheduler.shutdown();
  });

  it('does not start when it waited for another run, for its executor or for the run before it', async () => {
    const { scheduler, clock, store, made, stuck, task } = world({ default: new LocalExecutor({ concurrency: 1 }) });
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1, overlap: 'queue' });
    await scheduler.addJob({ id: 'all', task, trigger: 'interval', seconds: 2, coalesce: 'all' });
    await scheduler.start();
    await clock.advance(2 * SECOND);
    expect(made).toEqual([1]);
    store.holds = false;
    await scheduler.pause();
    stuck.open();
    await clock.advance(SECOND);
    expect(made).toEqual([1]);
    await scheduler.shutdown();
  });

  it('does not start when it was asked for by hand, and who waits is told', async () => {
    const { scheduler, store, made, task } = world();
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', hours: 1 });
    await scheduler.start();
    store.holds = false;
    await expect(scheduler.runJob('a')).rejects.toThrow(RunLostError);
    expect(made).toEqual([]);
    store.holds = true;
    await scheduler.shutdown();
  });
});

describe('The runs that a scheduler holds of a store', () => {
  it('are those that are claimed, recorded, waiting or under way, until their end has been recorded', async () => {
    const { scheduler, clock, store, stuck, task } = world({ default: new LocalExecutor({ concurrency: 1 }) });
    const stored = async (): Promise<string[]> =>
      (await scheduler.getRuns({ state: 'running' })).runs.map(({ id }) => id);
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1, overlap: 'queue' });
    await scheduler.addJob({
      id: 'b',
      task,
      trigger: 'interval',
      seconds: 1,
      startDate: START - 3 * SECOND,
      coalesce: 'all',
    });
    await scheduler.start();
    const during: boolean[] = [];
    const { claimDue, record } = MemoryJobStore.prototype;
    store.claimDue = async (request) => {
      const result = await claimDue.call(store, request);
      const runs = result.claimed.flatMap(({ plan }) => plan.runs);
      during.push(runs.every(({ id }) => store.held.has(id)));
      return result;
    };
    store.record = async (runs) => {
      const result = await record.call(store, runs);
      during.push(runs.every(({ id }) => store.held.has(id)));
      return result;
    };
    await clock.advance(3 * SECOND);
    const byHand = scheduler.runJob('a');
    await clock.advance(0);
    const running = await stored();
    expect(running.length).toBeGreaterThan(4);
    expect([...store.held].toSorted()).toEqual(running.toSorted());
    stuck.open();
    await byHand;
    await scheduler.pause();
    await clock.advance(0);
    expect(store.held.size).toBe(0);
    expect(during.every(Boolean)).toBe(true);
    await scheduler.shutdown();
  });
});
