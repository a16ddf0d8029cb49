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

interface SlotLog {
  ran(index: number, nominal: number): void;
  leftOut(index: number, first: number, last?: number): void;
  slots(window: { from: number; to: number }): object;
}

interface SlotLogModule {
  SlotLog: new (jobs: number, base: number) => SlotLog;
  together(logs: readonly object[], later: readonly object[]): Pick<Round, 'slots' | 'fires' | 'clientUs'>;
}

/* Each store once, and the bare loop: the stores have tests of their own, here it is what measures them. */
const SOME = [
  ...['few-spread/ours-postgres-2', 'few-together/ours-redis-2', 'many/ours-sqlite', 'many/bare-runs'],
  ...['burst/ours-postgres', 'burst/bare', 'hand-over/ours-redis', 'recovery/ours-redis'],
];

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
    const { status, stdout, stderr } = bench('--smoke', '--only', SOME.join());
    if (status !== 0) throw new Error(`It ended with ${status}:\n${stdout}\n${stderr}`);
    report = stdout;
    ({ cells } = JSON.parse(readFileSync(`${root}/bench/results/stores.smoke.json`, 'utf8')) as { cells: Cell[] });
  }, 300_000);

  it('measures each store and the bare loop without failures', () => {
    expect(cells.filter(({ failure }) => failure !== null)).toEqual([]);
    expect([...new Set(cells.map(({ section }) => section))]).toEqual([
      ...['few-spread', 'few-together', 'many', 'burst', 'hand-over', 'recovery'],
    ]);
    for (const store of ['PostgreSQL', 'Redis', 'SQLite']) {
      expect(report).toMatch(new RegExp(`^\\| nestjs-apscheduler, ${store} +\\| +[\\d.]+`, 'm'));
    }
    expect(report).toMatch(/^\| bare loop on pg, with run rows +\| +[\d.]+/m);
  });

  it('observes every scheduled time of every job, with one process and with two', () => {
    for (const section of ['few-spread', 'few-together', 'many']) {
      for (const { slots, lateness, clientUs } of roundsOf(section)) {
        // Some may be late while other tests keep the computer busy.
        expect(slots).toMatchObject({ silent: 0, twice: 0, made: slots.due - slots.late - slots.told });
        expect(slots.due).toBeGreaterThanOrEqual(20);
        expect(slots.made).toBeGreaterThan(0);
        expect(lateness.max).toBeGreaterThanOrEqual(lateness.p99);
        expect(clientUs).toBeGreaterThan(0);
      }
    }
  });

  it('measures bursts until no job is left', () => {
    for (const { addMs, ranMs, doneMs } of [...roundsOf('burst'), ...roundsOf('burst', 'bare')]) {
      expect(addMs).toBeGreaterThan(0);
      expect(doneMs).toBeGreaterThanOrEqual(ranMs);
    }
  });

  it('measures how soon another process starts a new job, and restarts one after SIGKILL', () => {
    for (const { p50, p99 } of roundsOf('hand-over')) expect(p99).toBeGreaterThanOrEqual(p50);
    for (const { seconds } of roundsOf('recovery')) {
      // A run must not be taken over before its lease has expired.
      expect(seconds).toBeGreaterThan(5);
      expect(seconds).toBeLessThan(60);
    }
  });

  it('reports for each target whether it is met', () => {
    expect(report.match(/^- .+: \*\*(met|not met|not measured)\*\*\. .+\.$/gm)).toHaveLength(11);
  });
});

describe('The observations of two processes', () => {
  it('are combined by time and job: made, late, told, silent, twice', async () => {
    const module = (await import(`${root}/bench/stores/slot-log.mjs`)) as SlotLogModule;
    const [from, jobs] = [1_800_000_000_000, 5];
    const [a, b] = [1, 2].map(() => new module.SlotLog(jobs, from - 1000)) as [SlotLog, SlotLog];
    const seen = (): object[] =>
      [a, b].map((log) => ({
        ...{ fires: 2, elapsedMs: 1000, cpuUs: 10, latenesses: new Uint32Array(3).fill(1) },
        ...log.slots({ from, to: from + 1000 }),
      }));
    const [madeOnce, madeTwice, late, told] = [0, 1, 2, 3] as const;
    a.ran(madeOnce, from);
    a.ran(madeTwice, from + 500);
    b.ran(madeTwice, from + 500);
    b.ran(late, from + 1000);
    const inTime = seen();
    b.ran(late, from);
    b.leftOut(told, from - 1000, from);
    const { slots, fires, clientUs } = module.together(inTime, seen());
    expect(slots).toEqual({ due: jobs, made: 2, late: 1, told: 1, silent: 1, twice: 1 });
    expect({ fires, clientUs }).toEqual({ fires: 4, clientUs: 20 });
  });
});

describe('npm run bench -- stores --only', { timeout: 60_000 }, () => {
  it('lists the keys if none matches', () => {
    const { status, stderr } = bench('--only', 'nothing');
    expect(status).toBe(1);
    expect(stderr).toContain('No cell\'s key has "nothing" in it. Keys: few-spread/ours-postgres-1, ');
  });

  it('does not save a report of a part', () => {
    const { status, stderr } = bench('--only', 'burst', '--save');
    expect(status).toBe(1);
    expect(stderr).toBe('--save keeps the report of a whole suite: leave --only out\n');
  });
});
