import {
  IntervalTrigger,
  ManualClock,
  type HistoryLimits,
  type JobSpec,
  type JobStore,
  type RunEntry,
  type RunFilter,
  type RunPlan,
  type RunRecord,
  type TakeRequest,
  type TakeResult,
} from 'nestjs-apscheduler/engine';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { snapshotOf } from '../../lib/engine/runs/run-entry.js';
import { memoryLogger } from '../support/engine.js';
import { record } from './job-store.suite.js';
import { end, leftOut, newRun, onTo, T } from './runs.js';

/** What a store may do in its own way. */
export interface RunHistoryOptions {
  /** Makes a store that forgets by and by do it now. */
  tidy?: (store: JobStore) => Promise<void>;
  /** Sets the clock of a store that goes by one of its own. */
  turnClock?: (store: JobStore, now: number) => Promise<void>;
}

const LIMITS: HistoryLimits = { perJob: 1000, total: 10_000, maxAgeMs: 7 * 24 * 3600 * 1000 };
const nothing = (): void => undefined;
const trigger = new IntervalTrigger({ seconds: 10, startDate: 0, timezone: 'UTC' });

/** What every job store must do with runs. Call it with a way to make an empty one. */
export function describeRunHistory(name: string, make: () => Promise<JobStore>, options: RunHistoryOptions = {}): void {
  describe(`The runs of the ${name} job store`, () => {
    let store: JobStore;
    let instances = 0;

    const open = async (history: HistoryLimits): Promise<void> => {
      store = await make();
      store.attach?.({
        alias: 'default',
        node: 'here',
        instance: `instance-${++instances}`,
        clock: new ManualClock(T),
        history,
        logger: memoryLogger(),
        wake: nothing,
        lost: nothing,
        cluster: nothing,
        cancel: nothing,
      });
      await store.start?.();
    };

    /** An empty store with other limits. */
    const limit = async (limits: Partial<HistoryLimits>): Promise<void> => {
      await store.stop?.();
      await open({ ...LIMITS, ...limits });
    };

    const find = (filter: Partial<RunFilter> = {}): Promise<readonly RunRecord[]> =>
      store.getRuns({ limit: 1000, now: T, ...filter });
    const idsOf = async (filter?: Partial<RunFilter>): Promise<string[]> => (await find(filter)).map(({ id }) => id);
    const lastOf = async (id: string): Promise<string | undefined> => (await store.lastRuns([id])).get(id)?.id;

    const takeDue = async (request: TakeRequest): Promise<TakeResult> => {
      await options.turnClock?.(store, request.now);
      return store.takeDue(request);
    };

    /** Takes all that is due at an instant. A job gets one run, and goes on to a time or ends. */
    const take = (now: number, next: number | null = null, limitTo = 100): Promise<TakeResult> =>
      takeDue({
        now,
        limit: limitTo,
        plan: (job, due) => ({ ...onTo(next), runs: [newRun(job, due.nominalTime)] }),
        retry: (job, failed) =>
          newRun(job, failed.nominalTime, {
            cause: 'retry',
            attempt: failed.attempt + 1,
            retryOf: failed.retryOf ?? failed.id,
          }),
      });

    /** Takes what is due, and answers its runs. */
    const runsTaken = async (now: number, next: number | null = null): Promise<RunEntry[]> =>
      (await take(now, next)).taken.flatMap(({ plan }) => plan.runs);

    /** A one-shot job whose only run has been taken. */
    const oneShot = async (id = 'a'): Promise<RunEntry> => {
      await store.add(record(id, T, { trigger }));
      return (await runsTaken(T)).at(-1) as RunEntry;
    };

    /** The runs of a job that has no time left after them. */
    const twoRuns = async (): Promise<readonly [RunEntry, RunEntry]> => {
      await store.add(record('a', T));
      const job = record('a', T);
      const runs = [newRun(job, T - 1000), newRun(job, T)] as const;
      await takeDue({ now: T, limit: 1, plan: () => ({ ...onTo(null), runs }), retry: () => null });
      return runs;
    };

    const nextDue = async (): Promise<number | null> => (await take(T - 3_600_000)).nextDue;

    beforeEach(() => open(LIMITS));

    afterEach(async () => {
      await store.stop?.();
    });

    describe('when runs are taken and recorded', () => {
      it('are recorded in the step that takes them', async () => {
        await store.add(record('a', T));
        const [run] = await runsTaken(T, T + 1000);
        expect(await store.getRun(run?.id ?? '')).toEqual(snapshotOf(run as RunEntry));
        expect(await find()).toMatchObject([{ id: run?.id, state: 'running', settled: false, startedAt: null }]);
      });

      it('are recorded with those that are left out', async () => {
        await store.add(record('a', T));
        const plan = (job: JobSpec): RunPlan => ({
          ...onTo(T + 1000),
          runs: [newRun(job, T)],
          leftOut: [
            leftOut(newRun(job, T - 5000), 'skipped', 'coalesced', T - 1000),
            leftOut(newRun(job, T - 9000), 'missed', 'misfire', T - 6000),
          ],
        });
        await takeDue({ now: T, limit: 10, plan, retry: () => null });
        expect(await find({ states: ['skipped'] })).toMatchObject([
          { reason: 'coalesced', nominalTime: T - 5000, lastNominalTime: T - 1000, settled: true, startedAt: null },
        ]);
        expect(await find({ states: ['missed'] })).toMatchObject([{ reason: 'misfire', lastNominalTime: T - 6000 }]);
      });

      it('are kept as they stand, with all that is known of them', async () => {
        const run = newRun(record('a', T), T, { cause: 'retry', attempt: 3, retryOf: 'first' });
        run.startedAt = T + 1;
        await store.record([run]);
        expect(await store.getRun(run.id)).toEqual(snapshotOf(run));
        run.log = [
          { time: T + 2, message: 'ü 漢字 🙂' },
          { time: T + 3, message: "'; DROP TABLE runs; --" },
        ];
        run.progress = 0.1 + 0.2;
        end(run, 'failed', T + 4);
        run.error = { name: 'Error', message: 'ü 漢字 🙂 \\ " %', stack: null };
        run.retryAt = null;
        await store.record([run]);
        expect(await store.getRun(run.id)).toEqual(snapshotOf(run));
      });

      it.each<[unknown]>([[0], [false], [''], ['text'], [[1, [null]]], [{ a: { b: 'ü' } }], [null], [1e21], [0.1]])(
        'keep what the task returned: %j',
        async (result) => {
          const run = end(newRun(record('a', T), T), 'succeeded', T);
          run.result = result;
          await store.record([run]);
          expect((await store.getRun(run.id))?.result).toEqual(result);
        },
      );

      it('are kept though their texts have what a database cannot hold', async () => {
        const run = end(newRun(record('a', T), T), 'failed', T);
        run.result = { text: 'a\0b', half: '\ud83d' };
        run.log = [{ time: T, message: 'a\0b' }];
        run.error = { name: 'Error', message: 'a\0b', stack: 'a\0b' };
        await store.record([run]);
        expect(await store.getRun(run.id)).toMatchObject({ id: run.id, state: 'failed' });
      });

      it('are kept once, however often they are told', async () => {
        const run = await oneShot();
        await store.record([run, run]);
        end(run, 'succeeded', T + 1);
        expect(await store.record([run, run])).toMatchObject({ removed: ['a'] });
        expect(await store.record([run])).toMatchObject({ removed: [] });
        expect(await find()).toEqual([snapshotOf(run)]);
      });

      it('grow when they stand for more runs that are left out', async () => {
        await store.add(record('a', T));
        const grown = newRun(record('a', T), T);
        for (const to of [T, T + 1000, T + 2000]) {
          const plan = (): RunPlan => ({ ...onTo(to + 1000), leftOut: [leftOut(grown, 'skipped', 'overlap', to, to)] });
          await takeDue({ now: to, limit: 10, plan, retry: () => null });
        }
        expect(await find()).toMatchObject([
          { id: grown.id, nominalTime: T, lastNominalTime: T + 2000, finishedAt: T + 2000 },
        ]);
      });

      it('that say they are told of by another are forgotten, and no more under way', async () => {
        const [first, second] = await twoRuns();
        leftOut(second, 'missed', 'removed').isAbsorbed = true;
        await store.record([second]);
        expect(await idsOf()).toEqual([first.id]);
        expect(await store.getRun(second.id)).toBeUndefined();
        expect(await store.record([end(first, 'succeeded', T)])).toMatchObject({ removed: ['a'] });
      });
    });

    describe('when their job has no time left', () => {
      it('keep it until they have an outcome, and take it along then', async () => {
        const run = await oneShot();
        expect(await store.removeIfEnded('a')).toBe(false);
        expect(await store.record([run])).toMatchObject({ removed: [] });
        expect(await store.record([end(run, 'failed', T + 1)])).toMatchObject({ removed: ['a'] });
        expect(await store.get('a')).toBeUndefined();
        expect(await idsOf()).toEqual([run.id]);
      });

      it('keep it until the last of them has an outcome', async () => {
        const [first, second] = await twoRuns();
        expect(await store.record([end(second, 'succeeded', T)])).toMatchObject({ removed: [] });
        const byHand = newRun(record('a', T), T, { cause: 'manual' });
        await store.record([byHand]);
        expect(await store.record([end(first, 'succeeded', T)])).toMatchObject({ removed: [] });
        expect(await store.record([end(byHand, 'succeeded', T)])).toMatchObject({ removed: ['a'] });
      });

      it('keep it while their task goes on in spite of a time-out', async () => {
        const run = await oneShot();
        end(run, 'timed_out', T + 1).settled = false;
        expect(await store.record([run])).toMatchObject({ removed: [] });
        expect(await store.removeIfEnded('a')).toBe(false);
        run.settled = true;
        expect(await store.record([run])).toMatchObject({ removed: ['a'] });
      });

      it('keep it when nobody knows how they ended', async () => {
        const run = await oneShot();
        expect(await store.record([end(run, 'lost', T + 1)])).toMatchObject({ removed: [] });
        expect(await store.get('a')).toBeDefined();
      });

      it('leave a job that has time left, or is paused, where it is', async () => {
        for (const id of ['on', 'paused']) await store.add(record(id, T));
        const runs = await runsTaken(T, T + 1000);
        await store.update('paused', (job) => ({ ...job, nextRunTime: null, nextNominalTime: null, paused: true }));
        for (const run of runs) end(run, 'succeeded', T + 1);
        expect(await store.record(runs)).toMatchObject({ removed: [] });
        expect((await store.list()).map(({ id }) => id).toSorted()).toEqual(['on', 'paused']);
      });
    });

    describe('when they are to be tried again', () => {
      const failed = async (retryAt: number, id = 'a'): Promise<RunEntry> => {
        const run = await oneShot(id);
        end(run, 'failed', T + 1).retryAt = retryAt;
        expect(await store.record([run])).toMatchObject({ removed: [] });
        return run;
      };

      it('are handed out once when their time has come, linked and with their job', async () => {
        const run = await failed(T + 500);
        expect(await nextDue()).toBe(T + 500);
        expect((await take(T + 499)).retries).toEqual([]);
        const { retries } = await take(T + 500);
        expect(retries).toHaveLength(1);
        const [retry] = retries;
        expect(retry?.job).toMatchObject({ id: 'a', task: 'app:work' });
        expect(retry?.run).toMatchObject({ cause: 'retry', attempt: 2, retryOf: run.id, nominalTime: T });
        expect(await store.getRun(run.id)).toMatchObject({ state: 'failed', retryAt: null });
        expect(await store.getRun(retry?.run.id ?? '')).toMatchObject({ state: 'running', attempt: 2 });
        expect(await nextDue()).toBeNull();
        expect((await take(T + 9000)).retries).toEqual([]);
      });

      it('are handed out once, however many ask at the same time', async () => {
        for (let n = 0; n < 20; n++) await failed(T + 500, `job-${n}`);
        const answers = await Promise.all(Array.from({ length: 5 }, () => take(T + 500)));
        const ids = answers.flatMap(({ retries }) => retries.map(({ job }) => job.id));
        expect(ids).toHaveLength(20);
        expect(new Set(ids).size).toBe(20);
      });

      it('are handed out in order, no more than are asked for', async () => {
        await failed(T + 600, 'late');
        await failed(T + 500, 'early');
        await failed(T + 550, 'middle');
        const first = await take(T + 1000, null, 2);
        expect(first.retries.map(({ job }) => job.id)).toEqual(['early', 'middle']);
        expect(first.nextDue).toBe(T + 600);
        expect((await take(T + 1000)).retries.map(({ job }) => job.id)).toEqual(['late']);
      });

      it('keep a job that has no time left, until the last attempt has an outcome', async () => {
        await failed(T + 500);
        expect(await store.removeIfEnded('a')).toBe(false);
        const retry = (await take(T + 500)).retries[0]?.run as RunEntry;
        expect(await store.removeIfEnded('a')).toBe(false);
        end(retry, 'failed', T + 501).retryAt = T + 700;
        expect(await store.record([retry])).toMatchObject({ removed: [] });
        const last = (await take(T + 700)).retries[0]?.run as RunEntry;
        expect(await store.record([end(last, 'succeeded', T + 701)])).toMatchObject({ removed: ['a'] });
      });

      it('stay when they are left, out of the way of others, until the store is told to look again', async () => {
        const run = await failed(T + 500);
        const leave = { now: T + 600, limit: 1, plan: () => null, retry: () => null };
        expect((await takeDue(leave)).retries).toEqual([]);
        expect((await store.getRun(run.id))?.retryAt).toBe(T + 500);
        expect(await nextDue()).toBeNull();
        store.reconsider();
        expect((await take(T + 600)).retries).toHaveLength(1);
      });

      it('stay when they are left until their job is changed, and are made with that', async () => {
        await failed(T + 500);
        await takeDue({ now: T + 600, limit: 1, plan: () => null, retry: () => null });
        await store.update('a', (job) => ({ ...job, args: ['new'] }));
        expect((await take(T + 600)).retries[0]?.job.args).toEqual(['new']);
      });

      it('wait while their job is paused', async () => {
        await failed(T + 500);
        await store.update('a', (job) => ({ ...job, paused: true }));
        expect((await take(T + 600)).retries).toEqual([]);
        await store.update('a', (job) => ({ ...job, paused: false }));
        expect((await take(T + 600)).retries).toHaveLength(1);
      });

      it.each(['remove', 'removeAll'] as const)('are tried no more once their job is gone: %s', async (how) => {
        const run = await failed(T + 500);
        await store[how]('a');
        expect(await nextDue()).toBeNull();
        await store.add(record('a', null));
        store.reconsider();
        await store.update('a', (job) => ({ ...job, name: 'another', paused: false }));
        expect((await take(T + 600)).retries).toEqual([]);
        expect(await store.getRun(run.id)).toMatchObject({ state: 'failed', retryAt: null });
      });

      it('are tried once, though the store is told of the failure again', async () => {
        const run = await failed(T + 500);
        await take(T + 500);
        run.retryAt = T + 500;
        await store.record([run]);
        expect((await take(T + 600)).retries).toEqual([]);
      });

      it('are tried again though the history has no room for them', async () => {
        await limit({ perJob: 0, total: 0 });
        await failed(T + 500);
        expect(await nextDue()).toBe(T + 500);
        expect((await take(T + 500)).retries).toHaveLength(1);
      });
    });

    describe('when they are given back', () => {
      const giveBack = async (run: RunEntry, planned = trigger): Promise<readonly string[]> => {
        leftOut(run, 'missed', 'shutdown');
        return (await store.record([run], [{ run, trigger: planned }])).removed;
      };

      it('make their job due for them again', async () => {
        await store.add(record('a', T + 300, { nextNominalTime: T, trigger }));
        const plan = (job: JobSpec): RunPlan => ({ ...onTo(T + 9000), runs: [newRun(job, T, { fireTime: T + 300 })] });
        const { taken } = await takeDue({ now: T + 300, limit: 1, plan, retry: () => null });
        expect(await giveBack(taken[0]?.plan.runs[0] as RunEntry)).toEqual([]);
        expect(await store.get('a')).toMatchObject({ nextRunTime: T + 300, nextNominalTime: T, paused: false });
        expect(await nextDue()).toBe(T + 300);
        expect(await find()).toMatchObject([{ state: 'missed', reason: 'shutdown' }]);
        // The same time can be run, now that it was not.
        expect(await runsTaken(T + 300, T + 9000)).toHaveLength(1);
        expect(await idsOf()).toHaveLength(2);
      });

      it('bring a job back that had no time left', async () => {
        const run = await oneShot();
        expect(await giveBack(run)).toEqual([]);
        expect(await store.get('a')).toMatchObject({ nextRunTime: T, nextNominalTime: T });
        const [again] = await runsTaken(T);
        expect(await store.record([end(again as RunEntry, 'succeeded', T)])).toMatchObject({ removed: ['a'] });
      });

      it('leave a job alone that is paused', async () => {
        const run = await oneShot();
        await store.update('a', (job) => ({ ...job, paused: true }));
        expect(await giveBack(run)).toEqual([]);
        expect(await store.get('a')).toMatchObject({ nextRunTime: null, paused: true });
      });

      it('leave a job alone that is due earlier', async () => {
        const run = await oneShot();
        await store.update('a', (job) => ({ ...job, nextRunTime: T - 1000, nextNominalTime: T - 1000 }));
        await giveBack(run);
        expect(await store.get('a')).toMatchObject({ nextRunTime: T - 1000 });
      });

      it('leave a job alone that has another trigger by now', async () => {
        const run = await oneShot();
        const other = new IntervalTrigger({ seconds: 11, startDate: 0, timezone: 'UTC' });
        const change = { trigger: other, nextRunTime: T + 5000, nextNominalTime: T + 5000 };
        await store.update('a', (job) => ({ ...job, ...change }));
        await giveBack(run);
        expect(await store.get('a')).toMatchObject({ nextRunTime: T + 5000 });
      });

      it('leave another job alone that has the id of their own', async () => {
        const run = await oneShot();
        await store.remove('a');
        await giveBack(run);
        expect(await store.get('a')).toBeUndefined();
        const second = await oneShot();
        await store.remove('a');
        await store.add(record('a', T + 5000, { trigger }));
        await giveBack(second);
        expect(await store.get('a')).toMatchObject({ nextRunTime: T + 5000 });
      });
    });

    describe('when their job is gone', () => {
      it('stay in the history', async () => {
        const run = await oneShot();
        await store.remove('a');
        expect(await store.record([end(run, 'succeeded', T + 1)])).toMatchObject({ removed: [] });
        expect(await find({ jobId: 'a' })).toMatchObject([{ id: run.id, state: 'succeeded' }]);
      });

      it('are nothing to another job that has its id', async () => {
        const run = await oneShot();
        await store.remove('a');
        await store.add(record('a', null, { paused: false }));
        end(run, 'failed', T + 1).retryAt = T + 500;
        expect(await store.record([run])).toMatchObject({ removed: [] });
        expect(await lastOf('a')).toBeUndefined();
        expect(await store.getRun(run.id)).toMatchObject({ state: 'failed', retryAt: null });
        expect((await take(T + 600)).retries).toEqual([]);
        expect(await store.removeIfEnded('a')).toBe(true);
      });
    });

    describe('when they are looked for', () => {
      it('come by id, the latest first, however they ended', async () => {
        const runs = Array.from({ length: 6 }, (_, n) => newRun(record('a', T), T + n));
        await store.record(runs);
        await store.record([4, 1, 3].map((n) => end(runs[n] as RunEntry, 'succeeded', T + 10)));
        const ids = runs.map(({ id }) => id).toReversed();
        expect(await idsOf()).toEqual(ids);
        expect(await idsOf({ limit: 2 })).toEqual(ids.slice(0, 2));
        expect(await idsOf({ limit: 2, before: ids[1] as string })).toEqual(ids.slice(2, 4));
        expect(await idsOf({ before: ids[5] as string })).toEqual([]);
        expect(await idsOf({ before: 'zzz', limit: 1 })).toEqual(ids.slice(0, 1));
      });

      it('are found by job, by state and by nominal time', async () => {
        const runs = [
          end(newRun(record('a', T), T), 'succeeded', T),
          end(newRun(record('a', T), T + 1000), 'failed', T),
          newRun(record('a', T), T + 2000),
          end(newRun(record('b', T), T + 1000), 'succeeded', T),
          leftOut(newRun(record('b', T), T + 3000), 'skipped', 'overlap', T + 6000),
        ];
        await store.record(runs);
        const found = async (filter: Partial<RunFilter>): Promise<number[]> =>
          (await idsOf(filter)).map((id) => runs.findIndex((run) => run.id === id)).toSorted((a, b) => a - b);
        expect(await found({ jobId: 'a' })).toEqual([0, 1, 2]);
        expect(await found({ jobId: 'nobody' })).toEqual([]);
        expect(await found({ states: ['succeeded'] })).toEqual([0, 3]);
        expect(await found({ states: ['failed', 'running'] })).toEqual([1, 2]);
        expect(await found({ states: [] })).toEqual([]);
        expect(await found({ jobId: 'b', states: ['succeeded'] })).toEqual([3]);
        expect(await found({ from: T + 1000 })).toEqual([1, 2, 3, 4]);
        expect(await found({ to: T + 1000 })).toEqual([0]);
        expect(await found({ from: T + 1000, to: T + 2000 })).toEqual([1, 3]);
        // A range is found where any of its times is.
        expect(await found({ from: T + 5000, to: T + 5001 })).toEqual([4]);
        expect(await found({ from: T + 6001 })).toEqual([]);
      });

      it('are not found where there are none', async () => {
        expect(await find()).toEqual([]);
        expect(await store.getRun('nobody')).toBeUndefined();
        expect(await store.getRun("' OR 1=1 --")).toBeUndefined();
        expect((await store.lastRuns(['nobody'])).size).toBe(0);
        expect((await store.lastRuns([])).size).toBe(0);
      });

      it('are known by job: the one that was begun last', async () => {
        for (const id of ['a', 'b', 'never']) await store.add(record(id, id === 'never' ? T + 9000 : T));
        const [a, b] = (await runsTaken(T, T + 1000)) as [RunEntry, RunEntry];
        expect(await lastOf('a')).toBe(a.id);
        await store.record([end(a, 'succeeded', T), end(b, 'failed', T)]);
        const last = await store.lastRuns(['a', 'b', 'never', 'nobody']);
        expect([...last.keys()].toSorted()).toEqual(['a', 'b']);
        expect(last.get('b')).toEqual(snapshotOf(b));
      });

      it('are known by job: none that was left out, or could not begin after all', async () => {
        await store.add(record('a', T));
        const [first] = (await runsTaken(T, T + 1000)) as [RunEntry];
        await store.record([end(first, 'succeeded', T)]);
        await store.record([leftOut(newRun(record('a', T), T + 500), 'skipped', 'overlap')]);
        expect(await lastOf('a')).toBe(first.id);
        const [second] = (await runsTaken(T + 1000, T + 2000)) as [RunEntry];
        expect(await lastOf('a')).toBe(second.id);
        await store.record([leftOut(second, 'missed', 'shutdown')]);
        expect(await lastOf('a')).toBe(first.id);
      });
    });

    describe('when there are too many', () => {
      const tidied = async (filter?: Partial<RunFilter>): Promise<string[]> => {
        await options.tidy?.(store);
        return idsOf(filter);
      };

      /** Runs of a job that have come and gone, one after the other. */
      const past = async (id: string, count: number, from = T): Promise<RunEntry[]> => {
        const runs: RunEntry[] = [];
        for (let n = 0; n < count; n++) {
          const run = newRun(record(id, T), from + n);
          run.startedAt = from + n;
          await store.record([run]);
          await store.record([end(run, 'succeeded', from + n)]);
          runs.push(run);
        }
        return runs;
      };

      const latest = (runs: readonly RunEntry[], count: number): string[] =>
        runs
          .slice(runs.length - count)
          .map(({ id }) => id)
          .toReversed();

      it('stay by the latest of their job', async () => {
        await limit({ perJob: 3 });
        for (const id of ['a', 'b']) await store.add(record(id, null));
        const [a, b] = [await past('a', 10), await past('b', 2)];
        expect(await tidied({ jobId: 'a' })).toEqual(latest(a, 3));
        expect(await tidied({ jobId: 'b' })).toEqual(latest(b, 2));
      });

      it('stay by the latest of all', async () => {
        await limit({ total: 4 });
        for (const id of ['a', 'b']) await store.add(record(id, null));
        await past('a', 10);
        const b = await past('b', 3, T + 20);
        expect(await tidied()).toHaveLength(4);
        expect(await tidied({ jobId: 'b' })).toEqual(latest(b, 3));
      });

      it('stay no longer than they may', async () => {
        await limit({ maxAgeMs: 60_000 });
        await store.add(record('a', null));
        await past('a', 2, T - 120_000);
        const young = await past('a', 2, T - 30_000);
        expect(await tidied()).toEqual(latest(young, 2));
        expect(await tidied({ now: T + 60_000 })).toEqual([]);
      });

      it('stay while they are under way', async () => {
        await limit({ perJob: 1, total: 1, maxAgeMs: 60_000 });
        await store.add(record('a', null));
        const live = newRun(record('a', T), T - 3_600_000);
        live.startedAt = T - 3_600_000;
        await store.record([live]);
        const [, last] = await past('a', 2, T - 10);
        expect(await tidied()).toEqual([last?.id, live.id]);
        await store.record([end(live, 'succeeded', T)]);
        expect(await tidied()).toHaveLength(1);
      });

      it('stay as the last runs of their jobs', async () => {
        await limit({ perJob: 0, total: 0 });
        await store.add(record('a', null));
        const [, last] = await past('a', 2);
        expect(await tidied()).toEqual([]);
        expect((await store.lastRuns(['a'])).get('a')).toEqual(snapshotOf(last as RunEntry));
      });
    });

    it('agree with plain lists, whatever is done to them', async () => {
      const id = fc.constantFrom('a', 'b', 'c');
      const step = fc.oneof(
        fc.record({ do: fc.constant('add' as const), id, at: fc.nat({ max: 20 }) }),
        fc.record({ do: fc.constant('remove' as const), id }),
        fc.record({ do: fc.constant('take' as const), next: fc.option(fc.nat({ max: 10 })) }),
        fc.record({
          do: fc.constant('end' as const),
          pick: fc.nat(),
          how: fc.constantFrom('succeeded', 'failed', 'again', 'back', 'lost'),
        }),
      );
      const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await limit({});
        const jobs = new Map<string, { at: number | null; live: Set<RunEntry>; retries: Map<RunEntry, number> }>();
        const all: { run: RunEntry; owner: unknown }[] = [];
        let now = T;
        const close = (jobId: string): boolean => {
          const job = jobs.get(jobId);
          return job !== undefined && job.at === null && job.live.size + job.retries.size === 0 && jobs.delete(jobId);
        };
        for (const one of steps) {
          now += 5;
          if (one.do === 'add') {
            if (jobs.has(one.id)) continue;
            await store.add(record(one.id, now + one.at, { trigger }));
            jobs.set(one.id, { at: now + one.at, live: new Set(), retries: new Map() });
          } else if (one.do === 'remove') {
            if (jobs.delete(one.id)) await store.remove(one.id);
          } else if (one.do === 'take') {
            const next = one.next === null ? null : now + 1 + one.next;
            const { taken, retries } = await take(now, next);
            const due = [...jobs].filter(([, { at }]) => at !== null && at <= now).map(([key]) => key);
            expect(taken.map(({ job }) => job.id).toSorted()).toEqual(due.toSorted());
            const again = [...jobs].flatMap(([key, job]) =>
              [...job.retries].filter(([, at]) => at <= now).map(([run]) => `${key} ${run.retryOf ?? run.id}`),
            );
            expect(retries.map(({ job, run }) => `${job.id} ${run.retryOf}`).toSorted()).toEqual(again.toSorted());
            for (const job of jobs.values())
              for (const [run, at] of job.retries) if (at <= now) job.retries.delete(run);
            for (const { job, plan } of taken) Object.assign(jobs.get(job.id) ?? {}, { at: next, plan });
            const begun = [...taken.flatMap(({ plan }) => plan.runs), ...retries.map(({ run }) => run)];
            for (const run of begun) {
              jobs.get(run.jobId)?.live.add(run);
              all.push({ run, owner: jobs.get(run.jobId) });
            }
          } else {
            const live = all.filter(({ run }) => !run.settled);
            const picked = live[one.pick % Math.max(1, live.length)];
            if (!picked) continue;
            const { run, owner } = picked;
            const job = jobs.get(run.jobId) === owner ? jobs.get(run.jobId) : undefined;
            job?.live.delete(run);
            if (one.how === 'back' && run.cause === 'schedule') {
              leftOut(run, 'missed', 'shutdown');
              if (job && (job.at === null || job.at > run.fireTime)) job.at = run.fireTime;
              await store.record([run], [{ run, trigger }]);
              continue;
            }
            run.startedAt = now;
            end(run, one.how === 'succeeded' || one.how === 'lost' ? one.how : 'failed', now);
            if (one.how === 'again') run.retryAt = now + 7;
            if (one.how === 'again') job?.retries.set(run, now + 7);
            const { removed } = await store.record([run]);
            const isGone = job !== undefined && one.how !== 'lost' && close(run.jobId);
            expect(removed).toEqual(isGone ? [run.jobId] : []);
          }
          expect((await store.list()).map((job) => `${job.id} ${job.nextRunTime}`).toSorted()).toEqual(
            [...jobs].map(([key, { at }]) => `${key} ${at}`).toSorted(),
          );
          expect((await find()).map((run) => `${run.id} ${run.state}`)).toEqual(
            all
              .map(({ run }) => `${run.id} ${run.state}`)
              .toSorted()
              .toReversed(),
          );
        }
      });
      await fc.assert(property, { numRuns: 100 });
    });
  });
}
