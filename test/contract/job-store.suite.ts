import {
  ConflictingIdError,
  IntervalTrigger,
  JobLookupError,
  type JobRecord,
  type JobSpec,
  type JobStore,
  type RunPlan,
  type TakeRequest,
  type TakeResult,
} from 'nestjs-apscheduler/engine';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const trigger = new IntervalTrigger({ seconds: 10, startDate: 0, timezone: 'UTC' });

/** A job that is due at an instant; null is paused. */
export function record(id: string, nextRunTime: number | null, changes: Partial<JobRecord> = {}): JobRecord {
  return {
    id,
    name: id,
    task: 'app:work',
    args: [],
    kwargs: {},
    trigger,
    startOpen: false,
    executor: 'default',
    coalesce: true,
    catchUpLimit: 1000,
    misfireGraceTime: null,
    maxInstances: 1,
    overlap: 'skip',
    maxQueued: 100,
    timeout: null,
    retry: null,
    runOnStart: false,
    nextRunTime,
    nextNominalTime: nextRunTime,
    paused: nextRunTime === null,
    ...changes,
  };
}

/** A job with its trigger as JSON: a trigger that was stored is an equal one, made anew. */
const plain = (job: JobRecord | undefined): unknown => job && { ...job, trigger: job.trigger.toJSON() };

const onTo = (time: number | null): RunPlan => ({
  runs: [],
  leftOut: [],
  parks: false,
  next: time === null ? null : { nominalTime: time, fireTime: time },
});

