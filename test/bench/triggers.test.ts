import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bench = (...args: string[]) =>
  spawnSync(process.execPath, ['bench/run.mjs', ...args], { cwd: root, encoding: 'utf8' });

const OURS = 'nestjs-apscheduler';

interface Result {
  speed: { zone: string; cells: { library: string; mode: string; rounds: number[]; disagreements: object | null }[] }[];
  footprint: { library: string; newPerSecond: number; knownPerSecond: number }[];
}

/* As short as it can be, with whatever other libraries are installed: none, in a bare checkout. It needs no network. */
describe('npm run bench -- triggers --smoke', { timeout: 30_000 }, () => {
  let report: string;
  let result: Result;

  beforeAll(() => {
    const { status, stdout, stderr } = bench('triggers', '--smoke');
    if (status !== 0) throw new Error(`It ended with ${status}:\n${stdout}\n${stderr}`);
    report = stdout;
    result = JSON.parse(readFileSync(`${root}/bench/results/triggers.smoke.json`, 'utf8')) as Result;
  }, 120_000);

  it('measures twelve expressions, walking and from random instants, in UTC and in a zone', () => {
    expect(result.speed.map(({ zone }) => zone)).toEqual(['UTC', 'America/New_York']);
    for (const { cells } of result.speed) {
      const ours = cells.filter(({ library }) => library === OURS);
      expect(ours.map(({ mode }) => mode).toSorted()).toEqual([
        ...Array(12).fill('random'),
        ...Array(12).fill('walking'),
      ]);
      for (const { rounds } of ours) expect(rounds.every((rate) => rate > 0)).toBe(true);
    }
  });

  it('measures the cost of making a trigger', () => {
    const ours = result.footprint.find(({ library }) => library === OURS);
    expect(ours?.newPerSecond).toBeGreaterThan(0);
    expect(ours?.knownPerSecond).toBeGreaterThan(0);
  });

  it('finds that the installed libraries agree', () => {
    expect(report).toMatch(/## Different answers\n\nNone\.\n$/);
  });

  it('prints its report as tables', () => {
    for (const name of ['every second', '29 February', 'Friday the 13th', 'ranges with steps']) {
      expect(report.match(new RegExp(`^\\| ${name} `, 'gm'))).toHaveLength(4);
    }
    expect(report).toContain('our slowest is');
  });
});

describe('npm run bench', () => {
  it('lists its suites if the name of one is unknown', () => {
    const { status, stderr } = bench('nothing');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'There is no suite "nothing". Choose one of: api, bullmq, dashboard, engine, events, stores, threads, triggers\n',
    );
  });
});
