import type { JobRecord, JobStore } from 'nestjs-apscheduler/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record } from './job-store.suite.js';

const declared = (id: string, release: string | null, changes: Partial<JobRecord> = {}): JobRecord =>
  record(id, 1000, { declaredBy: { release }, ...changes });

/** What every job store must do for jobs that programs declare. Call it with a way to make an empty one. */
export function describeDeclaredJobs(name: string, make: () => Promise<JobStore>): void {
  describe(`The ${name} job store, of declared jobs,`, () => {
    let store: JobStore;
    const idsOf = (jobs: readonly JobRecord[]): string[] => jobs.map(({ id }) => id);

    beforeEach(async () => {
      store = await make();
      await store.start?.();
    });

    afterEach(async () => {
      await store.stop?.();
    });

    it('keeps by which release they were declared, and of others nothing', async () => {
      await store.addMany([declared('a', '1.2'), declared('b', null), record('c', 1000)]);
      expect((await store.get('a'))?.declaredBy).toEqual({ release: '1.2' });
      expect((await store.get('b'))?.declaredBy).toEqual({ release: null });
      expect(await store.get('c')).not.toHaveProperty('declaredBy');
      await store.update('a', (job) => ({ ...job, paused: true, nextRunTime: null, nextNominalTime: null }));
      expect((await store.get('a'))?.declaredBy).toEqual({ release: '1.2' });
      await store.update('a', ({ declaredBy: _declaredBy, ...job }) => job);
      expect(await store.get('a')).not.toHaveProperty('declaredBy');
    });

    it('finds them among all others, paused and ended ones too, by next run time', async () => {
      await store.addMany([
        declared('late', '1', { nextRunTime: 2000, nextNominalTime: 2000 }),
        record('added', 500),
        declared('early', '1'),
        declared('paused', null, { paused: true, nextRunTime: null, nextNominalTime: null }),
        record('bait', 1000, { kwargs: { declaredBy: { release: '1' } }, args: ['"declaredBy":{'] }),
      ]);
      expect(idsOf(await store.list('declared'))).toEqual(['early', 'late', 'paused']);
      expect(await store.list()).toHaveLength(5);
    });

    it('finds each once among thousands', async () => {
      const all = Array.from({ length: 3000 }, (_, n) =>
        n % 3 === 0 ? declared(`j${n}`, '1') : record(`j${n}`, 1000),
      );
      await store.addMany(all);
      const expected = idsOf(all.filter(({ declaredBy }) => declaredBy));
      expect(idsOf(await store.list('declared')).sort()).toEqual(expected.sort());
    });

    it('removes one that is meant as it stands, and no other', async () => {
      await store.addMany([declared('a', '1'), declared('b', '2')]);
      const isOld = ({ declaredBy }: JobRecord): boolean => declaredBy?.release === '1';
      expect(await store.removeIf('a', isOld)).toBe(true);
      expect(await store.removeIf('a', isOld)).toBe(false);
      expect(await store.removeIf('b', isOld)).toBe(false);
      expect(await store.removeIf('none', () => true)).toBe(false);
      expect(idsOf(await store.list())).toEqual(['b']);
    });

    it('looks at one as it stands when it is removed, though others change it at the same time', async () => {
      for (let round = 0; round < 20; round++) {
        await store.add(declared('a', '1'));
        const [removed] = await Promise.all([
          store.removeIf('a', ({ declaredBy }) => declaredBy?.release === '1'),
          store.update('a', (job) => ({ ...job, declaredBy: { release: '2' } })).catch(() => undefined),
        ]);
        const left = await store.get('a');
        if (removed) expect(left).toBeUndefined();
        else expect(left?.declaredBy).toEqual({ release: '2' });
        if (left) await store.remove('a');
      }
    });

    it('leaves a job alone when it cannot be told whether it is meant', async () => {
      await store.add(declared('a', '1'));
      const failing = (): boolean => {
        throw new Error('not now');
      };
      await expect(store.removeIf('a', failing)).rejects.toThrow('not now');
      expect(await store.get('a')).toBeDefined();
    });
  });
}
