import type { AuditAction, AuditRecord } from '../../../engine/model/audit.js';
import { RunIds } from '../../../engine/runs/run-ids.js';
import type { AuditFilter } from '../../../engine/stores/job-store.js';
import { equal, isTrue } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import type { StoreNode } from '../store-node.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const ids = new RunIds();

/** An entry that says little. */
function entryAt(time: number, given: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: ids.idOf(time, ids.next()),
    time,
    action: 'job.pause',
    actor: null,
    jobId: null,
    runId: null,
    changes: [],
    node: 'node-1',
    address: null,
    note: null,
    release: null,
    ...given,
  };
}

const idsOf = (entries: readonly AuditRecord[]): string[] => entries.map(({ id }) => id);

const find = ({ clock, store }: StoreWorld, filter: Partial<AuditFilter> = {}): Promise<readonly AuditRecord[]> =>
  store.findAudit({ limit: 1000, now: clock.now(), ...filter });

const HOUR = 3_600_000;

/** Who did what. */
export function auditTrail({ describe, test }: Suite): void {
  describe('keeps an audit trail', () => {
    test('of entries as they are given, the latest first', async (world) => {
      const { store, T } = world;
      const first = entryAt(T - 2, {
        action: 'job.modify',
        actor: 'Änne "the ☃"',
        jobId: "a'b\\c",
        runId: 'run',
        address: '2001:db8::1',
        note: 'line\nof \0 text',
        release: '2',
        changes: [
          { field: 'kwargs', before: { a: [1, null, { b: true }] }, after: null },
          { field: 'name', before: 'x', after: 'y' },
        ],
      });
      const [second, third] = [entryAt(T - 1), entryAt(T - 1)];
      await store.appendAudit([]);
      await store.appendAudit([first, second]);
      await store.appendAudit([third]);
      equal(await find(world), [third, second, first], 'the entries');
    });

    test('of entries that come late, by their time', async (world) => {
      const { store, T } = world;
      const [early, late] = [entryAt(T - HOUR), entryAt(T)];
      await store.appendAudit([late]);
      await store.appendAudit([early]);
      equal(idsOf(await find(world)), idsOf([late, early]), 'the entries');
    });

    test('that is found by job, actor, action and time, alone and together', async (world) => {
      const { store, T } = world;
      const actions: readonly AuditAction[] = ['job.add', 'job.pause', 'job.remove'];
      const entries = Array.from({ length: 60 }, (_, n) =>
        entryAt(T - 60 + n, {
          action: actions[n % 3] as AuditAction,
          actor: [null, 'ann', 'bob', 'a'][n % 4] as string | null,
          jobId: [null, 'a', 'ann', 'ab', 'job'][n % 5] as string | null,
        }),
      );
      await store.appendAudit(entries);
      const jobIds = [undefined, 'a', 'ann', 'job', 'none'];
      const actors = [undefined, 'ann', 'a', 'bob', 'none'];
      const asked: (readonly AuditAction[] | undefined)[] = [undefined, [], ['job.pause'], ['job.add', 'job.remove']];
      const spans = [{}, { from: T - 40 }, { to: T - 20 }, { from: T - 50, to: T - 10 }, { from: T - 10, to: T - 10 }];
      for (const jobId of jobIds)
        for (const actor of actors)
          for (const some of asked)
            for (const span of spans) {
              const filter: Partial<AuditFilter> = {
                ...span,
                ...(jobId !== undefined && { jobId }),
                ...(actor !== undefined && { actor }),
                ...(some && { actions: some }),
              };
              const { from = -Infinity, to = Infinity } = filter;
              const expected = entries.filter(
                (entry) =>
                  (jobId === undefined || entry.jobId === jobId) &&
                  (actor === undefined || entry.actor === actor) &&
                  (!some || some.includes(entry.action)) &&
                  entry.time >= from &&
                  entry.time < to,
              );
              equal(idsOf(await find(world, filter)), idsOf(expected).toReversed(), JSON.stringify(filter));
            }
    });

    test('that is read page by page', async (world) => {
      const { store, T } = world;
      const entries = Array.from({ length: 25 }, (_, n) => entryAt(T - 25 + n, { jobId: n % 2 ? 'odd' : 'even' }));
      await store.appendAudit(entries);
      for (const jobId of [undefined, 'odd']) {
        const found: string[] = [];
        for (let before: string | undefined; ;) {
          const filter = { limit: 4, ...(jobId !== undefined && { jobId }), ...(before !== undefined && { before }) };
          const page = idsOf(await find(world, filter));
          isTrue(page.length <= 4, `${page.length} entries are on a page of 4`);
          found.push(...page);
          before = page.at(-1);
          if (page.length < 4) break;
        }
        const expected = entries.filter((entry) => jobId === undefined || entry.jobId === jobId);
        equal(found, idsOf(expected).toReversed(), `the pages of ${jobId ?? 'all'}`);
      }
    });

    test('whatever becomes of the jobs', async (world) => {
      const { store, T } = world;
      await store.add(jobRecord('a', T + HOUR));
      const entry = entryAt(T, { jobId: 'a' });
      await store.appendAudit([entry]);
      await store.remove('a');
      await store.removeAll();
      equal(idsOf(await find(world, { jobId: 'a' })), [entry.id], 'the entries of a job that is gone');
    });

    test(
      'of so many entries at most',
      async (world) => {
        const { store, T } = world;
        const entries = Array.from({ length: 150 }, (_, n) =>
          entryAt(T - 200 + n, { actor: 'ann', jobId: `${n % 7}` }),
        );
        for (let n = 0; n < entries.length; n += 10) await store.appendAudit(entries.slice(n, n + 10));
        const isPruned = async (): Promise<void> => {
          const found = await find(world);
          isTrue(found.length >= 20 && found.length <= 22, `${found.length} entries are kept where 20 are allowed`);
          equal(idsOf(found), idsOf(entries).toReversed().slice(0, found.length), 'those that are kept');
          equal(idsOf(await find(world, { actor: 'ann' })), idsOf(found), 'those that are found by their actor');
        };
        await world.eventually(isPruned);
      },
      { audit: { maxCount: 20 } },
    );

    test(
      'of entries that are not too old',
      async (world) => {
        const { store, T } = world;
        const [old, young] = [entryAt(T - HOUR - 1, { jobId: 'a' }), entryAt(T - 1000, { jobId: 'a' })];
        await store.appendAudit([old]);
        await store.appendAudit([young]);
        for (const filter of [{}, { jobId: 'a' }, { action: 'job.pause' }]) {
          equal(idsOf(await find(world, filter)), [young.id], `the entries, by ${JSON.stringify(filter)}`);
        }
        equal(idsOf(await find(world, { now: T + HOUR })), [], 'the entries an hour later');
      },
      { audit: { maxAgeMs: HOUR } },
    );

    test(
      'that is pruned to the limits of a node that starts later',
      async (world) => {
        const { node, store, T } = world;
        const entries = Array.from({ length: 1200 }, (_, n) => entryAt(T - 1200 + n, { jobId: 'a' }));
        await store.appendAudit(entries);
        equal((await find(world)).length, 1000, 'how many are found at once');
        await node.stop();
        const later: StoreNode = await world.join({ audit: { maxCount: 10 } });
        const latest = entryAt(T, { jobId: 'a' });
        await later.store.appendAudit([latest]);
        await world.eventually(async () => {
          const found = await later.store.findAudit({ limit: 1000, now: T });
          isTrue(found.length <= 11, `${found.length} entries are kept where 10 are allowed`);
          equal(found[0]?.id, latest.id, 'the latest');
        });
      },
      { capability: 'durable' },
    );

    test(
      'over restarts, for all nodes',
      async (world) => {
        const { node, store, T } = world;
        const entry = entryAt(T, { jobId: 'a', actor: 'ann' });
        await store.appendAudit([entry]);
        await node.restart();
        equal(await find(world), [entry], 'the entries after a restart');
        const other = await world.join();
        equal(await other.store.findAudit({ limit: 10, now: T, actor: 'ann' }), [entry], 'what another node finds');
      },
      { capability: 'durable' },
    );

    test(
      'of which one that cannot be read hides no other',
      async (world) => {
        const { damageAudit, store, T } = world;
        for (const damage of damageAudit) {
          const entries = [1, 2, 3].map(() => entryAt(T, { jobId: 'a' }));
          await store.appendAudit(entries);
          const [first, damaged, last] = idsOf(entries) as [string, string, string];
          await damage(damaged);
          for (const filter of [{}, { jobId: 'a' }]) {
            const unreadable: string[] = [];
            const found = await store.findAudit({ limit: 3, now: T, ...filter }, (id) => unreadable.push(id));
            equal([idsOf(found), unreadable], [[last, first], [damaged]], 'what is found, and what cannot be read');
            const two = await store.findAudit({ limit: 2, now: T, ...filter });
            equal(idsOf(two), [last], 'a page that ends with one that cannot be read');
          }
        }
      },
      { damage: 'audit' },
    );
  });
}
