import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import pg from 'pg';
import { afterEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { SystemClock } from '../../../../lib/engine/clock.js';
import { resolveHistory } from '../../../../lib/engine/history-options.js';
import type { JobRecord } from '../../../../lib/engine/job.js';
import { SqlJobStore } from '../../../../lib/stores/sql/index.js';
import { AnnouncedJobs } from '../../../../lib/stores/sql/due/announced-jobs.js';
import type { AnnouncedJob } from '../../../../lib/stores/sql/jobs/job-row.js';
import { NodeLease } from '../../../../lib/stores/sql/nodes/node-lease.js';
import { JobSeal } from '../../../../lib/stores/sql/notices/job-seal.js';
import type { SqlDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { SqlSession } from '../../../../lib/stores/sql/sql-session.js';
import { jobRecord, onTo } from '../../../../lib/testing/conformance/sample-jobs.js';
import { StoreNode } from '../../../../lib/testing/conformance/store-node.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const postgres = (await testDatabases()).filter(({ name, available }) => name === 'postgres' && available);

describe.each(postgres)('A job on $title that another node has just added', ({ fresh }) => {
  const opened: StoreNode[] = [];
  const stoppers: pg.Client[] = [];
  const roles: { readonly url: string; readonly role: string }[] = [];

  afterEach(async () => {
    vi.restoreAllMocks();
    // Nodes cannot stop as long as they are held up.
    await Promise.all(stoppers.splice(0).map((client) => client.end()));
    await Promise.all(opened.splice(0).map((node) => node.stop()));
    for (const { url, role } of roles.splice(0)) await plainSql(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  async function open(url: string, name: string): Promise<StoreNode> {
    const node = new StoreNode(new SqlJobStore({ url }), name, new SystemClock());
    await node.start(resolveHistory());
    opened.push(node);
    return node;
  }

  /** What becomes of jobs that are announced: true for each that is taken as it was told. */
  function outcomes(): () => Promise<readonly boolean[]> {
    const taking: MockInstance<AnnouncedJobs['take']> = vi.spyOn(AnnouncedJobs.prototype, 'take');
    return async () =>
      (await Promise.all(taking.mock.results.map(({ value }) => value))).map((taken) => taken !== null);
  }

  async function world() {
    const url = await fresh();
    const [adder, worker] = [await open(url, 'adder'), await open(url, 'worker')];
    // Before anything is announced, so that nothing else is to be looked for.
    await worker.take();
    const announce = async (changes: Partial<JobRecord> = {}, id = 'a'): Promise<number> => {
      const at = Date.now();
      worker.wakes.length = 0;
      await adder.store.add(jobRecord(id, at, changes));
      await worker.isWokenBy(at, 'a job that is added');
      return at;
    };
    return { url, adder, worker, announce, tried: outcomes() };
  }

  it('is taken in one way there and back, and moved on', async () => {
    const { adder, worker, announce, tried } = await world();
    const later = Date.now() + 60_000;
    await adder.store.add(jobRecord('later', later));
    const at = await announce({ args: ['ü "\\ \'', 1, null], kwargs: { deep: { on: true } } });
    const pieces = [vi.spyOn(Socket.prototype, '_write'), vi.spyOn(Socket.prototype, '_writev')];
    const { taken, retries, nextDue } = await worker.take(at + 120_000);
    const sent = pieces.map(({ mock }) => mock.calls.length);
    expect(await tried()).toEqual([true]);
    expect(sent).toEqual([0, 1]);
    expect(taken.map(({ job }) => job)).toMatchObject([
      { id: 'a', args: ['ü "\\ \'', 1, null], kwargs: { deep: { on: true } }, task: 'app:work' },
    ]);
    expect(retries).toEqual([]);
    expect(Math.abs((nextDue ?? Infinity) - later)).toBeLessThan(1000);
    const [run] = taken.flatMap(({ plan }) => plan.runs);
    expect(await adder.store.getRun(run?.id ?? '')).toMatchObject({
      state: 'running',
      node: 'worker',
      nominalTime: at,
    });
    expect(await adder.store.get('a')).toMatchObject({ nextRunTime: at + 120_000, paused: false });
    expect(await worker.runsTaken()).toEqual([]);
  });

  it('is there until its run has ended when it has no other time', async () => {
    const { adder, worker, announce, tried } = await world();
    await announce();
    const [run] = await worker.runsTaken(null);
    expect(await tried()).toEqual([true]);
    expect(await adder.store.get('a')).toMatchObject({ nextRunTime: null });
    const ended = Object.assign(run as object, { startedAt: Date.now(), finishedAt: Date.now(), state: 'succeeded' });
    const result = await worker.store.record([Object.assign(ended, { settled: true }) as never]);
    expect(result.removed).toEqual(['a']);
    expect(await adder.store.get('a')).toBeUndefined();
  });

  it.each([
    ['paused', `UPDATE scheduler_jobs SET paused = 1, next_run_time = NULL, next_nominal_time = NULL`],
    ['removed', `DELETE FROM scheduler_jobs`],
    ['put off', `UPDATE scheduler_jobs SET next_run_time = next_run_time + 60000`],
  ])('is not taken when it is %s by then', async (_what, statement) => {
    const { url, worker, announce, tried } = await world();
    await announce();
    await plainSql(url, statement);
    expect(await worker.runsTaken()).toEqual([]);
    expect(await tried()).toEqual([false]);
    expect(await plainSql(url, 'SELECT id FROM scheduler_runs')).toEqual([]);
  });

  it.each([
    ['another', `UPDATE scheduler_jobs SET spec = replace(spec, '"name":"a"', '"name":"b"'), spec_hash = 'x'`],
    [
      'one that has its id since',
      `UPDATE scheduler_jobs SET uid = 'x', spec = replace(spec, '"name":"a"', '"name":"b"')`,
    ],
  ])('is taken as it stands when it is %s by then', async (_what, statement) => {
    const { url, worker, announce, tried } = await world();
    await announce();
    await plainSql(url, `${statement}, task = 'app:other'`);
    const { taken } = await worker.take();
    expect(await tried()).toEqual([false]);
    expect(taken.map(({ job }) => job)).toMatchObject([{ id: 'a', name: 'b', task: 'app:other' }]);
  });

  it('is not taken while all nodes are paused', async () => {
    const { adder, worker, announce, tried } = await world();
    await announce();
    await (adder.store as SqlJobStore).turnCluster('paused', ['running']);
    expect(await worker.runsTaken()).toEqual([]);
    expect(await tried()).toEqual([false]);
    expect(worker.states.at(-1)).toMatchObject({ mode: 'paused' });
    await (adder.store as SqlJobStore).turnCluster('running', ['paused']);
    expect(await worker.runsTaken()).toHaveLength(1);
  });

  it('is not taken once all nodes are paused, though its taking had begun before', async () => {
    const { url, adder, worker, announce } = await world();
    await announce();
    const stopper = await stopAt(url, `SELECT id FROM scheduler_nodes WHERE name = 'worker' FOR UPDATE`);
    const runs = worker.runsTaken();
    await stopper.holdsUp(1);
    const pause = (adder.store as SqlJobStore).turnCluster('paused', ['running']);
    await stopper.holdsUp(2);
    await stopper.goOn();
    expect(await pause).toMatchObject({ mode: 'paused' });
    expect(await runs).toEqual([]);
    expect(await plainSql(url, 'SELECT id FROM scheduler_runs')).toEqual([]);
  });

  it('is taken once by the many that hear of it', async () => {
    const { url, adder, worker, announce, tried } = await world();
    const workers = [worker, await open(url, 'second'), await open(url, 'third')];
    const ids = Array.from({ length: 20 }, (_, n) => `job-${n}`);
    const taken: string[] = [];
    for (const id of ids) {
      await announce({}, id);
      const runs = await Promise.all(workers.map((node) => node.runsTaken()));
      taken.push(...runs.flat().map(({ jobId }) => jobId));
    }
    // One that another holds just then is let be, and looked for again.
    await vi.waitUntil(async () => {
      for (const node of workers) taken.push(...(await node.runsTaken()).map(({ jobId }) => jobId));
      return taken.length >= ids.length;
    });
    expect(taken.sort()).toEqual([...ids].sort());
    expect(await adder.store.getRuns({ limit: 100, now: Date.now() })).toHaveLength(ids.length);
    expect(await tried()).toContain(true);
  });

  it('is planned with what other nodes have under way of it', async () => {
    const { adder, worker, announce, tried } = await world();
    await announce();
    await adder.store.record([adder.newRun({ id: 'a', task: 'app:work' }, Date.now(), { cause: 'manual' })]);
    const seen: (number | undefined)[] = [];
    await worker.takeDue({
      plan: (_job, _due, _now, elsewhere) => {
        seen.push(elsewhere);
        return { ...onTo(null), runs: [worker.newRun({ id: 'a', task: 'app:work' }, Date.now())] };
      },
    });
    expect(await tried()).toEqual([false]);
    expect(seen.at(-1)).toBe(1);
  });

  it.each(['before', 'while'])(
    'is taken under a new lease by a node that was taken for dead %s it took it',
    async (when) => {
      const { url, worker, announce, tried } = await world();
      await announce();
      const stopper = await stopAt(url, `DELETE FROM scheduler_nodes WHERE name = 'worker'`);
      if (when === 'before') await stopper.goOn();
      const runs = worker.runsTaken();
      if (when === 'while') {
        await stopper.holdsUp(1);
        await stopper.goOn();
      }
      const [run] = await runs;
      expect(await tried()).toEqual([false]);
      const held = `SELECT r.id FROM scheduler_runs AS r JOIN scheduler_nodes AS n ON n.id = r.lease`;
      expect(await plainSql(url, held)).toEqual([{ id: run?.id }]);
    },
  );

  it('is taken once when its node has its lease renewed that was over', async () => {
    const { url, worker, announce } = await world();
    await announce();
    await plainSql(url, `UPDATE scheduler_nodes SET expires_at = 1 WHERE name = 'worker'`);
    const stopper = await stopAt(url, `SELECT id FROM scheduler_nodes WHERE name = 'worker' FOR UPDATE`);
    const renewed = `UPDATE scheduler_nodes SET expires_at = ${Date.now() + 60_000} WHERE name = 'worker'`;
    const renewal = plainSql(url, renewed);
    await stopper.holdsUp(1);
    const runs = worker.runsTaken();
    // It looks after its lease before it takes anything.
    await Promise.race([runs, stopper.holdsUp(2, true)]);
    await stopper.goOn();
    await renewal;
    const made = (await runs).map(({ id }) => ({ id }));
    expect(made).toHaveLength(1);
    expect(await plainSql(url, 'SELECT id FROM scheduler_runs')).toEqual(made);
  });

  it('waits, when it was removed and added anew, for the run that it has on another node', async () => {
    const { url, adder, worker, announce, tried } = await world();
    const third = await open(url, 'third');
    await announce({ maxInstances: 1 });
    const [run] = await third.runsTaken();
    expect(run).toBeDefined();
    await adder.store.remove('a');
    await worker.take();
    const before = (await tried()).length;
    await announce({ maxInstances: 1 });
    const seen: (number | undefined)[] = [];
    await worker.takeDue({
      plan: (_job, _due, _now, elsewhere) => {
        seen.push(elsewhere);
        return { ...onTo(null), runs: [worker.newRun({ id: 'a', task: 'app:work' }, Date.now())] };
      },
    });
    expect((await tried()).slice(before)).toEqual([false]);
    expect(seen.at(-1)).toBe(1);
  });

  it('is made again when nobody heard whether it was taken', async () => {
    const { worker, announce } = await world();
    const at = await announce();
    const { change } = SqlSession.prototype;
    vi.spyOn(SqlSession.prototype, 'change').mockImplementationOnce(async function (this: SqlSession, statement) {
      await change.call(this, statement);
      throw new Error('the connection is gone');
    });
    await expect(worker.take()).rejects.toThrow('the connection is gone');
    const { taken, retries } = await worker.take();
    const runs = [...taken.flatMap(({ plan }) => plan.runs), ...retries.map(({ run }) => run)];
    expect(runs).toMatchObject([{ jobId: 'a', nominalTime: at }]);
    const all = await worker.store.getRuns({ limit: 10, now: Date.now() });
    expect(all.map(({ state }) => state)).toEqual(['running', 'lost']);
  });

  it.each(['change', 'transaction'] as const)(
    'is made once when its lease is lost before the %s is answered',
    async (way) => {
      const starting = vi.spyOn(NodeLease.prototype, 'start');
      const { url, worker, announce } = await world();
      const lease = starting.mock.contexts.at(-1) as NodeLease;
      await announce({}, 'a');
      // Of two each is looked for, in a transaction.
      if (way === 'transaction') await announce({}, 'b');
      const original = SqlSession.prototype[way] as (this: SqlSession, use: never) => Promise<unknown>;
      vi.spyOn(SqlSession.prototype, way).mockImplementationOnce(async function (this: SqlSession, use: unknown) {
        const answer = await original.call(this, use as never);
        await plainSql(url, `DELETE FROM scheduler_nodes WHERE name = 'worker'`);
        await lease.beat();
        return answer as never;
      });
      const made: string[] = [];
      await vi.waitUntil(async () => {
        const { taken, retries } = await worker.take();
        made.push(...taken.flatMap(({ plan }) => plan.runs.map(({ id }) => id)), ...retries.map(({ run }) => run.id));
        return made.length > 0;
      });
      const running = await plainSql(url, `SELECT id FROM scheduler_runs WHERE lease IS NOT NULL ORDER BY id`);
      expect(running).toEqual(made.sort().map((id) => ({ id })));
      expect(running).toHaveLength(way === 'transaction' ? 2 : 1);
    },
  );

  it('is looked for when there is more than one', async () => {
    const { worker, announce, tried } = await world();
    for (const id of ['a', 'b', 'c']) await announce({}, id);
    const runs = await worker.runsTaken();
    expect(runs.map(({ jobId }) => jobId).sort()).toEqual(['a', 'b', 'c']);
    expect(await tried()).toEqual([]);
  });

  it('is looked for when it is too long to be told', async () => {
    const { worker, announce, tried } = await world();
    // Few enough characters, but too many bytes.
    const text = 'ü'.repeat(5000);
    await announce({ args: [text] });
    const { taken } = await worker.take();
    expect(taken.map(({ job }) => job.args)).toEqual([[text]]);
    expect(await tried()).toEqual([]);
  });

  it('is told to those only who may read the tables', async () => {
    const { url, announce } = await world();
    const stranger = new pg.Client({ connectionString: url });
    await stranger.connect();
    const heard = new Promise<string>((resolve) => stranger.on('notification', ({ payload = '' }) => resolve(payload)));
    await stranger.query(`LISTEN ${await channelOf(url)}`);
    await announce({ args: ['secret'], name: 'hidden' });
    await stranger.query('SELECT 1');
    const payload = await heard;
    await stranger.end();
    const { job, ...open } = JSON.parse(payload) as Record<string, unknown>;
    expect(Object.keys(open).sort()).toEqual(['at', 'from']);
    expect(job).toMatch(/^[\w+/]{200,}=*$/);
    expect(Buffer.from(job as string, 'base64').toString('latin1')).not.toMatch(/secret|hidden|work/);
  });

  it('is what its row says, whatever strangers say of it', async () => {
    const { url, worker, announce, tried } = await world();
    const at = await announce();
    await worker.take(at + 3_600_000);
    expect(await tried()).toEqual([true]);
    const [row] = await plainSql(url, 'SELECT id, uid, task, executor, spec, spec_hash FROM scheduler_jobs');
    await plainSql(url, `UPDATE scheduler_jobs SET next_run_time = ${at}, next_nominal_time = ${at}`);
    const lie = { ...row, task: 'app:evil', fireTime: at, nominalTime: at } as unknown as AnnouncedJob;
    const sealBy = (key: Buffer, changes: Partial<AnnouncedJob> = {}, isJob = true): string => {
      const seal = new (JobSeal as unknown as new (key: Buffer) => JobSeal)(key);
      const sealed = seal.close({ ...lie, ...changes });
      expect(seal.open(sealed)).toEqual(isJob ? lie : null);
      return sealed;
    };
    const sealed = sealBy(randomBytes(32));
    // Who may only read the tables has the key as well.
    const [there] = await plainSql(url, `SELECT value FROM scheduler_meta WHERE name = 'notice_key'`);
    const key = Buffer.from(String(there?.['value']), 'base64');
    const unreadable = [
      ...[{ fireTime: 0.5 }, { nominalTime: '1' as never }, { id: '\0' }, { spec: {} as never }],
      ...[{ id: 'x'.repeat(192) }, { uid: 'x'.repeat(33) }],
    ];
    const bySameKey = [sealBy(key), ...unreadable.map((changes) => sealBy(key, changes, false))];
    for (const job of [lie, sealed, sealed.slice(0, 20), '', 'a', 7, null, ...bySameKey]) {
      worker.wakes.length = 0;
      const notice = JSON.stringify({ from: 'stranger', at, job }).replaceAll("'", "''");
      await plainSql(url, `SELECT pg_notify('${await channelOf(url)}', '${notice}')`);
      await worker.isWokenBy(at, 'what a stranger says');
      const { taken } = await worker.take(at);
      expect(taken.map(({ job }) => job)).toMatchObject([{ id: 'a', task: 'app:work' }]);
    }
    expect(await tried()).toEqual([true, false]);
  });

  it('is looked for when there is no key to tell of it', async () => {
    const url = await fresh();
    const first = await open(url, 'first');
    await plainSql(url, `UPDATE scheduler_meta SET value = 'no key' WHERE name = 'notice_key'`);
    await first.stop();
    const [adder, worker] = [await open(url, 'adder'), await open(url, 'worker')];
    const tried = outcomes();
    await adder.store.add(jobRecord('a', Date.now()));
    await worker.isWokenBy(Date.now(), 'a job that is added');
    expect(await worker.runsTaken()).toHaveLength(1);
    expect(await tried()).toEqual([]);
  });

  it.each([
    { may: 'SELECT, DELETE', has: 'all', isTried: false },
    { may: 'SELECT, UPDATE, DELETE', has: 'no key', isTried: false },
    { may: 'SELECT, UPDATE, DELETE', has: 'no state', isTried: false },
    { may: 'SELECT, UPDATE, DELETE', has: 'all', isTried: true },
  ])('is taken by nodes that may $may where $has of what it takes is there', async ({ may, has, isTried }) => {
    const url = await fresh();
    await (await open(url, 'first')).stop();
    const missing = { all: '', 'no key': 'notice_key', 'no state': 'cluster' }[has];
    await plainSql(url, `DELETE FROM scheduler_meta WHERE name = '${missing}'`);
    const role = `app_${randomBytes(6).toString('hex')}`;
    roles.push({ url, role });
    await plainSql(
      url,
      `CREATE ROLE ${role} LOGIN; GRANT ${may} ON scheduler_meta TO ${role};
       GRANT SELECT, INSERT, UPDATE, DELETE ON scheduler_jobs, scheduler_runs, scheduler_nodes TO ${role}`,
    );
    const itsUrl = new URL(url);
    itsUrl.username = role;
    const [adder, worker] = [await open(itsUrl.href, 'adder'), await open(itsUrl.href, 'worker')];
    await worker.take();
    const tried = outcomes();
    const at = Date.now();
    await adder.store.add(jobRecord('a', at));
    await worker.isWokenBy(at, 'a job that is added');
    expect(await worker.runsTaken()).toHaveLength(1);
    expect(await tried()).toEqual(isTried ? [true] : []);
  });

  it('keeps a node from its start that is cut off when it looks for what seals the news', async () => {
    const url = await fresh();
    const { read } = SqlSession.prototype;
    vi.spyOn(SqlSession.prototype, 'read').mockImplementation(async function (this: SqlSession, query) {
      const { sql, parameters } = query.compile((this as unknown as { database: SqlDatabase }).database.kysely);
      if (/SELECT value FROM/.test(sql) && parameters.includes('notice_key')) throw new Error('the connection is gone');
      return read.call(this, query);
    });
    await expect(open(url, 'first')).rejects.toThrow('the connection is gone');
    expect(await plainSql(url, 'SELECT id FROM scheduler_nodes')).toEqual([]);
  });

  /** Holds up whoever comes to what a statement locks, until it is told to let them go on. */
  async function stopAt(url: string, statement: string) {
    const client = new pg.Client({ connectionString: url });
    stoppers.push(client);
    await client.connect();
    await client.query(`BEGIN; ${statement}`);
    return {
      /** Waits until it holds up so many statements. A beat, which may come at any time, counts only where one is meant. */
      holdsUp: (count: number, isBeatMeant = false): Promise<unknown> =>
        vi.waitUntil(async () => {
          const but = isBeatMeant ? '' : `AND query NOT LIKE '%seen_at%'`;
          const those = `datname = current_database() AND wait_event_type = 'Lock' ${but}`;
          return (await plainSql(url, `SELECT pid FROM pg_stat_activity WHERE ${those}`)).length >= count;
        }),
      goOn: (): Promise<unknown> => client.query('COMMIT'),
    };
  }
});

async function channelOf(url: string): Promise<string> {
  const [row] = await plainSql(
    url,
    `SELECT query FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database() LIMIT 1`,
  );
  return String(row?.['query']).replace('LISTEN ', '');
}
