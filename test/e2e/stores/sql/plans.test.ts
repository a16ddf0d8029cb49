import { sql, type RawBuilder } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import { OnceLogger } from '../../../../lib/engine/util/once-logger.js';
import { resolveAudit } from '../../../../lib/engine/stores/audit-options.js';
import { AuditPruner } from '../../../../lib/stores/sql/audit/audit-pruner.js';
import { AuditTable } from '../../../../lib/stores/sql/audit/audit-table.js';
import type { AuditFilter } from '../../../../lib/engine/stores/job-store.js';
import { silentLogger } from '../../../../lib/engine/logger.js';
import { resolveHistory } from '../../../../lib/engine/stores/history-options.js';
import { openDatabase, type SqlDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { CompletedJobs } from '../../../../lib/stores/sql/jobs/completed-jobs.js';
import { RunPruner } from '../../../../lib/stores/sql/runs/run-pruner.js';
import { RunTable } from '../../../../lib/stores/sql/runs/run-table.js';
import { SqlSession } from '../../../../lib/stores/sql/sql-session.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = (await testDatabases()).filter(({ available }) => available);
const postgres = databases.filter(({ name }) => name === 'postgres');
const sqlite = databases.filter(({ name }) => name === 'sqlite');
const mariadb = databases.filter(({ name }) => name === 'mariadb');
const ids = Array.from({ length: 500 }, (_, index) => `id-${index}`);

/** A session that notes what it is asked to read. */
function listening(session: SqlSession): { readonly session: SqlSession; readonly asked: RawBuilder<unknown>[] } {
  const asked: RawBuilder<unknown>[] = [];
  const read = <Row>(query: RawBuilder<Row>) => {
    asked.push(query);
    return session.read(query);
  };
  return { asked, session: Object.assign(Object.create(session) as SqlSession, { read }) };
}

const AUDIT_QUERIES: readonly (readonly [filter: Partial<AuditFilter>, index: RegExp])[] = [
  [{}, /audit_pkey|PRIMARY|autoindex_scheduler_audit/],
  [{ from: 2000, to: 3000 }, /audit_pkey|PRIMARY|autoindex_scheduler_audit/],
  [{ jobId: 'job-3' }, /audit_by_job_id/],
  [{ jobId: 'job-3', before: '000000000bb8', actions: ['job.pause', 'job.add'] }, /audit_by_job_id/],
  [{ actor: 'actor-3', from: 2000 }, /audit_by_actor/],
  [{ actions: ['job.pause'], before: '000000000bb8' }, /audit_by_action/],
];

/** What the audit trail reads for a page of each query, and the index that should answer it. */
async function auditQueries(session: SqlSession): Promise<readonly (readonly [RawBuilder<unknown>, RegExp])[]> {
  const queries: (readonly [RawBuilder<unknown>, RegExp])[] = [];
  for (const [filter, index] of AUDIT_QUERIES) {
    const seen = listening(session);
    const table = new AuditTable(seen.session, resolveAudit(), new OnceLogger(() => undefined));
    await table.find({ limit: 10, now: 5000, ...filter });
    queries.push([seen.asked[0] as RawBuilder<unknown>, index]);
  }
  return queries;
}

/* The tables have rows and no statistics, as in the first minute of each, and after many were added at once. */
describe.each(postgres)('$title without statistics', ({ fresh }) => {
  let database: SqlDatabase;
  let session: SqlSession;

  const planOf = async (query: RawBuilder<unknown>): Promise<string> => {
    const { rows } = await sql<Record<string, string>>`EXPLAIN ${query}`.execute(database.kysely);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };

  beforeAll(async () => {
    const options = readOptions({ url: await fresh() });
    database = await openDatabase(options);
    session = new SqlSession(database, options.layout, 'default');
    for (const table of ['jobs', 'runs', 'audit']) {
      await sql`ALTER TABLE ${sql.raw(`scheduler_${table}`)} SET (autovacuum_enabled = off)`.execute(database.kysely);
    }
    await sql`
      INSERT INTO scheduler_jobs
        (namespace, id, uid, task, executor, spec, spec_hash, next_run_time, next_nominal_time, paused, created_at, updated_at)
      SELECT 'default', 'id-' || n, 'uid-' || n, 'task', 'default', '{}', 'hash', n, n, 0, 0, 0
      FROM generate_series(0, 4999) AS n
    `.execute(database.kysely);
    await sql`
      INSERT INTO scheduler_audit (namespace, id, job_id, actor, action, entry)
      SELECT 'default', lpad(to_hex(n), 12, '0') || '000001-5f3a9c1e', 'job-' || n % 50, 'actor-' || n % 40, 'job.pause', '{}'
      FROM generate_series(0, 4999) AS n
    `.execute(database.kysely);
    await sql`
      INSERT INTO scheduler_runs
        (namespace, id, job_id, task, cause, nominal_time, last_nominal_time, fire_time, attempt, state, settled, node, lease)
      SELECT 'default', 'id-' || n, 'id-' || n, 'task', 'schedule', n, n, n, 1, 'running', 0, 'node', 'lease'
      FROM generate_series(0, 4999) AS n
    `.execute(database.kysely);
  }, 30_000);

  afterAll(() => database.close());

  it('finds rows by the whole of their key, one after the other', async () => {
    const plan = await planOf(session.selectBy(session.jobs, 'id', ids, 'id', { lock: session.dialect.lock }));
    expect(plan).toMatch(/scheduler_jobs_pkey[^\n]*\n\s*Index Cond: .*namespace.* AND .*id.* = .*key/);
  });

  it('finds the last run of each job at the end of its part of the index', async () => {
    const plan = await planOf(new RunTable(session, resolveHistory()).lastOf(ids));
    expect(plan).toMatch(/Index Scan Backward using scheduler_runs_by_job/);
    expect(plan).toMatch(/scheduler_jobs_pkey/);
    expect(plan).not.toMatch(/Seq Scan|Hash Join|Sort/);
  });

  it('prunes the history by indexes, a bounded number of rows at a time', async () => {
    await sql`
      INSERT INTO scheduler_runs
        (namespace, id, job_id, job_uid, task, cause, nominal_time, last_nominal_time, fire_time, started_at, finished_at, attempt, state, settled, node)
      SELECT 'default', 'a-' || lpad(n::text, 6, '0'), 'id-' || n % 20, 'uid-' || n % 20, 'task', 'schedule', n, n, n, n, n, 1, 'succeeded', 1, 'node'
      FROM generate_series(0, 4999) AS n
    `.execute(database.kysely);
    const asked: RawBuilder<unknown>[] = [];
    const seen = Object.assign(Object.create(session) as SqlSession, {
      read: <Row>(query: RawBuilder<Row>) => {
        asked.push(query);
        return session.read(query);
      },
    });
    const limits = { perJob: 100, total: 1000, maxAgeMs: Infinity, maxBytes: Infinity };
    const pruner = new RunPruner(seen, limits, new CompletedJobs(seen), silentLogger, () => 0);
    pruner.start();
    const left = sql<{ count: string }>`SELECT count(*) AS count FROM scheduler_runs WHERE settled = 1`;
    await vi.waitFor(async () => expect(Number((await session.read(left))[0]?.count)).toBe(1000), 10_000);
    await pruner.stop();
    const plans = await Promise.all(asked.map(planOf));
    expect(plans.length).toBeGreaterThan(8);
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan|hashed|Hash|Sort/);
  });

  it('finds a page of the audit trail by an index, and prunes it so', async () => {
    for (const [query, index] of await auditQueries(session)) {
      const plan = await planOf(query);
      expect(plan).toMatch(index);
      expect(plan).toMatch(/Index Scan Backward/);
      expect(plan).not.toMatch(/Seq Scan|Sort|Bitmap/);
    }
    const seen = listening(session);
    const pruner = new AuditPruner(seen.session, { maxAgeMs: Infinity, maxCount: 1000 }, silentLogger, () => 0);
    pruner.start();
    const left = sql<{ count: string }>`SELECT count(*) AS count FROM scheduler_audit`;
    await vi.waitFor(async () => expect(Number((await session.read(left))[0]?.count)).toBe(1000), 10_000);
    await pruner.stop();
    for (const plan of await Promise.all(seen.asked.map(planOf))) {
      expect(plan).toMatch(/audit_pkey/);
      expect(plan).not.toMatch(/Seq Scan|Sort/);
    }
  });

  it('goes to the rows that it changes, and through no others', async () => {
    const rows = ids.map((id) => ({ id, paused: 1, state: 'succeeded' }));
    const moved = session.rows(rows, { id: 'key', paused: 'flag' });
    const settled = session.rows(rows, { id: 'key', state: 'word' });
    const { dialect, jobs, runs } = session;
    const plans = await Promise.all([
      planOf(session.deleteByIds(session.jobs, ids)),
      planOf(dialect.updateFrom(jobs, 'default', ['paused'], moved)),
      planOf(dialect.updateHeld(runs, 'default', sql`state = x.state`, settled, 'lease', (column) => column('id'))),
    ]);
    for (const plan of plans) {
      expect(plan).toMatch(/Tid Scan/);
      expect(plan).not.toMatch(/Seq Scan|Hash Join|scheduler_runs_leases/);
    }
  });
});

