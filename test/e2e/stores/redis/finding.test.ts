import { Redis } from 'ioredis';
import { ManualClock, type JobRecord } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { JOB_ORDERS, type JobOrder } from '../../../../lib/engine/model/job-query.js';
import type { RunEntry } from '../../../../lib/engine/runs/run-entry.js';
import { RunIds } from '../../../../lib/engine/runs/run-ids.js';
import {
  comparePlaces,
  type FoundJob,
  type JobPlace,
  type JobSearch,
} from '../../../../lib/engine/stores/job-search.js';
import { jobRecord, onTo } from '../../../../lib/testing/conformance/sample-jobs.js';
import { end, newRun } from '../../../../lib/testing/conformance/sample-runs.js';
import { lossesOnRedis } from '../../../support/losses.js';
import { contextOf } from '../../../support/redis-store.js';
import type { LocalServer } from '../../../support/servers/local-server.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('redis');

const INDEX_KEYS = ['facts', 'byId', 'byName', 'byLast', 'untimed', 'tagged'];
const ALL: JobSearch = {
  filter: {},
  order: 'id',
  descending: false,
  limit: 100,
  known: { tasks: ['app:work'], executors: ['default'] },
};

interface Found {
  readonly found: readonly FoundJob[];
  readonly pages: number;
}

/** All that a search finds, page by page. */
async function findAll(store: RedisJobStore, search: Partial<JobSearch>, unreadable?: string[]): Promise<Found> {
  const found: FoundJob[] = [];
  let [pages, after]: [number, JobPlace | undefined] = [0, undefined];
  do {
    const page = await store.find({ ...ALL, ...search, ...(after && { after }) }, ({ id }) => unreadable?.push(id));
    found.push(...page.found);
    after = page.next ?? undefined;
    pages++;
  } while (after);
  return { found, pages };
}

async function idsIn(store: RedisJobStore, search: Partial<JobSearch>): Promise<string[]> {
  return (await findAll(store, search)).found.map(({ place }) => place.id);
}

const numbered = (count: number, make: (n: number) => Partial<JobRecord> = () => ({})): JobRecord[] =>
  Array.from({ length: count }, (_, n) => jobRecord(`job-${String(n).padStart(5, '0')}`, 1000, make(n)));

