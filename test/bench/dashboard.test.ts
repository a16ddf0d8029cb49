import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser } from '../e2e/dashboard/dashboard-app.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Result {
  readonly costs: Readonly<Record<'without' | 'with' | 'later', readonly { cpuUs: number; runs: number }[]>>[];
  readonly paints: { place: string; all: { firstMs: number; shownMs: number }[] }[];
  readonly delays: number[];
  readonly memory: { done: number; heapBytes: number; nodes: number; listeners: number }[];
}

describe.runIf(hasBrowser)('npm run bench -- dashboard --smoke', () => {
  let report: string;
  let result: Result;

  beforeAll(() => {
    const args = ['bench/run.mjs', 'dashboard', '--smoke'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`It ended with ${status}:\n${stdout}\n${stderr}`);
    report = stdout;
    result = JSON.parse(readFileSync(`${root}/bench/results/dashboard.smoke.json`, 'utf8')) as Result;
  }, 180_000);

  it('measures what runs cost with and without a page', () => {
    for (const rounds of result.costs.flatMap((cost) => [cost.without, cost.with, cost.later])) {
      for (const { cpuUs, runs } of rounds) {
        expect(runs).toBeGreaterThan(0);
        expect(cpuUs).toBeGreaterThan(0);
      }
    }
  });

  it('measures when pages show something, and when each run has a row', () => {
    expect(result.paints.map(({ place }) => place)).toEqual(['#/', '#/jobs', '#/runs']);
    for (const { firstMs, shownMs } of result.paints.flatMap(({ all }) => all)) {
      expect(firstMs).toBeGreaterThan(0);
      expect(shownMs).toBeGreaterThan(0);
    }
    expect(result.delays).toHaveLength(3);
  });

  it('measures what a page holds', () => {
    expect(result.memory.at(-1)?.done).toBe(20);
    for (const { heapBytes, nodes } of result.memory) {
      expect(heapBytes).toBeGreaterThan(0);
      expect(nodes).toBeGreaterThan(0);
    }
  });

  it('reports what it has measured', () => {
    for (const part of ['Cost for the scheduler', 'First paint', 'From a run to its row', 'Memory']) {
      expect(report).toContain(`## ${part}`);
    }
    expect(report).not.toContain('NaN');
  });
});