/* As where a small application joins the database of larger ones: its statistics know their namespaces only. */
describe.each(postgres)('$title with statistics that do not know a namespace', ({ fresh }) => {
  let database: SqlDatabase;

  const addRuns = async (namespace: string, count: number): Promise<void> => {
    await sql`
      INSERT INTO scheduler_runs
        (namespace, id, job_id, task, cause, nominal_time, last_nominal_time, fire_time, attempt, state, settled, node)
      SELECT ${namespace}, lpad(n::text, 8, '0'), repeat('job', 20) || n % 10, 'task', 'schedule', n, n, n, 1, 'succeeded', 1, 'node'
      FROM generate_series(1, ${count}::integer) AS n
    `.execute(database.kysely);
  };

  beforeAll(async () => {
    database = await openDatabase(readOptions({ url: await fresh() }));
    await sql`ALTER TABLE scheduler_runs SET (autovacuum_enabled = off)`.execute(database.kysely);
    for (let n = 0; n < 100; n++) await addRuns(`other-${n}`, 100);
    await sql`ANALYZE scheduler_runs`.execute(database.kysely);
    await addRuns('default', 5000);
  }, 30_000);

  afterAll(() => database.close());

  it('finds the runs of a job by the index of jobs', async () => {
    const asked: RawBuilder<unknown>[] = [];
    const session = new SqlSession(database, readOptions({ url: 'postgres://host/database' }).layout, 'default');
    const seen = Object.assign(Object.create(session) as SqlSession, {
      read: (query: RawBuilder<unknown>) => {
        asked.push(query);
        return Promise.resolve([]);
      },
    });
    const runs = new RunTable(seen, resolveHistory());
    await runs.last(['id-1']);
    await runs.list({ jobId: 'id-1', limit: 10, now: 0 });
    await runs.list({ jobId: 'id-1', before: '00001000', limit: 10, now: 0 });
    expect(asked).toHaveLength(3);
    for (const query of asked) {
      const { rows } = await sql<Record<string, string>>`EXPLAIN ${query}`.execute(database.kysely);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/Index Scan Backward using scheduler_runs_by_job/);
      expect(plan).not.toMatch(/scheduler_runs_pkey|Seq Scan|Sort/);
    }
  });
});

