import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Result {
  readonly rates: { name: string; shares: { oursMs: number; bareMs: number }[] }[];
  readonly pages: { store: string; jobs: number; name: string; rounds: { requests: number; cpuMs: number }[] }[];
}

describe('npm run bench -- api --smoke', () => {
  let report: string;
  let result: Result;

  beforeAll(() => {
    const args = ['bench/run.mjs', 'api', '--smoke'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`It ended with ${status}:\n${stdout}\n${stderr}`);
    report = stdout;
    result = JSON.parse(readFileSync(`${root}/bench/results/api.smoke.json`, 'utf8')) as Result;
  }, 180_000);

  it('measures this API beside a bare controller', () => {
    expect(result.rates.map(({ name }) => name)).toEqual(['one job', 'an array of 1,000 jobs']);
    for (const { bareMs, oursMs } of result.rates.flatMap(({ shares }) => shares)) {
      expect(oursMs).toBeGreaterThan(0);
      expect(bareMs).toBeGreaterThan(0);
    }
  });

  it('measures pages in memory and in SQLite, in each order and by filters', () => {
    expect(new Set(result.pages.map(({ store }) => store))).toEqual(new Set(['memory', 'SQLite']));
    expect(result.pages.length).toBe(14);
    for (const { cpuMs, requests } of result.pages.flatMap(({ rounds }) => rounds)) {
      expect(requests).toBeGreaterThan(0);
      expect(cpuMs).toBeGreaterThan(0);
    }
  });

  it('reports what it has measured', () => {
    for (const { name } of [...result.rates, ...result.pages]) expect(report).toContain(name);
  });
});
