import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { ManualClock, Scheduler } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { memoryLogger, START } from '../../../support/engine.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();

/** Statements that make a dead node, with this many runs of as many jobs under way. */
function deadNode(count: number): string {
  const ids = Array.from({ length: count }, (_, n) => String(n).padStart(8, '0'));
  const jobs = ids.map((id) => `('default', 'job-${id}', 'uid-${id}', 'work', 'default', '{}', 'hash', 0, 1, 1)`);
  const runs = ids.map(
    (id) =>
      `('default', '00000000${id}-dead', 'job-${id}', 'uid-${id}', 'work', 'schedule', 1, 1, 1, 1, 'running', 0, 'dead', 'dead')`,
  );
  return `
    INSERT INTO scheduler_jobs (namespace, id, uid, task, executor, spec, spec_hash, paused, created_at, updated_at)
      VALUES ${jobs.join(', ')};
    INSERT INTO scheduler_runs (namespace, id, job_id, job_uid, task, cause, nominal_time, last_nominal_time, fire_time,
      attempt, state, settled, node, lease) VALUES ${runs.join(', ')};
    INSERT INTO scheduler_nodes (namespace, id, name, started_at, seen_at, expires_at, skew_ms)
      VALUES ('default', 'dead', 'dead', 1, 1, 2, 0)`;
}

const RUNS = 'SELECT state, count(*) AS runs, count(retry_at) AS retried, count(lease) AS leased FROM scheduler_runs';

function scheduler(store: SqlJobStore, logger = memoryLogger()): Scheduler {
  return new Scheduler({ clock: new ManualClock(START), logger, timezone: 'UTC', jobStores: { default: store } });
}

describe.each(databases.filter(({ available }) => available))(
  'The runs of a node that has died, on $title',
  { timeout: 60_000 },
  ({ fresh }) => {
    it('are all lost and tried again, however many they are', async () => {
      const url = await fresh();
      const first = scheduler(new SqlJobStore({ url, time: 'node' }));
      await first.start({ paused: true });
      await first.shutdown();
      await plainSql(url, deadNode(2500));
      const logger = memoryLogger();
      const heir = scheduler(new SqlJobStore({ url, time: 'node' }), logger);
      await heir.start({ paused: true });
      const [found, ...others] = await plainSql(url, `${RUNS} GROUP BY state`);
      expect(others).toEqual([]);
      const counts = [found?.['state'], ...['runs', 'retried', 'leased'].map((name) => Number(found?.[name]))];
      expect(counts).toEqual(['lost', 2500, 2500, 0]);
      expect(await plainSql(url, `SELECT id FROM scheduler_nodes WHERE id = 'dead'`)).toEqual([]);
      const line = 'warn: Node "dead" is not heard of any more: 2500 run(s) of it are lost, 2500 are tried again';
      expect(logger.lines).toContain(line);
      await heir.shutdown();
    });
  },
);

describe('What takes the runs of a node that has died', () => {
  it('names at most a thousand of them in a statement', async () => {
    const file = new Database(':memory:');
    let longest = 0;
    const kysely = new Kysely({
      dialect: new SqliteDialect({ database: file }),
      log: ({ query }) => {
        for (const value of query.parameters) longest = Math.max(longest, String(value).split('"id"').length - 1);
      },
    });
    const first = scheduler(new SqlJobStore({ kysely, time: 'node' }));
    await first.start({ paused: true });
    await first.shutdown();
    file.exec(deadNode(2500));
    const heir = scheduler(new SqlJobStore({ kysely, time: 'node' }));
    await heir.start({ paused: true });
    expect(file.prepare(`${RUNS} GROUP BY state`).all()).toMatchObject([{ state: 'lost', runs: 2500 }]);
    expect(longest).toBe(1000);
    await heir.shutdown();
    await kysely.destroy();
  });
});