describe.each(mariadb)('$title', ({ fresh }) => {
  let database: SqlDatabase;
  let session: SqlSession;

  /** Table by table, in the order in which they are gone through: by which index, and how. */
  const stepsOf = async (query: RawBuilder<unknown>): Promise<readonly string[]> => {
    const { rows } = await sql<{ table: string; key: string | null; type: string }>`EXPLAIN ${query}`.execute(
      database.kysely,
    );
    return rows.map(({ table, key, type }) => `${table} ${key ?? 'none'} ${type}`);
  };

  beforeAll(async () => {
    const options = readOptions({ url: await fresh() });
    database = await openDatabase(options);
    session = new SqlSession(database, options.layout, 'default');
    await sql`
      INSERT INTO scheduler_runs
        (namespace, id, job_id, task, cause, given, nominal_time, last_nominal_time, fire_time, attempt, state, settled, node, lease)
      SELECT 'default', CONCAT('id-', seq), CONCAT('id-', seq), 'task', 'schedule', '{}', seq, seq, seq, 1, 'running', 0, 'node', 'lease'
      FROM seq_0_to_4999
    `.execute(database.kysely);
  }, 30_000);

  afterAll(() => database.close());

  it('goes to the rows that it reads or changes, and through no others', async () => {
    const { dialect, runs } = session;
    const some = ids.slice(0, 200);
    const among = session.among('id', some);
    const step = 'scheduler_runs PRIMARY range';
    expect(await stepsOf(session.selectBy(runs, 'id', some, 'id', { lock: dialect.lock }))).toEqual([step]);
    expect(await stepsOf(session.deleteByIds(runs, some))).toEqual([step]);
    const change = sql`UPDATE ${runs} SET retry_at = NULL WHERE namespace = 'default' AND ${among}`;
    expect(await stepsOf(change)).toEqual([step]);
    const rows = session.rows(
      some.map((id) => ({ id, state: 'lost' })),
      { id: 'key', state: 'word' },
    );
    const steps = await stepsOf(dialect.updateFrom(runs, 'default', ['state'], rows));
    expect(steps).toEqual(['x none ALL', 't PRIMARY eq_ref']);
  });

  it('finds the last run of each job at the end of its part of the index', async () => {
    const steps = await stepsOf(new RunTable(session, resolveHistory()).lastOf(ids.slice(0, 200)));
    expect(steps).toEqual([
      'x none ALL',
      'r PRIMARY eq_ref',
      'scheduler_runs scheduler_runs_by_job ref',
      'j PRIMARY eq_ref',
    ]);
  });
});

