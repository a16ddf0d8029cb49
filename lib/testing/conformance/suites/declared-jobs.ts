import { equal, isTrue, refuses, sameSet } from '../checks.js';
import type { JobRecord } from '../../../engine/model/job.js';
import { jobRecord } from '../sample-jobs.js';
import type { Suite } from '../suite.js';

const declared = (id: string, release: string | null, changes: Partial<JobRecord> = {}): JobRecord =>
  jobRecord(id, 1000, { declaredBy: { release }, ...changes });
const paused = { paused: true, nextRunTime: null, nextNominalTime: null } as const;
const idsOf = (jobs: readonly JobRecord[]): string[] => jobs.map(({ id }) => id);
const isOfOne = ({ declaredBy }: JobRecord): boolean => declaredBy?.release === '1';

/** Jobs that programs declare, and that go when no release declares them any more. */
export function declaredJobs({ describe, test }: Suite): void {
  describe('of declared jobs', () => {
    test('keeps by which release they were declared, and of others nothing', async ({ store }) => {
      await store.addMany([declared('a', '1.2'), declared('b', null), jobRecord('c', 1000)]);
      await store.update('a', (job) => ({ ...job, ...paused }));
      equal((await store.get('a'))?.declaredBy, { release: '1.2' }, 'of one that was paused');
      equal((await store.get('b'))?.declaredBy, { release: null }, 'of one without a release');
      equal((await store.get('c'))?.declaredBy, undefined, 'of one that is not declared');
      await store.update('a', ({ declaredBy: _declaredBy, ...job }) => job);
      equal((await store.get('a'))?.declaredBy, undefined, 'of one that is declared no more');
    });

    test('finds them among all others, paused ones too, by next run time', async ({ store }) => {
      await store.addMany([
        declared('late', '1', { nextRunTime: 2000, nextNominalTime: 2000 }),
        jobRecord('added', 500),
        declared('early', '1'),
        declared('paused', null, paused),
        jobRecord('bait', 1000, { kwargs: { declaredBy: { release: '1' } }, args: ['"declaredBy":{'] }),
      ]);
      equal(idsOf(await store.list('declared')), ['early', 'late', 'paused'], 'those declared');
      equal((await store.list()).length, 5, 'how many there are');
    });

    test('finds each once among thousands', async ({ store }) => {
      const all = Array.from({ length: 3000 }, (_, n) => (n % 3 ? jobRecord(`j${n}`, 1000) : declared(`j${n}`, '1')));
      await store.addMany(all);
      sameSet(idsOf(await store.list('declared')), idsOf(all.filter(({ declaredBy }) => declaredBy)), 'those declared');
    });

    test('removes one that is meant as it stands, and no other', async ({ store }) => {
      await store.addMany([declared('a', '1'), declared('b', '2')]);
      equal(await store.removeIf('a', isOfOne), true, 'one that is meant');
      equal(await store.removeIf('a', isOfOne), false, 'one that is gone');
      equal(await store.removeIf('b', isOfOne), false, 'one that is not meant');
      equal(await store.removeIf('none', () => true), false, 'one that was never there');
      equal(idsOf(await store.list()), ['b'], 'what is left');
    });

    test('looks at one as it stands when it is removed, though it is changed at the same time', async ({ store }) => {
      for (let round = 0; round < 20; round++) {
        await store.add(declared('a', '1'));
        const [removed] = await Promise.all([
          store.removeIf('a', isOfOne),
          store.update('a', (job) => ({ ...job, declaredBy: { release: '2' } })).catch(() => undefined),
        ]);
        const left = await store.get('a');
        equal(left?.declaredBy, removed ? undefined : { release: '2' }, 'what became of it');
        if (left) await store.remove('a');
      }
    });

    test('leaves one alone when it cannot be told whether it is meant', async ({ store }) => {
      await store.add(declared('a', '1'));
      const failing = (): boolean => {
        throw new Error('not now');
      };
      await refuses(store.removeIf('a', failing), 'not now', 'a removal that cannot be decided');
      isTrue((await store.get('a')) !== undefined, 'it is still there');
    });
  });
}
