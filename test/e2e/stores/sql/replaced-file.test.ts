import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { engineWorld, MINUTE, SECOND } from '../../../support/engine.js';
import { plainSql } from '../../../support/sql/plain-sql.js';

async function running() {
  const file = join(mkdtempSync(join(tmpdir(), 'replaced-')), 'jobs.db');
  const world = engineWorld({ jobStores: { default: new SqlJobStore({ url: `sqlite:${file}`, time: 'node' }) } });
  let runs = 0;
  world.scheduler.registerTask('work', () => void runs++);
  await world.scheduler.declareJob({ id: 'a', task: 'work', trigger: 'interval', minutes: 1 });
  await world.scheduler.completeDeclarations();
  await world.scheduler.start();
  await world.clock.advance(10 * SECOND);
  const idsIn = async (path: string): Promise<unknown[]> =>
    (await plainSql(`sqlite:${path}`, `SELECT id FROM scheduler_jobs WHERE namespace = 'default'`)).map(({ id }) => id);
  return { ...world, file, idsIn, runs: () => runs };
}

describe.skipIf(process.platform === 'win32')('A SQLite file that is replaced while a node runs', () => {
  it('by a backup without the declared jobs gets them back, and they run in it', async () => {
    const { scheduler, clock, logger, file, idsIn, runs } = await running();
    const backup = `${file}.backup`;
    await plainSql(`sqlite:${file}`, `VACUUM INTO '${backup}'`);
    await plainSql(`sqlite:${backup}`, `DELETE FROM scheduler_jobs; DELETE FROM scheduler_nodes`);
    // The log of the old file stays behind.
    renameSync(backup, file);
    await clock.advance(10 * SECOND);
    expect(await idsIn(file)).toEqual(['a']);
    expect(scheduler.health()).toMatchObject({ status: 'degraded', jobStores: { default: { status: 'up' } } });
    expect(logger.lines).toContain('warn: The SQLite file was replaced; the new one is open now');
    await clock.advance(2 * MINUTE);
    expect(runs()).toBeGreaterThan(0);
    await scheduler.shutdown();
    expect(await plainSql(`sqlite:${file}`, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });

  it('by nothing is made anew', async () => {
    const { scheduler, clock, file, idsIn } = await running();
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    await clock.advance(10 * SECOND);
    expect(await idsIn(file)).toEqual(['a']);
    await scheduler.shutdown();
  });

  it('by a file that cannot be used makes health say so, until it can', async () => {
    const { scheduler, clock, file, idsIn } = await running();
    copyFileSync(import.meta.filename, `${file}.wrong`);
    renameSync(`${file}.wrong`, file);
    await clock.advance(10 * SECOND);
    expect(scheduler.health()).toMatchObject({
      status: 'down',
      jobStores: { default: { reason: expect.stringContaining('file is not a database') } },
    });
    rmSync(file);
    await clock.advance(20 * SECOND);
    expect(scheduler.health()).toMatchObject({ jobStores: { default: { status: 'up' } } });
    expect(await idsIn(file)).toEqual(['a']);
    await scheduler.shutdown();
  });
});
