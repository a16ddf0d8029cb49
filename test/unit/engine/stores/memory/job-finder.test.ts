import fc from 'fast-check';
import { ManualClock, type MemoryJobStore as Store } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { JOB_ORDERS, type JobOrder } from '../../../../../lib/engine/model/job-query.js';
import { resolveAudit } from '../../../../../lib/engine/stores/audit-options.js';
import { resolveHistory } from '../../../../../lib/engine/stores/history-options.js';
import type { JobFilter, JobPlace, JobSearch } from '../../../../../lib/engine/stores/job-search.js';
import { MemoryJobStore } from '../../../../../lib/engine/stores/memory/memory.job-store.js';
import { silentLogger } from '../../../../../lib/engine/logger.js';
import { record } from '../../../../contract/job-store.suite.js';

const START = 1_000_000;

/** A clock that counts how often work lets others go first, and lets a test act then. */
class CountingClock extends ManualClock {
  pauses = 0;
  onPause: () => void = () => undefined;

  override async yield(): Promise<void> {
    this.pauses++;
    this.onPause();
  }
}

function storeOf(size: number): { store: Store; clock: CountingClock } {
  const clock = new CountingClock(START);
  const store = new MemoryJobStore();
  const nothing = (): void => undefined;
  store.attach({
    ...{ alias: 'default', node: 'here', instance: 'here', clock, history: resolveHistory(), logger: silentLogger },
    audit: resolveAudit(),
    ...{
      wake: nothing,
      heldRuns: () => new Set(),
      runsUnderLease: nothing,
      describeNode: () => '',
      lost: nothing,
      jobsLost: nothing,
    },
    ...{ clockSetBack: nothing, cluster: nothing, cancel: nothing },
  });
  for (let n = 0; n < size; n++) void store.add(record(idOf(n), START + ((n * 7919) % size)));
  return { store, clock };
}

const idOf = (n: number): string => `job-${String(n).padStart(6, '0')}`;

const searchOf = (order: JobOrder, filter: JobFilter = {}, rest: Partial<JobSearch> = {}): JobSearch => ({
  ...{ filter, order, descending: false, limit: 100, known: { tasks: ['app:work'], executors: ['default'] } },
  ...rest,
});

async function idsOf(store: Store, search: JobSearch): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: JobPlace | null | undefined; after !== null;) {
    const page = await store.find({ ...search, ...(after && { after }) });
    ids.push(...page.found.map(({ place: { id } }) => id));
    after = page.next;
  }
  return ids;
}

