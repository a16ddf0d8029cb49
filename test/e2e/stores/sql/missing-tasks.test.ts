import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { ManualClock, Scheduler } from 'nestjs-apscheduler/engine';
import { SqlJobStore, type SqlStoreOptions } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { memoryLogger, SECOND, START } from '../../../support/engine.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();

const once = (id: string, task: string, runDate: number): object => ({ id, task, trigger: 'date', runDate });

interface World {
  readonly clock: ManualClock;
  readonly scheduler: Scheduler;
  /** The tasks of the runs so far. */
  readonly ran: string[];
}

/** A node without the task of a number of due jobs, all due at once, and with that of two jobs that are due after them. */
async function manyMissing(count: number, options: SqlStoreOptions): Promise<World> {
  // A busy server may take seconds to claim thousands of jobs.
  const clock = new ManualClock(START, { patienceMs: 15_000 });
  const ran: string[] = [];
  const made = (): Scheduler => {
    const jobStores = { default: new SqlJobStore({ ...options, time: 'node' }) };
    const scheduler = new Scheduler({ clock, logger: memoryLogger(), timezone: 'UTC', jobStores });
    scheduler.registerTask('known', () => ran.push('known'));
    return scheduler;
  };
  const teller = made();
  teller.registerTask('missing', () => ran.push('missing'));
  await teller.start({ paused: true });
  const missing = Array.from({ length: count }, (_, n) => once(`job-${n}`, 'missing', START + SECOND));
  const known = [once('known-1', 'known', START + 2 * SECOND), once('known-2', 'known', START + 20 * SECOND)];
  await teller.addJobs([...missing, ...known] as never);
  await teller.shutdown();
  await clock.advance('3s');
  const scheduler = made();
  await scheduler.start();
  return { clock, scheduler, ran };
}

describe.each(databases.filter(({ available }) => available))(
  'With 2,500 due jobs whose task a node lacks, on $title',
  { timeout: 60_000 },
  ({ fresh }) => {
    it('its other jobs run, and once it has the task, each of those runs once', async () => {
      const { clock, scheduler, ran } = await manyMissing(2500, { url: await fresh() });
      await clock.advance('1s');
      expect(ran).toEqual(['known']);
      await clock.advance('20s');
      expect(ran).toEqual(['known', 'known']);
      scheduler.registerTask('missing', () => ran.push('missing'));
      await clock.advance('1s');
      expect(ran).toHaveLength(2502);
      await scheduler.shutdown();
    });

    it('they are looked at again within a minute, also one that was changed meanwhile', async () => {
      const { clock, scheduler, ran } = await manyMissing(2500, { url: await fresh() });
      await clock.advance('1s');
      expect(ran).toEqual(['known']);
      expect(await scheduler.getJobs()).toHaveLength(2501);
      await scheduler.modifyJob('job-7', { task: 'known' });
      await clock.advance('1m');
      expect(ran).toEqual(['known', 'known', 'known']);
      await scheduler.shutdown();
    });
  },
);

describe('Due jobs whose task a node lacks', () => {
  it('are named by the hundreds in a statement, not all of them', async () => {
    let longest = 0;
    const kysely = new Kysely({
      dialect: new SqliteDialect({ database: new Database(':memory:') }),
      log: ({ query }) => {
        if (query.sql.trimStart().startsWith('INSERT')) return;
        for (const value of query.parameters) longest = Math.max(longest, String(value).split('"id"').length - 1);
      },
    });
    const { clock, scheduler, ran } = await manyMissing(5000, { kysely });
    await clock.advance('20s');
    expect(ran).toEqual(['known', 'known']);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThanOrEqual(1500);
    await scheduler.shutdown();
    await kysely.destroy();
  });
});
