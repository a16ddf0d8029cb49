import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Result {
  readonly cells: {
    readonly store: string;
    readonly found: { streams: number; rounds: { runs: number; cpuUs: number; bytes: number }[] }[];
  }[];
}

describe('npm run bench -- events --smoke', () => {
  let report: string;
  let result: Result;

  beforeAll(() => {
    const args = ['bench/run.mjs', 'events', '--smoke'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`It ended with ${status}:\n${stdout}\n${stderr}`);
    report = stdout;
    result = JSON.parse(readFileSync(`${root}/bench/results/events.smoke.json`, 'utf8')) as Result;
  }, 180_000);

  it('measures runs with and without a stream, in memory and in SQLite', () => {
    expect(result.cells.map(({ store }) => store)).toEqual(['memory', 'SQLite']);
    for (const { found } of result.cells) {
      expect(found.map(({ streams }) => streams)).toEqual([0, 1]);
      for (const { cpuUs, runs } of found.flatMap(({ rounds }) => rounds)) {
        expect(runs).toBeGreaterThan(0);
        expect(cpuUs).toBeGreaterThan(0);
      }
      expect(found[1]?.rounds[0]?.bytes).toBeGreaterThan(1000);
    }
  });

  it('reports what it has measured', () => {
    for (const { store } of result.cells) expect(report).toContain(`runs a second, ${store}`);
    expect(report).toContain('ratio');
  });
});