/** What every job store must do. Call it with a way to make an empty one. */
export function describeJobStore(name: string, make: () => Promise<JobStore>): void {
  describe(`The ${name} job store`, () => {
    let store: JobStore;
    const ids = async (): Promise<string[]> => (await store.list()).map(({ id }) => id);

    const take = (request: Omit<TakeRequest, 'retry'>): Promise<TakeResult> =>
      store.takeDue({ ...request, retry: () => null });

    /** What the store says of the time when nothing is due yet. */
    const nextDue = async (): Promise<number | null> =>
      (await take({ now: -Infinity, limit: 1, plan: () => onTo(null) })).nextDue;

    beforeEach(async () => {
      store = await make();
      await store.start?.();
    });

    afterEach(async () => {
      await store.stop?.();
    });

    it('keeps a job as it was given', async () => {
      const job = record('a', 1000, { args: [1, 'x', null], kwargs: { b: [2] }, misfireGraceTime: 5, maxInstances: 3 });
      await store.add(job);
      expect(plain(await store.get('a'))).toEqual(plain(job));
      expect(await store.get('b')).toBeUndefined();
    });

    it('refuses a second job with an id, and keeps the first', async () => {
      await store.add(record('a', 1000));
      await expect(store.add(record('a', 2000))).rejects.toThrow(ConflictingIdError);
      expect((await store.get('a'))?.nextRunTime).toBe(1000);
    });

    it('lists by next run time, those without one last', async () => {
      await store.add(record('paused', null));
      await store.add(record('late', 3000));
      await store.add(record('early', 1000));
      await store.add(record('middle', 2000));
      expect(await ids()).toEqual(['early', 'middle', 'late', 'paused']);
    });

    it('takes ids of any characters', async () => {
      const odd = ['a/b', '%2F', 'ü ñ 漢字 🙂', '__proto__', 'constructor', "'; DROP TABLE jobs; --", ' '];
      for (const id of odd) await store.add(record(id, 1000));
      for (const id of odd) expect((await store.get(id))?.id).toBe(id);
      expect(await ids()).toHaveLength(odd.length);
    });

    it('replaces a job with what a change makes of it, and answers the new one', async () => {
      await store.add(record('a', 1000));
      const changed = await store.update('a', (job) => ({ ...job, name: 'new', nextRunTime: 5000 }));
      expect(changed).toMatchObject({ name: 'new', nextRunTime: 5000 });
      expect(plain(await store.get('a'))).toEqual(plain(changed));
      expect(await nextDue()).toBe(5000);
    });

    it('leaves a job when its change throws', async () => {
      await store.add(record('a', 1000));
      const failing = store.update('a', () => {
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect((await store.get('a'))?.nextRunTime).toBe(1000);
    });

    it('does not know a job that is not there', async () => {
      await expect(store.update('a', (job) => job)).rejects.toThrow(JobLookupError);
      await expect(store.remove('a')).rejects.toThrow(JobLookupError);
      expect(await store.removeIfEnded('a')).toBe(false);
    });

    it('removes one, or all', async () => {
      for (const id of ['a', 'b', 'c']) await store.add(record(id, 1000));
      await store.remove('b');
      expect((await ids()).sort()).toEqual(['a', 'c']);
      await store.removeAll();
      expect(await ids()).toEqual([]);
      expect(await nextDue()).toBeNull();
    });

    it('removes a job that has ended, and none that is paused or has time left', async () => {
      await store.add(record('ended', null, { paused: false }));
      await store.add(record('paused', null));
      await store.add(record('waiting', 1000));
      expect(await store.removeIfEnded('ended')).toBe(true);
      expect(await store.removeIfEnded('paused')).toBe(false);
      expect(await store.removeIfEnded('waiting')).toBe(false);
      expect((await ids()).sort()).toEqual(['paused', 'waiting']);
    });

    it('says when the first job falls due', async () => {
      expect(await nextDue()).toBeNull();
      await store.add(record('paused', null));
      expect(await nextDue()).toBeNull();
      await store.add(record('b', 2000));
      await store.add(record('a', 1000));
      expect(await nextDue()).toBe(1000);
    });

    it('hands out what is due, in order, moved on in the same step', async () => {
      for (const [id, time] of [
        ['c', 3000],
        ['a', 1000],
        ['b', 2000],
        ['later', 3001],
      ] as const) {
        await store.add(record(id, time));
      }
      const { taken, nextDue } = await take({ now: 3000, limit: 10, plan: () => onTo(9000) });
      expect(taken.map(({ job }) => job.id)).toEqual(['a', 'b', 'c']);
      expect((await store.list()).map(({ nextRunTime }) => nextRunTime)).toEqual([3001, 9000, 9000, 9000]);
      expect(nextDue).toBe(3001);
      expect((await store.get('a'))?.nextRunTime).toBe(9000);
      expect((await take({ now: 3000, limit: 10, plan: () => onTo(9000) })).taken).toEqual([]);
    });

    it('hands out no more than it is asked for, and says that more is due', async () => {
      for (const id of ['a', 'b', 'c']) await store.add(record(id, 1000));
      const { taken, nextDue } = await take({ now: 1000, limit: 2, plan: () => onTo(9000) });
      expect(taken).toHaveLength(2);
      expect(nextDue).toBe(1000);
    });

    it('keeps a job whose trigger has ended, without a next run time, until it is removed', async () => {
      await store.add(record('a', 1000));
      const { taken, nextDue } = await take({ now: 1000, limit: 10, plan: () => onTo(null) });
      expect(taken).toHaveLength(1);
      expect(nextDue).toBeNull();
      expect(await store.get('a')).toMatchObject({ nextRunTime: null, paused: false });
      expect(await store.removeIfEnded('a')).toBe(true);
    });

    it('pauses a job whose plan parks it, and keeps it', async () => {
      await store.add(record('a', 1000));
      const { taken } = await take({ now: 1000, limit: 10, plan: () => ({ ...onTo(null), parks: true }) });
      expect(taken).toHaveLength(1);
      expect(await store.get('a')).toMatchObject({ nextRunTime: null, paused: true });
      expect(await store.removeIfEnded('a')).toBe(false);
    });

    it('leaves what a plan leaves, out of the way of the others, until it is told to look again or it changes', async () => {
      for (const [id, time] of [
        ['left', 1000],
        ['changed', 1001],
        ['other', 1002],
      ] as const) {
        await store.add(record(id, time));
      }
      const onlyOther = (job: JobSpec): RunPlan | null => (job.id === 'other' ? onTo(9000) : null);
      const first = await take({ now: 2000, limit: 10, plan: onlyOther });
      expect(first.taken.map(({ job }) => job.id)).toEqual(['other']);
      expect(first.nextDue).toBe(9000);
      expect((await store.get('left'))?.nextRunTime).toBe(1000);
      await store.update('changed', (job) => ({ ...job, name: 'new' }));
      expect(await nextDue()).toBe(1001);
      store.reconsider();
      const second = await take({ now: 2000, limit: 10, plan: () => onTo(9000) });
      expect(second.taken.map(({ job }) => job.id)).toEqual(['left', 'changed']);
    });

    it('hands a job out once, however many ask at the same time', async () => {
      for (let n = 0; n < 50; n++) await store.add(record(`job-${n}`, 1000));
      const asked = Array.from({ length: 8 }, () => take({ now: 1000, limit: 10, plan: () => onTo(9000) }));
      const all = (await Promise.all(asked)).flatMap(({ taken }) => taken.map(({ job }) => job.id));
      expect(new Set(all).size).toBe(all.length);
      expect(all).toHaveLength(50);
    });

    it('agrees with a plain list, whatever is done to it', async () => {
      const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
      const time = fc.option(fc.integer({ min: 0, max: 20 }));
      const step = fc.oneof(
        fc.record({ do: fc.constant('add' as const), id, time }),
        fc.record({ do: fc.constant('update' as const), id, time }),
        fc.record({ do: fc.constant('remove' as const), id }),
        fc.record({
          do: fc.constant('take' as const),
          now: fc.integer({ min: 0, max: 20 }),
          limit: fc.integer({ min: 1, max: 3 }),
        }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          await store.removeAll();
          const model = new Map<string, number | null>();
          for (const one of steps) {
            if (one.do === 'add') {
              const added = await store.add(record(one.id, one.time)).then(
                () => true,
                () => false,
              );
              expect(added).toBe(!model.has(one.id));
              if (added) model.set(one.id, one.time);
            } else if (one.do === 'update') {
              const change = (job: JobRecord): JobRecord => ({
                ...job,
                nextRunTime: one.time,
                paused: one.time === null,
              });
              const updated = await store.update(one.id, change).then(
                () => true,
                () => false,
              );
              expect(updated).toBe(model.has(one.id));
              if (updated) model.set(one.id, one.time);
            } else if (one.do === 'remove') {
              const removed = await store.remove(one.id).then(
                () => true,
                () => false,
              );
              expect(removed).toBe(model.delete(one.id));
            } else {
              const due = [...model].filter(([, at]) => at !== null && at <= one.now).map(([, at]) => at as number);
              const { taken } = await take({ now: one.now, limit: one.limit, plan: () => onTo(one.now + 5) });
              expect(taken).toHaveLength(Math.min(due.length, one.limit));
              const times = taken.map(({ job }) => model.get(job.id) as number);
              expect(times).toEqual(due.sort((a, b) => a - b).slice(0, one.limit));
              for (const { job } of taken) model.set(job.id, one.now + 5);
            }
            const waiting = [...model.values()].filter((at): at is number => at !== null);
            expect(await nextDue()).toBe(waiting.length > 0 ? Math.min(...waiting) : null);
          }
          expect((await ids()).sort()).toEqual([...model.keys()].sort());
        }),
        { numRuns: 200 },
      );
    });
  });
}