describe.runIf(server.available)('Finding jobs on Redis', { timeout: 60_000 }, () => {
  const clock = new ManualClock(1000);
  const ids = new RunIds();
  const stores: RedisJobStore[] = [];
  let url: string;
  let prefix: string;
  let client: Redis;
  let open: (instance?: string) => Promise<RedisJobStore>;

  beforeEach(async () => {
    const room = await server.room();
    url = room.url;
    prefix = `${room.keyPrefix}{default}:`;
    client = new Redis(url);
    open = async (instance = 'a1b2c3d4') => {
      const store = new RedisJobStore({ url, keyPrefix: room.keyPrefix }, () => clock.now());
      store.attach(contextOf({ clock, instance }));
      stores.push(store);
      await store.start();
      return store;
    };
  });

  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.stop()));
    client.disconnect();
  });

  /** Leaves what an earlier release has, which knows of no indexes. */
  const forgetIndexes = async (): Promise<void> => {
    await client.del(...INDEX_KEYS.map((key) => prefix + key));
    await client.hdel(`${prefix}meta`, 'indexed');
  };
  /** Begins a run of each job that is due. */
  const begin = async (store: RedisJobStore): Promise<RunEntry[]> => {
    const { claimed } = await store.claimDue({
      now: clock.now(),
      limit: 1000,
      plan: (job, due) => ({ ...onTo(1000), runs: [newRun({ node: 'node', ids }, job, due.nominalTime, clock.now())] }),
      retry: () => null,
    });
    return claimed.flatMap(({ plan }) => plan.runs as RunEntry[]);
  };
  /** The ids of jobs and of their last runs, in that order; and by what `lastRuns` says. */
  const lastRunsOf = async (store: RedisJobStore): Promise<void> => {
    const { found } = await findAll(store, { order: 'lastRun', limit: 2 });
    const last = await store.lastRuns(found.map(({ place }) => place.id));
    const jobs = await store.list();
    const expected = jobs.map(({ id }) => ({ id, key: last.get(id)?.id ?? '' })).sort(comparePlaces);
    expect(found.map(({ place: { id, key } }) => ({ id, key }))).toEqual(expected);
  };

  it('finds what an earlier release has added, in every order and by tags', async () => {
    const old = await open();
    await old.addMany(
      numbered(2500, (n) => ({
        name: `name ${n % 7}`,
        ...(n % 100 === 0 && { tags: ['rare'] }),
        ...(n % 10 === 0 && { nextRunTime: null, paused: true }),
      })),
    );
    const runs = await begin(old);
    await old.record(runs.map((run) => end(run, 'succeeded', 1000)));
    const before = await Promise.all(JOB_ORDERS.map((order) => idsIn(old, { order })));
    const rare = await idsIn(old, { filter: { tags: ['rare'] } });
    expect(rare).toHaveLength(25);
    await old.stop();
    await forgetIndexes();
    const store = await open('another');
    expect(await Promise.all(JOB_ORDERS.map((order) => idsIn(store, { order })))).toEqual(before);
    expect(await idsIn(store, { filter: { tags: ['rare'] } })).toEqual(rare);
  });

  it('finds what is left of damaged jobs of an earlier release', async () => {
    const old = await open();
    await old.addMany([jobRecord('sound', 1000), jobRecord('stateless', 1000), jobRecord('undefined', 1000)]);
    await old.stop();
    await client.hdel(`${prefix}state`, 'stateless');
    await client.hdel(`${prefix}jobs`, 'undefined');
    await forgetIndexes();
    const store = await open();
    for (const order of JOB_ORDERS) {
      const unreadable: string[] = [];
      const { found } = await findAll(store, { order }, unreadable);
      expect(found.map(({ place }) => place.id).sort()).toEqual(['sound', 'stateless', 'undefined']);
      expect(found.filter(({ job }) => job === null)).toHaveLength(2);
      expect(unreadable.sort()).toEqual(['stateless', 'undefined']);
    }
    expect(await idsIn(store, { filter: { tasks: ['app:work'] } })).toEqual(['sound']);
  });

  it('finds what a node of an earlier release adds, changes and removes beside this one', async () => {
    const store = await open();
    await store.addMany([jobRecord('a', 1000, { tags: ['x'] }), jobRecord('b', 1000), jobRecord('c', 1000)]);
    const definitionOf = async (id: string): Promise<string> => (await client.hget(`${prefix}jobs`, id)) ?? '';
    // It adds one,
    await client.hset(`${prefix}jobs`, 'd', (await definitionOf('b')).replace('"name":"b"', '"name":"d"'));
    await client.hset(
      `${prefix}state`,
      'd',
      `${await client.hincrby(`${prefix}meta`, 'incarnation', 1)} 1 1000 1000 0`,
    );
    await client.zadd(`${prefix}due`, 1000, 'd');
    // renames another,
    await client.hset(`${prefix}jobs`, 'b', (await definitionOf('b')).replace('"name":"b"', '"name":"renamed"'));
    const state = (await client.hget(`${prefix}state`, 'b')) ?? '';
    await client.hset(`${prefix}state`, 'b', state.replace(' 1 ', ' 2 '));
    // and removes a third.
    for (const key of ['jobs', 'state']) await client.hdel(prefix + key, 'a');
    await client.zrem(`${prefix}due`, 'a');
    expect(await idsIn(store, {})).toEqual(['b', 'c', 'd']);
    expect(await idsIn(store, { filter: { text: 'renamed' } })).toEqual(['b']);
    expect(await idsIn(store, { order: 'name' })).toEqual(['c', 'd', 'b']);
    expect(await idsIn(store, { filter: { tags: ['x'] } })).toEqual([]);
    expect(await idsIn(store, { order: 'lastRun' })).toEqual(['b', 'c', 'd']);
    expect(await client.zcard(`${prefix}byLast`)).toBe(3);
    expect(await client.zcard(`${prefix}byName`)).toBe(3);
    expect(await client.zcard(`${prefix}tagged`)).toBe(0);
  });

  it('finds what a node of an earlier release pauses and resumes beside this one, in the order of times', async () => {
    const store = await open();
    await store.addMany([jobRecord('a', 1000), jobRecord('b', 2000), jobRecord('c', null, { paused: true })]);
    const setState = async (id: string, schedule: string): Promise<void> => {
      const [incarnation] = ((await client.hget(`${prefix}state`, id)) ?? '').split(' ');
      await client.hset(`${prefix}state`, id, `${incarnation} 2 ${schedule}`);
    };
    await setState('a', '- - 1');
    await client.zrem(`${prefix}due`, 'a');
    expect(await idsIn(store, { order: 'nextRun' })).toEqual(['b', 'a', 'c']);
    await setState('c', '3000 3000 0');
    await client.zadd(`${prefix}due`, 3000, 'c');
    expect(await idsIn(store, { order: 'nextRun' })).toEqual(['b', 'c', 'a']);
  });

  it('finds jobs that are there again when an older backup is restored', async () => {
    const store = await open();
    await store.addMany([jobRecord('a', 1000), jobRecord('b', null)]);
    const restore = await lossesOnRedis(url, prefix).backUp('jobs');
    await store.remove('a');
    await store.add(jobRecord('c', 1000));
    await restore();
    await vi.waitFor(async () => {
      await clock.advance(5000);
      expect(await idsIn(store, {})).toEqual(['a', 'b']);
    });
  });

  it('agrees with lastRuns() when runs are removed, or were not begun after all', async () => {
    const store = await open();
    await store.addMany(['a', 'b', 'c'].map((id) => jobRecord(id, 1000)));
    await store.add(jobRecord('never', null));
    await lastRunsOf(store);
    const first = await begin(store);
    await store.record(first.map((run) => end(run, 'succeeded', clock.now())));
    await clock.advance(1);
    const second = await begin(store);
    await lastRunsOf(store);
    const [a, b, c] = second as [RunEntry, RunEntry, RunEntry];
    await store.record([
      end(a, 'failed', clock.now()),
      b.leaveOut('missed', 'shutdown', clock.now()),
      end(c, 'succeeded', 1),
    ]);
    await lastRunsOf(store);
    expect(await idsIn(store, { filter: { lastOutcomes: ['failed'] } })).toEqual([a.jobId]);
    expect(await idsIn(store, { filter: { lastOutcomes: ['succeeded'] } })).toEqual([b.jobId, c.jobId].sort());
    await store.removeRun(a.id);
    await lastRunsOf(store);
    expect(await idsIn(store, { filter: { lastOutcomes: ['failed'] } })).toEqual([]);
    const firstOfA = first.find(({ jobId }) => jobId === a.jobId) as RunEntry;
    await store.removeRun(firstOfA.id);
    await lastRunsOf(store);
    await store.remove(b.jobId);
    await store.add(jobRecord(b.jobId, 1000));
    await lastRunsOf(store);
  });

  it('reads the state of a run, and not what it was given by hand', async () => {
    const store = await open();
    await store.add(jobRecord('a', null));
    const run = newRun({ node: 'node', ids }, jobRecord('a', null), 1000, 1000, { cause: 'manual' });
    run.given = { kwargs: { given: null, retryAt: null, state: 'succeeded' } };
    await store.record([run]);
    const byOutcome = (state: 'running' | 'succeeded' | 'failed') =>
      idsIn(store, { filter: { lastOutcomes: [state] } });
    expect(await byOutcome('running')).toEqual(['a']);
    expect(await idsIn(store, { filter: { states: ['running'] } })).toEqual(['a']);
    expect(await byOutcome('succeeded')).toEqual([]);
    await store.record([end(run, 'failed', 1000)]);
    expect(await byOutcome('failed')).toEqual(['a']);
    expect(await idsIn(store, { filter: { states: ['running', 'paused'] } })).toEqual(['a']);
    expect(await idsIn(store, { filter: { states: ['running'] } })).toEqual([]);
  });

  it('sorts names by their code points, whatever characters they have', async () => {
    const names = ['a', 'a\0', 'a\u0001', 'a\u0001\u0001', 'a\0\u0001', 'a\u0002', 'ab', '\uFFFD', '\u{1F600}', ''];
    const store = await open();
    await store.addMany(names.map((name, n) => jobRecord(`job-${n}`, null, { name, tags: [name || 'none', 'all'] })));
    const { found } = await findAll(store, { order: 'name', limit: 1 });
    const expected = names.map((key, n) => ({ key, id: `job-${n}` })).sort(comparePlaces);
    expect(found.map(({ place }) => place)).toEqual(expected);
    expect(found.map(({ job }) => job?.name)).toEqual(expected.map(({ key }) => key));
    for (const [n, name] of names.entries()) {
      expect(await idsIn(store, { filter: { tags: [name || 'none'] } })).toEqual([`job-${n}`]);
    }
  });

  it('goes on after a job that is gone, among many with the same time', async () => {
    const store = await open();
    const jobs = numbered(300);
    await store.addMany(jobs);
    const all = jobs.map(({ id }) => id);
    for (const descending of [false, true]) {
      const after = { key: 1000, id: 'job-00149x' };
      const { found } = await store.find({ ...ALL, order: 'nextRun', descending, after, limit: 2 });
      const expected = descending ? ['job-00149', 'job-00148'] : ['job-00150', 'job-00151'];
      expect(found.map(({ place }) => place.id)).toEqual(expected);
      expect(await idsIn(store, { order: 'nextRun', descending, limit: 7 })).toEqual(
        descending ? all.toReversed() : all,
      );
    }
  });

  it('ends a page early whose jobs are large', async () => {
    const store = await open();
    await store.addMany(numbered(12, () => ({ kwargs: { text: 'x'.repeat(1_000_000) } })));
    const first = await store.find(ALL);
    expect(first.found.length).toBeGreaterThan(1);
    expect(first.found.length).toBeLessThan(10);
    expect(first.next).toEqual(first.found.at(-1)?.place);
    const { found, pages } = await findAll(store, {});
    expect(found.map(({ job }) => job?.id)).toEqual(numbered(12).map(({ id }) => id));
    expect(pages).toBeLessThan(6);
  });
});

