import type { CompiledQuery, QueryExecutorProvider } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../../../lib/engine/clock.js';
import { silentLogger } from '../../../../lib/engine/logger.js';
import { JOB_ORDERS } from '../../../../lib/engine/model/job-query.js';
import { resolveHistory } from '../../../../lib/engine/stores/history-options.js';
import type { JobFilter, JobPlace, JobSearch } from '../../../../lib/engine/stores/job-search.js';
import { JobReader } from '../../../../lib/stores/sql/jobs/job-reader.js';
import { JobTable } from '../../../../lib/stores/sql/jobs/job-table.js';
import { JobTags } from '../../../../lib/stores/sql/jobs/job-tags.js';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import { LastRuns } from '../../../../lib/stores/sql/runs/last-runs.js';
import { RunTable } from '../../../../lib/stores/sql/runs/run-table.js';
import { fewJobs } from '../../../../lib/stores/sql/search/few-jobs.js';
import { JobFinder } from '../../../../lib/stores/sql/search/job-finder.js';
import { UnindexedJobs } from '../../../../lib/stores/sql/search/unindexed-jobs.js';
import { openDatabase, type SqlDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { SqlSession } from '../../../../lib/stores/sql/sql-session.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases, type TestDatabase } from '../../../support/sql/test-databases.js';

const databases = (await testDatabases()).filter(({ available }) => available);

const JOBS = 5000;

/** How a database shows that rows come from an index in the order of it: the name of that index. */
const ORDERED_BY: Readonly<Record<TestDatabase['name'], RegExp>> = {
  postgres: /Limit [^\n]*\n +-> +Index (?:Only )?Scan (?:Backward )?using (\S+) on scheduler_jobs\b/,
  sqlite: /MATERIALIZE seen\nSEARCH scheduler_jobs USING (?:COVERING )?INDEX (\S+) [^\n]*\n(?!USE TEMP B-TREE)/,
  mariadb: /"table_name": "scheduler_jobs",[^}]*?"key": "(\S+)"/,
};
const EXPLAIN = { postgres: 'EXPLAIN', sqlite: 'EXPLAIN QUERY PLAN', mariadb: 'EXPLAIN FORMAT=JSON' } as const;

const INDEXES = {
  id: /scheduler_jobs_pkey|sqlite_autoindex_scheduler_jobs_1|PRIMARY/,
  name: /scheduler_jobs_by_name/,
  nextRun: /scheduler_jobs_by_time|scheduler_jobs_due/,
  lastRun: /scheduler_jobs_by_last_run/,
} as const;

