import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { testServer } from '../support/servers/test-server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const redis = await testServer('redis');

interface Result {
  readonly rates: readonly { way: string; tookMs: number[] }[];
  readonly latenesses: readonly {
    readonly found: readonly { way: string; rounds: { runs: number; p50: number; p99: number }[] }[];
  }[];
}

describe.runIf(redis.startable)('npm run bench -- bullmq --smoke', () => {
  let report: string;
  let result: Result;

  beforeAll(() => {
    const args = ['bench/run.mjs', 'bullmq', '--smoke'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`It ended with ${status}:\n${stdout}\n${stderr}`);
    report = stdout;
    result = JSON.parse(readFileSync(`${root}/bench/results/bullmq.smoke.json`, 'utf8')) as Result;
  }, 180_000);

  it('measures how fast runs are handed over, and how late they begin', () => {
    expect(result.rates.map(({ way }) => way)).toEqual(['addBulk', 'submit', 'handOver']);
    for (const { tookMs } of result.rates) expect(tookMs[0]).toBeGreaterThan(0);
    const found = result.latenesses.flatMap((each) => each.found);
    expect(found.map(({ way }) => way)).toEqual(['scheduleOurs', 'scheduleTheirs']);
    for (const { rounds } of found) {
      expect(rounds[0]?.runs).toBeGreaterThan(0);
      expect(rounds[0]?.p99).toBeGreaterThanOrEqual(rounds[0]?.p50 ?? Infinity);
    }
  });

  it('reports what it has measured', () => {
    expect(report).toContain('runs per second');
    expect(report).toContain("BullMQ's job schedulers");
  });
});