describe.runIf(server.startable)('A page of jobs on Redis', { timeout: 120_000 }, () => {
  const COUNT = 20_000;
  const FEW = 200;
  let own: LocalServer;
  let client: Redis;
  let many: RedisJobStore;
  let few: RedisJobStore;

  beforeAll(async () => {
    own = await server.start();
    client = new Redis(own.url);
    const opened = async (namespace: string, count: number): Promise<RedisJobStore> => {
      const store = new RedisJobStore({ url: own.url, namespace });
      store.attach(contextOf());
      await store.start();
      const attributes = (n: number) => ({ name: `Job ${n % 50}`, ...(n % (count / 20) === 0 && { tags: ['rare'] }) });
      const jobs = numbered(count, attributes);
      for (let from = 0; from < count; from += 1000) await store.addMany(jobs.slice(from, from + 1000));
      return store;
    };
    [few, many] = [await opened('few', FEW), await opened('many', COUNT)];
  }, 120_000);

  afterAll(async () => {
    await Promise.all([few, many].map((store) => store.stop()));
    client.disconnect();
    await own.remove();
  });

  /** How many commands, those of scripts included, and how many bytes of answers a search takes. */
  const costOf = async (store: RedisJobStore, search: Partial<JobSearch>) => {
    await client.config('RESETSTAT');
    const { found, next } = await store.find({ ...ALL, limit: 50, ...search });
    const [commands, stats] = [await client.info('commandstats'), await client.info('stats')];
    const calls = [...commands.matchAll(/calls=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    const bytes = Number(/total_net_output_bytes:(\d+)/.exec(stats)?.[1]) - commands.length;
    return { calls, bytes, found: found.length, next };
  };
  const middleOf = (order: JobOrder, id: string): JobPlace => {
    const key = { id: '', name: 'job 25', nextRun: 1000, lastRun: '' }[order];
    return { key, id };
  };

  it.each(JOB_ORDERS)('costs as much among 20,000 as among 200, in the order %s', async (order) => {
    for (const descending of [false, true]) {
      const small = await costOf(few, { order, descending, after: middleOf(order, 'job-00100') });
      const large = await costOf(many, { order, descending, after: middleOf(order, 'job-10000') });
      expect([small.found, large.found]).toEqual([50, 50]);
      // A place among equal times is searched for.
      expect(large.calls).toBeLessThan(small.calls + 40);
      expect(large.bytes).toBeLessThan(1.2 * small.bytes);
    }
  });

  it.each(JOB_ORDERS)('of jobs with a rare tag reads those alone, in the order %s', async (order) => {
    const small = await costOf(few, { order, filter: { tags: ['rare'] } });
    const large = await costOf(many, { order, filter: { tags: ['rare'] } });
    expect([small.found, large.found]).toEqual([20, 20]);
    expect(large.calls).toBeLessThan(small.calls + 10);
    expect(large.bytes).toBeLessThan(1.2 * small.bytes);
  });

  it('ends after many places, though nothing was found, and says where it goes on', async () => {
    const { bytes, calls, found, next } = await costOf(many, { filter: { text: 'none of them' } });
    expect(found).toBe(0);
    expect(next).toEqual({ key: '', id: 'job-09999' });
    expect(calls).toBeLessThan(300);
    expect(bytes).toBeLessThan(2_000_000);
    const rest = await costOf(many, { filter: { text: 'none of them' }, after: next as JobPlace });
    expect(rest).toMatchObject({ found: 0, next: null });
  });
});
