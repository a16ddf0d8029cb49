import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { testServer } from '../support/servers/test-server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bench = (...args: string[]) =>
  spawnSync(process.execPath, ['bench/run.mjs', 'stores', ...args], { cwd: root, encoding: 'utf8' });

interface Cell {
  key: string;
  section: string;
  title: string;
  rounds: Round[];
  failure: object | null;
}

interface Round {
  fires: number;
  clientUs: number;
  serverUs: number;
  lateness: { p50: number; p99: number; max: number };
  slots: { due: number; made: number; late: number; told: number; silent: number; twice: number };
  addMs: number;
  ranMs: number;
  doneMs: number;
  p50: number;
  p99: number;
  seconds: number;
}

/* Ours and the bare loop. At this size one number of jobs is as good as the other. */
const SOME =
  'few-spread/ours,few-together/ours-redis-2,many/ours-postgres-2,many/bare,burst/ours,burst/bare,hand-over/ours,recovery/ours';

const servers = await Promise.all([testServer('postgres'), testServer('redis')]);

/* As short as it can be. It needs no network, but the servers. */
describe.runIf(servers.every(({ startable }) => startable))('npm run bench -- stores --smoke', () => {
  let report: string;
  let cells: Cell[];
  const roundsOf = (section: string, name = 'ours-') =>
    cells
      .filter(({ key }) => key.startsWith(`${section}/${name}`))
      .map(({ rounds }) => {
        expect(rounds).toHaveLength(1);
        return rounds[0] as Round;
      });

  beforeAll(() => {
    const { status, stdout, stderr } = bench('--smoke', '--only', SOME);
    if (status !== 0) throw new Error(`It ended with ${status}:\n${stdout}\n${stderr}`);
    report = stdout;
    ({ cells } = JSON.parse(readFileSync(`${root}/bench/results/stores.smoke.json`, 'utf8')) as { cells: Cell[] });
  }, 300_000);

  it('measures each store and the bare loop, and nothing fails', () => {
    expect(cells.filter(({ failure }) => failure !== null)).toEqual([]);
    expect([...new Set(cells.map(({ section }) => section))]).toEqual([
      ...['few-spread', 'few-together', 'many', 'burst', 'hand-over', 'recovery'],
    ]);
    for (const store of ['PostgreSQL', 'Redis', 'SQLite']) {
      expect(report).toMatch(new RegExp(`^\\| nestjs-apscheduler, ${store} +\\| +[\\d.]+`, 'm'));
    }
    expect(report).toMatch(/^\| bare loop on pg, with run rows +\| +[\d.]+/m);
  });

  it('sees every job run each second, once, by one process or two', () => {
    for (const section of ['few-spread', 'few-together', 'many']) {
      for (const { slots, lateness, clientUs } of roundsOf(section)) {
        expect(slots).toEqual({ due: slots.due, made: slots.due, late: 0, told: 0, silent: 0, twice: 0 });
        expect(slots.due).toBeGreaterThanOrEqual(20);
        expect(lateness.max).toBeGreaterThanOrEqual(lateness.p99);
        expect(clientUs).toBeGreaterThan(0);
      }
    }
  });

  it('measures bursts, from the first to when nothing is left', () => {
    for (const { addMs, ranMs, doneMs } of [...roundsOf('burst'), ...roundsOf('burst', 'bare')]) {
      expect(addMs).toBeGreaterThan(0);
      expect(doneMs).toBeGreaterThanOrEqual(ranMs);
    }
  });

  it('measures how soon another process starts a job, and starts it again after SIGKILL', () => {
    for (const { p50, p99 } of roundsOf('hand-over')) expect(p99).toBeGreaterThanOrEqual(p50);
    for (const { seconds } of roundsOf('recovery')) {
      // Nobody may take a run whose lease is not over.
      expect(seconds).toBeGreaterThan(5);
      expect(seconds).toBeLessThan(60);
    }
  });

  it('says of each target whether it is met', () => {
    expect(report.match(/^- .+: \*\*(met|not met|not measured)\*\*\. .+\.$/gm)).toHaveLength(11);
  });
});

describe('npm run bench -- stores --only', { timeout: 60_000 }, () => {
  it('tells what there is to who asks for what is not', () => {
    const { status, stderr } = bench('--only', 'nothing');
    expect(status).toBe(1);
    expect(stderr).toContain('No cell\'s key has "nothing" in it. Keys: few-spread/ours-postgres-1, ');
  });

  it('keeps no report of a part', () => {
    const { status, stderr } = bench('--only', 'burst', '--save');
    expect(status).toBe(1);
    expect(stderr).toBe('--save keeps the report of a whole suite: leave --only out\n');
  });
});