describe.each(sqlite)('$title without statistics', ({ fresh }) => {
  it('finds the last run of each job at the end of its part of the index', async () => {
    const options = readOptions({ url: await fresh() });
    const database = await openDatabase(options);
    const session = new SqlSession(database, options.layout, 'default');
    const query = sql<{ detail: string }>`EXPLAIN QUERY PLAN ${new RunTable(session, resolveHistory()).lastOf(ids)}`;
    const { rows } = await query.execute(database.kysely);
    await database.close();
    const plan = rows.map(({ detail }) => detail).join('\n');
    expect(plan).toMatch(/SEARCH scheduler_runs USING INDEX scheduler_runs_by_job \(job_id=\? AND namespace=\?\)/);
    expect(plan).toMatch(/SEARCH r USING INDEX sqlite_autoindex_scheduler_runs_1 \(namespace=\? AND id=\?\)/);
    expect(plan).not.toMatch(/TEMP B-TREE|SCAN (?!json_each)/);
  });

  it('finds a page of the audit trail by an index', async () => {
    const options = readOptions({ url: await fresh() });
    const database = await openDatabase(options);
    const session = new SqlSession(database, options.layout, 'default');
    for (const [query, index] of await auditQueries(session)) {
      const { rows } = await sql<{ detail: string }>`EXPLAIN QUERY PLAN ${query}`.execute(database.kysely);
      const plan = rows.map(({ detail }) => detail).join('\n');
      expect(plan).toMatch(index);
      expect(plan).not.toMatch(/TEMP B-TREE|SCAN/);
    }
    await database.close();
  });
});
