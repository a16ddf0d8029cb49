import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Contenders without a package: they are measured in a bare checkout too. */
const ALWAYS_HERE = [
  'nestjs-apscheduler',
  'nestjs-apscheduler, one instant',
  'setInterval per job',
  'bare heap, one timer',
];

interface Cell<T> {
  name: string;
  jobs: number;
  rounds: T[];
  failure: object | null;
}

interface Fires {
  cpuUs: number;
  fires: number;
  slots: { due: number; made: number; jobsWithGaps: number; twice: number };
  lateness: { p50: number; p99: number; max: number };
}

interface Result {
  fires: Cell<Fires>[];
  idle: Cell<{ added: number; heapPerJob: number; oneMore: { p50: number; p99: number } }>[];
  ownData: Cell<{ heapPerJob: number }>;
  burst: Cell<{ inBurst: { requests: number; longestMs: number }; before: { requests: number; longestMs: number } }>;
}

const named = <T>(cells: readonly Cell<T>[], name: string): Cell<T> => cells.find((cell) => cell.name === name)!;

/* As short as it can be, with whatever other libraries are installed: none, in a bare checkout. It needs no network. */
describe('npm run bench -- engine --smoke', () => {
  let report: string;
  let result: Result;

  beforeAll(() => {
    const args = ['bench/run.mjs', 'engine', '--smoke'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`It ended with ${status}:\n${stdout}\n${stderr}`);
    report = stdout;
    result = JSON.parse(readFileSync(`${root}/bench/results/engine.smoke.json`, 'utf8')) as Result;
  }, 180_000);

  it('observes that every job of this package fires once in its second', () => {
    for (const name of ['nestjs-apscheduler', 'nestjs-apscheduler, one instant']) {
      const [round] = named(result.fires, name).rounds;
      expect(round?.slots).toEqual({ due: 20, made: 20, jobsWithGaps: 0, twice: 0 });
      expect(round?.lateness.max).toBeGreaterThanOrEqual(round!.lateness.p99);
    }
  });

  it('measures timers and a bare heap for comparison', () => {
    expect(result.fires.map(({ name }) => name)).toEqual(expect.arrayContaining(ALWAYS_HERE));
    for (const { cpuUs, fires } of result.fires.flatMap(({ rounds }) => rounds)) {
      expect(cpuUs).toBeGreaterThan(0);
      expect(fires).toBeGreaterThan(0);
    }
    for (const { failure, rounds } of [...result.fires, ...result.idle]) {
      expect(failure).toBeNull();
      expect(rounds).toHaveLength(1);
    }
  });

  it('measures the memory of waiting jobs, and the cost of adding one more', () => {
    const [ours] = named(result.idle, 'nestjs-apscheduler').rounds;
    expect(ours?.added).toBe(200);
    expect(ours?.heapPerJob).toBeGreaterThan(result.ownData.rounds[0]!.heapPerJob);
    expect(ours?.oneMore.p99).toBeGreaterThanOrEqual(ours!.oneMore.p50);
  });

  it('sends requests to a server before and during a burst', () => {
    const [round] = result.burst.rounds;
    expect(round?.before.requests).toBeGreaterThan(0);
    expect(round?.inBurst.requests).toBeGreaterThan(0);
    expect(round?.inBurst.longestMs).toBeGreaterThan(0);
  });

  it('reports for each target whether it is met', () => {
    expect(report.match(/^- .+: \*\*(met|not met)\*\*\. .+\.$/gm)).toHaveLength(6);
    expect(report).toContain('- Each of 20 jobs fires every second, p99 under 100 ms late: **');
    for (const name of ALWAYS_HERE) expect(report).toMatch(new RegExp(`^\\| ${name} +\\| +[\\d.]+ \\| `, 'm'));
  });
});
