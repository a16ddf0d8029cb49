import {
  EVENT_JOB_ERROR,
  LocalExecutor,
  MemoryJobStore,
  RunLostError,
  type RecordResult,
  type RunContext,
  type StoreContext,
  type ClaimRequest,
  type ClaimResult,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND, START } from '../../../support/engine.js';

/** A store whose node may be told to have lost its right to all that it was handed. */
class Revoking extends MemoryJobStore {
  private context: StoreContext | undefined;
  private handed: string[] = [];
  /** Whether the right is lost before the next answer. */
  losesAnswer = false;
  /** Whether it is before the next answer to what is recorded, and how that is told. */
  losesRecord: 'by name' | 'in the answer' | null = null;

  override attach(context: StoreContext): void {
    super.attach(context);
    this.context = context;
  }

  override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const result = await super.claimDue(request);
    this.handed.push(...result.claimed.flatMap(({ plan }) => plan.runs.map(({ id }) => id)));
    this.handed.push(...result.retries.map(({ run }) => run.id));
    if (this.losesAnswer) this.revoke();
    return result;
  }

  override async record(...args: Parameters<MemoryJobStore['record']>): Promise<RecordResult> {
    const result = await super.record(...args);
    const begun = args[0].filter(({ settled }) => !settled).map(({ id }) => id);
    this.handed.push(...begun);
    await this.recording;
    const { losesRecord } = this;
    if (!losesRecord || begun.length === 0) return result;
    this.losesRecord = null;
    if (losesRecord === 'in the answer') return { ...result, refused: begun };
    this.revoke();
    return result;
  }

  /** Until when what is recorded is not answered. */
  recording: Promise<void> | null = null;

  /** What was handed out by now is not told as lost. */
  forget(): void {
    this.handed = [];
  }

  revoke(): void {
    this.losesAnswer = false;
    this.context?.lost(this.handed.splice(0));
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

  it.each(['by name', 'in the answer'] as const)(
    'do not begin when it was lost while they were recorded, which is told %s',
    async (how) => {
      const { scheduler, clock, store, made, task, happened } = world();
      await scheduler.addJob({ id: 'a', task, trigger: 'interval', hours: 1 });
      await scheduler.start();
      store.losesRecord = how;
      await expect(scheduler.runJob('a')).rejects.toThrow(RunLostError);
      await clock.advance(0);
      expect(made).toEqual([]);
      expect(happened(EVENT_JOB_ERROR)).toMatchObject([{ jobId: 'a', state: 'lost' }]);
      await scheduler.shutdown();
    },
  );

  it('do not begin when it was lost while they were recorded, and due work was looked for meanwhile', async () => {
    const { scheduler, clock, store, made, task } = world();
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', hours: 1 });
    await scheduler.start();
    const answer = gate();
    store.recording = answer.promise;
    const asked = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(0);
    store.revoke();
    await scheduler.addJob({ id: 'b', task, trigger: 'date', runDate: START + SECOND });
    await clock.advance(SECOND);
    answer.open();
    expect(await asked).toBeInstanceOf(RunLostError);
    expect(made).toEqual([1]);
    await scheduler.shutdown({ wait: false });
  });

  it('leave alone those that it has a right to', async () => {
    const { scheduler, clock, store, stuck, task } = world();
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1, overlap: 'queue' });
    await scheduler.start();
    await clock.advance(SECOND);
    store.forget();
    const asked = scheduler.runJob('a');
    await clock.advance(0);
    store.forget();
    await clock.advance(SECOND);
    store.revoke();
    stuck.open();
    await clock.advance(0);
    await expect(asked).resolves.toBeUndefined();
    await scheduler.shutdown();
  });
});