/* The tables have rows and no statistics, as in the first minute of each, and after many were added at once. */
describe.each(databases)('On $title without statistics, a search for jobs', { timeout: 60_000 }, ({ name, fresh }) => {
  let database: SqlDatabase;
  let session: SqlSession;
  const asked: CompiledQuery[] = [];

  /** What executes queries elsewhere, and keeps those that look through jobs in an order. */
  const recording = (db: QueryExecutorProvider): QueryExecutorProvider => {
    const executor = db.getExecutor();
    const executeQuery: typeof executor.executeQuery = (query) => {
      asked.push(query);
      return executor.executeQuery(query);
    };
    // Its own members are private to it.
    const compileQuery: typeof executor.compileQuery = (...args) => executor.compileQuery(...args);
    const transformQuery: typeof executor.transformQuery = (...args) => executor.transformQuery(...args);
    const recorder = Object.assign(Object.create(executor) as typeof executor, {
      ...{ compileQuery, executeQuery, transformQuery },
    });
    return { getExecutor: () => recorder };
  };

  /** A session that keeps the queries which it answers in the order of an index. */
  const watched = (): SqlSession =>
    Object.assign(Object.create(session) as SqlSession, {
      readInOrder: <T>(use: (db: QueryExecutorProvider) => Promise<T>) =>
        session.readInOrder((db) => use(recording(db))),
    });

  const explainAsked = (): Promise<readonly string[]> =>
    session.readInOrder((db) =>
      Promise.all(
        asked.map(async (query) => {
          const explained = { ...query, sql: `${EXPLAIN[name]} ${query.sql}` };
          const { rows } = await db.getExecutor().executeQuery<Record<string, unknown>>(explained);
          return rows.map((row) => String(row['detail'] ?? Object.values(row)[0])).join('\n');
        }),
      ),
    );

  const plansOf = async (search: Partial<JobSearch>): Promise<readonly string[]> => {
    const clock = new SystemClock();
    const reader = new JobReader(silentLogger);
    const tags = new JobTags(session);
    const finder = new JobFinder({
      session: watched(),
      clock,
      reader,
      jobs: new JobTable(session, reader, tags),
      unindexed: new UnindexedJobs(
        session,
        clock,
        new LastRuns(session, new RunTable(session, resolveHistory())),
        tags,
      ),
    });
    const known = { tasks: [], executors: [] };
    asked.length = 0;
    await finder.find({ filter: {}, order: 'id', descending: false, limit: 100, known, ...search });
    return explainAsked();
  };

  /** How the queries are answered that find out which jobs a filter can apply to. */
  const sourcePlansOf = async (filter: JobFilter): Promise<string> => {
    asked.length = 0;
    await fewJobs(watched(), filter);
    return (await explainAsked()).join('\n');
  };

  beforeAll(async () => {
    const url = await fresh();
    const options = readOptions({ url });
    database = await openDatabase(options);
    session = new SqlSession(database, options.layout, 'default');
    if (name === 'postgres') {
      const unseen = ['jobs', 'runs'].map((table) => `ALTER TABLE scheduler_${table} SET (autovacuum_enabled = off)`);
      await plainSql(url, unseen.join(';'));
    }
    const rows = Array.from({ length: JOBS }, (_, n) => {
      const time = n % 10 === 0 ? 'NULL' : String(n % 7);
      return `('default', 'id-${n}', 'uid-${n}', 'task', 'default', '{}', 'hash', ${time}, 0, 0, 0, 'name ${n % 3}', 'id', 'cron', 0, '')`;
    });
    await plainSql(
      url,
      `INSERT INTO scheduler_jobs (namespace, id, uid, task, executor, spec, spec_hash, next_run_time, paused, created_at,
        updated_at, name_key, search, trigger_type, declared, last_run) VALUES ${rows.join(',')}`,
    );
    const runs = Array.from({ length: JOBS }, (_, n) => {
      return `('default', 'run-${n}', 'id-${n}', 'uid-${n}', 'task', 'schedule', 1, 1, 1, 1, 'succeeded', 1, 'node')`;
    });
    await plainSql(
      url,
      `INSERT INTO scheduler_runs (namespace, id, job_id, job_uid, task, cause, nominal_time, last_nominal_time, fire_time,
        attempt, state, settled, node) VALUES ${runs.join(',')}`,
    );
  }, 60_000);

  afterAll(() => database.close());

  it.each(JOB_ORDERS)('reads no more rows than it looks through: order %s', async (order) => {
    const key = { id: '', name: 'name 1', nextRun: 3, lastRun: '' }[order];
    const places: readonly (JobPlace | undefined)[] = [
      undefined,
      { key, id: 'id-3' },
      ...(order === 'nextRun' ? [{ key: Infinity, id: 'id-3' }] : []),
    ];
    for (const descending of [false, true]) {
      for (const after of places) {
        for (const filter of [{}, { text: 'none' }, { states: ['waiting'] as const }]) {
          const plans = await plansOf({ order, descending, filter, ...(after && { after }) });
          expect(plans.length).toBeGreaterThan(0);
          for (const plan of plans) expect(ORDERED_BY[name].exec(plan)?.[1] ?? plan).toMatch(INDEXES[order]);
          for (const plan of plans) expect(plan).not.toMatch(/"sort_key": "scheduler_jobs/);
        }
      }
    }
  });

  it.each<[JobFilter, RegExp]>([
    [{ states: ['running'] }, /scheduler_runs_leases/],
    [{ states: ['paused'] }, /scheduler_jobs_by_time|scheduler_jobs_due/],
    [{ nextFrom: 1, nextTo: 2 }, /scheduler_jobs_by_time|scheduler_jobs_due/],
    [{ tags: ['red'] }, /scheduler_job_tags_pkey|autoindex_scheduler_job_tags|PRIMARY/],
  ])('finds the few jobs that %o can apply to by an index', async (filter, index) => {
    // The leases of the nodes are a list that is made for the statement, and is gone through.
    const plan = (await sourcePlansOf(filter)).replaceAll(
      /"<derived\d>",\s+"access_type": "ALL"|SCAN (n|CONSTANT ROW)$/gm,
      '',
    );
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/Seq Scan on scheduler_(runs|jobs)|SCAN |"access_type": "ALL"|scheduler_runs_by_job/);
  });
});
