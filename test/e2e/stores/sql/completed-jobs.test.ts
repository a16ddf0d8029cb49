import { exportDdl, SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it, vi } from 'vitest';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();

describe.each(databases.filter(({ available }) => available))('On $title', { timeout: 60_000 }, ({ name, fresh }) => {
  it('the times of completed jobs are kept of the 10,000 latest', async () => {
    const url = await fresh();
    await plainSql(url, exportDdl({ database: name }));
    const rows = Array.from({ length: 10_020 }, (_, n) => `('default', 'job-${n}', ${n})`);
    for (let from = 0; from < rows.length; from += 1000) {
      await plainSql(url, `INSERT INTO scheduler_completed VALUES ${rows.slice(from, from + 1000).join(', ')}`);
    }
    await plainSql(url, `INSERT INTO scheduler_completed VALUES ('another', 'job', 0)`);
    const store = new SqlJobStore({ url });
    await store.start();
    const times = `SELECT namespace, count(*) AS jobs, min(last_time) AS first FROM scheduler_completed GROUP BY namespace ORDER BY namespace`;
    const seen = async (): Promise<unknown> =>
      (await plainSql(url, times)).map(({ namespace, jobs, first }) => [namespace, Number(jobs), Number(first)]);
    await vi.waitFor(
      async () =>
        expect(await seen()).toEqual([
          ['another', 1, 0],
          ['default', 10_000, 20],
        ]),
      20_000,
    );
    await store.stop();
  });
});