describe('A search in memory', () => {
  it.each(JOB_ORDERS)('looks at no more jobs than it answers when it goes by %s again', async (order) => {
    const { clock, store } = storeOf(20_000);
    await store.find(searchOf(order));
    expect(clock.pauses).toBeGreaterThanOrEqual(20);
    clock.pauses = 0;
    await store.add(record('one more', START));
    await store.update(idOf(7), (job) => ({ ...job, name: 'other' }));
    await store.remove(idOf(8));
    const { found } = await store.find(searchOf(order, {}, { limit: 1000 }));
    expect(found.length).toBe(1000);
    expect(clock.pauses).toBe(0);
  });

  it('lists all jobs, page by page, in as many steps as there are jobs', async () => {
    const { clock, store } = storeOf(20_000);
    await store.find(searchOf('nextRun'));
    clock.pauses = 0;
    expect((await idsOf(store, searchOf('nextRun', {}, { limit: 1000 }))).length).toBe(20_000);
    expect(clock.pauses).toBe(0);
  });

  it('ends early when few of many jobs are found, and goes on there', async () => {
    const { clock, store } = storeOf(25_000);
    const search = searchOf('id', { text: idOf(24_000) });
    await store.find(search);
    clock.pauses = 0;
    const first = await store.find(search);
    expect(first).toEqual({ found: [], next: { key: '', id: idOf(9999) } });
    expect(clock.pauses).toBeLessThan(10);
    expect(await idsOf(store, search)).toEqual([idOf(24_000)]);
  });

  it('finds a range of next times without those before and behind it', async () => {
    const { clock, store } = storeOf(20_000);
    const range = { nextFrom: START + 15_000, nextTo: START + 15_003 };
    await store.find(searchOf('nextRun'));
    clock.pauses = 0;
    for (const descending of [false, true]) {
      const { found, next } = await store.find(searchOf('nextRun', range, { descending }));
      const times = [15_000, 15_001, 15_002];
      expect(found.map(({ job }) => (job?.nextRunTime ?? 0) - START)).toEqual(descending ? times.toReversed() : times);
      expect(next).toBeNull();
    }
    expect(clock.pauses).toBe(0);
  });

  it('begins an order anew when much has changed that nobody has searched for', async () => {
    const { clock, store } = storeOf(3000);
    await store.find(searchOf('nextRun'));
    const claim = (limit: number): Promise<unknown> =>
      store.claimDue({
        now: START + 3000,
        limit,
        plan: (_, { nominalTime }) => ({
          ...{ runs: [], leftOut: [], pausesJob: false },
          next: { nominalTime: nominalTime + 10_000, fireTime: nominalTime + 10_000 },
        }),
        retry: () => null,
      });
    for (let claimed = 0; claimed < 1500; claimed += 50) await claim(50);
    clock.pauses = 0;
    expect((await store.find(searchOf('nextRun'))).found[0]?.job?.nextRunTime).toBe(START + 1500);
    // It was kept, and only what had changed was put in order.
    expect(clock.pauses).toBe(1);
    for (let claimed = 0; claimed < 1500; claimed += 50) await claim(50);
    await claim(50);
    for (let n = 0; n < 1600; n++) await store.update(idOf(n), (job) => ({ ...job, name: `other-${n}` }));
    clock.pauses = 0;
    expect((await store.find(searchOf('nextRun'))).found[0]?.job?.nextRunTime).toBe(START + 10_000);
    expect(clock.pauses).toBeGreaterThanOrEqual(6);
  });

  it('answers as a plain list does when jobs come, change and go at any moment while it is under way', async () => {
    const change = fc.record({
      n: fc.integer({ min: 0, max: 2999 }),
      what: fc.constantFrom('add', 'remove', 'rename', 'move', 'clear'),
      to: fc.integer({ min: 0, max: 5000 }),
    });
    const apply = (store: Store, { n, to, what }: typeof change extends fc.Arbitrary<infer T> ? T : never): void => {
      const ignore = (): void => undefined;
      if (what === 'add') store.add(record(idOf(n), START + to)).catch(ignore);
      else if (what === 'remove') store.remove(idOf(n)).catch(ignore);
      else if (what === 'clear') void (to < 50 && store.removeAll());
      else {
        const changes =
          what === 'rename' ? { name: `name-${to}` } : { nextRunTime: START + to, nextNominalTime: START + to };
        store.update(idOf(n), (job) => ({ ...job, ...changes })).catch(ignore);
      }
    };
    const searches = fc.array(fc.record({ order: fc.constantFrom(...JOB_ORDERS), descending: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 20, maxLength: 200, size: 'max' }),
        searches,
        async (changes, wanted) => {
          const { clock, store } = storeOf(2500);
          const left = [...changes];
          clock.onPause = () => left.splice(0, 3).forEach((one) => apply(store, one));
          // Under way at once, while jobs change.
          await Promise.all(wanted.map(({ descending, order }) => store.find(searchOf(order, {}, { descending }))));
          clock.onPause = () => undefined;
          left.forEach((one) => apply(store, one));
          for (const { descending, order } of wanted) {
            const sign = descending ? -1 : 1;
            const key = { id: () => 0, lastRun: () => 0, name: nameOf, nextRun: timeOf }[order];
            const compare = (a: string | number, b: string | number): number => (a < b ? -1 : Number(a > b));
            const expected = (await store.list()).toSorted(
              (a, b) => sign * (compare(key(a), key(b)) || compare(a.id, b.id)),
            );
            expect(await idsOf(store, searchOf(order, {}, { descending, limit: 700 }))).toEqual(
              expected.map(({ id }) => id),
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

const nameOf = ({ name }: { readonly name: string }): string => name;
const timeOf = ({ nextRunTime }: { readonly nextRunTime: number | null }): number => nextRunTime ?? Infinity;
