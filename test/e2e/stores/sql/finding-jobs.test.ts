import { sql } from 'kysely';
import { SqlJobStore, exportDdl } from 'nestjs-apscheduler/sql';
import { afterEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../../../lib/engine/clock.js';
import type { JobRecord } from '../../../../lib/engine/model/job.js';
import type { UnreadableJob } from '../../../../lib/engine/model/unreadable-job.js';
import { resolveHistory } from '../../../../lib/engine/stores/history-options.js';
import type { FoundJobs, JobSearch } from '../../../../lib/engine/stores/job-search.js';
import { jobRecord, onTo } from '../../../../lib/testing/conformance/sample-jobs.js';
import { end, leftOut } from '../../../../lib/testing/conformance/sample-runs.js';
import { StoreNode } from '../../../../lib/testing/conformance/store-node.js';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import { openDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = (await testDatabases()).filter(({ available }) => available);

const T = Date.now();
const LATER = T + 3_600_000;
const KNOWN = { tasks: ['app:work'], executors: ['default'] };

describe.each(databases)('On $title, find()', { timeout: 60_000 }, ({ name, fresh }) => {
  let node: StoreNode;

  const open = async (url: string): Promise<SqlJobStore> => {
    const store = new SqlJobStore({ url });
    node = new StoreNode(store, 'node', new SystemClock());
    await node.start(resolveHistory());
    return store;
  };

  const find = (search: Partial<JobSearch> = {}): Promise<FoundJobs> =>
    node.store.find({ filter: {}, order: 'id', descending: false, limit: 100, known: KNOWN, ...search });

  const idsOf = async (search: Partial<JobSearch> = {}): Promise<readonly string[]> =>
    (await find(search)).found.map(({ place: { id } }) => id);

  afterEach(() => node.stop());

  /** A job and its run as an earlier release has written them. */
  const insertOld = (
    url: string,
    { id, ...job }: Pick<JobRecord, 'id' | 'name'> & Partial<JobRecord>,
  ): Promise<unknown> => {
    const {
      task,
      executor,
      nextRunTime,
      nextNominalTime: _nominal,
      paused: _paused,
      ...spec
    } = jobRecord(id, LATER, job);
    const text = JSON.stringify({ ...spec, id: undefined });
    return plainSql(
      url,
      `INSERT INTO scheduler_jobs
         (namespace, id, uid, task, executor, spec, spec_hash, next_run_time, paused, created_at, updated_at)
       VALUES ('default', '${id}', 'uid ${id}', '${task}', '${executor}', '${text}', '${id}', ${nextRunTime}, 0, 0, 0);
       INSERT INTO scheduler_runs (namespace, id, job_id, job_uid, task, cause, nominal_time, last_nominal_time, fire_time,
         started_at, finished_at, attempt, state, settled, node)
       VALUES ('default', 'run of ${id}', '${id}', 'uid ${id}', 'app:work', 'schedule', 1, 1, 1, 1, 1, 1, 'failed', 1, 'node')`,
    );
  };

  /** What the jobs below are found by. */
  const findOld = async (): Promise<unknown> => ({
    byName: await idsOf({ order: 'name' }),
    byLastRun: (await find({ order: 'lastRun', descending: true })).found.map(({ place }) => place.key),
    red: await idsOf({ filter: { tags: ['red'] } }),
    middle: await idsOf({ filter: { text: 'middle' } }),
    declared: await idsOf({ filter: { declared: true } }),
    failed: await idsOf({ filter: { triggers: ['interval'], lastOutcomes: ['failed'] } }),
  });
  const FOUND = {
    byName: ['c', 'a', 'b'],
    byLastRun: ['run of c', 'run of b', 'run of a'],
    red: ['a', 'c'],
    middle: ['a'],
    declared: ['b'],
    failed: ['a', 'b', 'c'],
  };

  const insertAll = async (url: string): Promise<void> => {
    await insertOld(url, { id: 'a', name: 'Middle', tags: ['red', 'blue'] });
    await insertOld(url, { id: 'b', name: 'north', declaredBy: { release: null } });
    await insertOld(url, { id: 'c', name: 'LAST', tags: ['red'] });
  };

  it('finds jobs that were there before the tables had what they are found by', async () => {
    const url = await fresh();
    const statements = exportDdl({ database: name }).split(';\n\n');
    const last = statements.findIndex((text) => text.includes(`'schema_version', '3'`));
    await plainSql(url, statements.slice(0, last + 1).join(';\n'));
    await insertAll(url);
    await open(url);
    expect(await findOld()).toEqual(FOUND);
  });

  it('finds jobs that a node of an earlier release adds meanwhile', async () => {
    const url = await fresh();
    await open(url);
    await node.store.addMany([
      jobRecord('x', LATER, { name: 'a' }),
      jobRecord('y', LATER, { name: 'z', tags: ['other'] }),
    ]);
    expect(await idsOf({ order: 'name' })).toEqual(['x', 'y']);
    await node.store.removeAll();
    await insertAll(url);
    expect(await findOld()).toEqual(FOUND);
  });

  it('finds jobs that an earlier release has added, and this one has changed before it looked for any', async () => {
    const url = await fresh();
    const store = await open(url);
    await insertAll(url);
    for (const id of ['a', 'b', 'c']) await store.update(id, (job) => ({ ...job, executor: 'other' }));
    expect(await findOld()).toEqual(FOUND);
  });

  it.runIf(name !== 'sqlite')('takes one connection however many searches wait for such jobs', async () => {
    const url = await fresh();
    const store = await open(url);
    await insertAll(url);
    const other = await openDatabase(readOptions({ url }));
    let searches: Promise<unknown> | undefined;
    await other.kysely.transaction().execute(async (db) => {
      await sql`SELECT id FROM scheduler_jobs WHERE namespace = 'default' FOR UPDATE`.execute(db);
      searches = Promise.all(Array.from({ length: 30 }, () => idsOf({ order: 'name' })));
      // The connections that searches wait for come first.
      for (let n = 0; n < 30; n++) expect(await store.getRun('none')).toBeUndefined();
    });
    expect(await searches).toEqual(Array(30).fill(FOUND.byName));
    await other.close();
  });

  it('goes by the last run that lastRuns() answers, whatever becomes of runs', async () => {
    const store = await open(await fresh());
    const agreed = async (): Promise<string | undefined> => {
      const last = (await store.lastRuns(['a'])).get('a');
      const { found } = await find({ order: 'lastRun' });
      expect(found[0]?.place.key).toBe(last?.id ?? '');
      expect(await idsOf({ filter: { lastOutcomes: [last?.state ?? 'failed'] } })).toEqual(last ? ['a'] : []);
      return last?.id;
    };
    const job = jobRecord('a', T - 10_000);
    await store.add(job);
    expect(await agreed()).toBeUndefined();
    const take = async (): Promise<ReturnType<StoreNode['newRun']>> => {
      const { claimed } = await node.claimDue({
        plan: (due, { nominalTime }) => ({ ...onTo(nominalTime + 1), runs: [node.newRun(due, nominalTime)] }),
        limit: 1,
      });
      return claimed[0]?.plan.runs[0] as ReturnType<StoreNode['newRun']>;
    };
    const first = await take();
    expect(await agreed()).toBe(first.id);
    await store.record([end(first, 'succeeded', T)]);
    const second = await take();
    expect(await agreed()).toBe(second.id);
    await store.record([leftOut(second, 'missed', 'misfire', T)]);
    expect(await agreed()).toBe(first.id);
    const third = await take();
    leftOut(third, 'missed', 'shutdown', T).retryAt = T;
    await store.record([third]);
    expect(await agreed()).toBe(first.id);
    const { retries } = await node.claimDue({ plan: () => null, retry: (of, failed) => node.newRetry(of, failed) });
    const retry = retries[0]?.run as ReturnType<StoreNode['newRun']>;
    expect(await agreed()).toBe(retry.id);
    await store.record([end(retry, 'failed', T)]);
    const byHand = node.newRun(job, T, { cause: 'manual' });
    await store.record([byHand]);
    expect(await agreed()).toBe(byHand.id);
    await store.record([end(byHand, 'succeeded', T)]);
    await store.removeRun(byHand.id);
    expect(await agreed()).toBe(retry.id);
    await store.removeRun(first.id);
    expect(await agreed()).toBe(retry.id);
    await store.removeRun(retry.id);
    expect(await agreed()).toBeUndefined();
  });

  it('finds a job by the tags that it has now, and not by those of an earlier job of its id', async () => {
    const store = await open(await fresh());
    await store.add(jobRecord('a', LATER, { tags: ['old', 'kept'] }));
    await store.update('a', (job) => ({ ...job, tags: ['kept', 'new'] }));
    expect(await idsOf({ filter: { tags: ['old'] } })).toEqual([]);
    expect(await idsOf({ filter: { tags: ['new'] } })).toEqual(['a']);
    await store.remove('a');
    await store.add(jobRecord('a', LATER));
    expect(await idsOf({ filter: { tags: ['kept', 'new'] } })).toEqual([]);
  });

  it('answers the place of a job that cannot be read, and what it is', async () => {
    const url = await fresh();
    const store = await open(url);
    await store.addMany([jobRecord('a', LATER, { tags: ['red'] }), jobRecord('b', LATER)]);
    await plainSql(url, `UPDATE scheduler_jobs SET spec = '{"name":7}', spec_hash = 'other' WHERE id = 'a'`);
    const unreadable: UnreadableJob[] = [];
    const search = { filter: {}, order: 'name', descending: false, limit: 100, known: KNOWN } as const;
    const { found } = await store.find(search, (job) => unreadable.push(job));
    expect(found.map(({ place, job }) => [place.id, job?.name])).toEqual([
      ['a', undefined],
      ['b', 'b'],
    ]);
    expect(unreadable.map(({ id }) => id)).toEqual(['a']);
  });

  it('ends a page before its jobs take more than 4 MB, and goes on after it', async () => {
    const store = await open(await fresh());
    const large = { kwargs: { text: 'x'.repeat(900_000) } };
    for (let n = 0; n < 6; n++) await store.add(jobRecord(`job-${n}`, LATER, large));
    const page = await find();
    expect(page.found.map(({ place }) => place.id)).toEqual(['job-0', 'job-1', 'job-2', 'job-3']);
    const rest = await find({ after: page.next ?? { key: '', id: '' } });
    expect(rest.found.map(({ job }) => job?.id)).toEqual(['job-4', 'job-5']);
    expect(rest.next).toBeNull();
  });

  it('answers after it has looked through many jobs, and goes on where it ended', async () => {
    const store = await open(await fresh());
    const count = 12_000;
    for (let from = 0; from < count; from += 2000) {
      await store.addMany(Array.from({ length: 2000 }, (_, n) => jobRecord(`job-${100_000 + from + n}`, LATER)));
    }
    await store.add(jobRecord('z', LATER, { name: 'needle' }));
    const page = await find({ filter: { text: 'needle' } });
    expect(page.found).toEqual([]);
    const rest = await find({ filter: { text: 'needle' }, ...(page.next && { after: page.next }) });
    expect(rest.found.map(({ place }) => place.id)).toEqual(['z']);
  });
});
