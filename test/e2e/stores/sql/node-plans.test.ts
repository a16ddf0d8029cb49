import { sql, type RawBuilder } from 'kysely';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../lib/engine/clock.js';
import { silentLogger } from '../../../../lib/engine/logger.js';
import { NodeList } from '../../../../lib/stores/sql/nodes/node-list.js';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import { openDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { SqlSession } from '../../../../lib/stores/sql/sql-session.js';
import { StoreTime } from '../../../../lib/stores/sql/store-time.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = (await testDatabases()).filter(({ available }) => available);

const PLANS = {
  sqlite: {
    explain: 'EXPLAIN QUERY PLAN',
    index: /SEARCH scheduler_runs USING .*INDEX scheduler_runs_leases \(lease=\?/,
  },
  postgres: {
    explain: 'EXPLAIN',
    index: /Index (Only )?Scan (using|on) scheduler_runs_leases|Bitmap Index Scan on scheduler_runs_leases/,
  },
  mariadb: { explain: 'EXPLAIN', index: /scheduler_runs range .*scheduler_runs_leases/ },
} as const;

/** Rows of a table without statistics: 5,000 runs that have ended, and 60 under the leases of two nodes. */
async function populate(url: string): Promise<void> {
  const run = (n: number): string => {
    const lease = n < 5000 ? 'NULL' : n % 3 === 0 ? "'aaaaaaaa-1'" : "'bbbbbbbb-1'";
    const state = n < 5000 ? 'succeeded' : 'running';
    return `('default', 'run-${n}', 'job-${n % 50}', 'task', 'schedule', ${n}, ${n}, ${n}, 1, '${state}', 0, 'node', ${lease})`;
  };
  const columns =
    'namespace, id, job_id, task, cause, nominal_time, last_nominal_time, fire_time, attempt, state, settled, node, lease';
  const rows = Array.from({ length: 5060 }, (_, n) => run(n)).join(', ');
  const node = (id: string): string => `('default', '${id}', '${id.slice(0, 1)}', 1000, 2000, 17000, 0)`;
  await plainSql(
    url,
    `INSERT INTO scheduler_runs (${columns}) VALUES ${rows};
     INSERT INTO scheduler_nodes (namespace, id, name, started_at, seen_at, expires_at, skew_ms)
       VALUES ${node('aaaaaaaa-1')}, ${node('bbbbbbbb-1')}`,
  );
}

describe.each(databases)('The list of nodes on $title', { timeout: 30_000 }, ({ fresh, name }) => {
  it('counts the runs under their leases by an index, however many have ended', async () => {
    const url = await fresh();
    const options = readOptions({ url });
    const database = await openDatabase(options);
    await populate(url);
    const session = new SqlSession(database, options.layout, 'default');
    const asked: RawBuilder<unknown>[] = [];
    const seen = Object.assign(Object.create(session) as SqlSession, {
      read: <Row>(query: RawBuilder<Row>) => {
        asked.push(query);
        return session.read(query);
      },
    });
    const time = new StoreTime(seen, new ManualClock(2000), silentLogger, 'node');
    const nodes = await new NodeList(seen, time).read();
    expect(nodes.map(({ activeRuns, instance, since }) => [instance, activeRuns, since])).toEqual([
      ['aaaaaaaa', 20, 1000],
      ['bbbbbbbb', 40, 1000],
    ]);
    expect(asked).toHaveLength(2);
    const { explain, index } = PLANS[name];
    const { rows } = await sql<object>`${sql.raw(explain)} ${asked[1]}`.execute(database.kysely);
    const plan = rows.map((row) => Object.values(row).join(' ')).join('\n');
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/Seq Scan|SCAN (?!json_each)| ALL /);
    await database.close();
  });
});
