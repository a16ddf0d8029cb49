import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { testServer } from '../support/servers/test-server.js';
import { SampleProcess } from './sample-process.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const basic = { authorization: `Basic ${btoa('admin:secret')}` };
const postgres = await testServer('postgres');
const redis = await testServer('redis');
const started: SampleProcess[] = [];
let folder = '';

function start(name: string, environment: Readonly<Record<string, string>>, program?: string): SampleProcess {
  const sample = new SampleProcess(name, environment, program);
  started.push(sample);
  return sample;
}

const TICK = /tick of (\d{4}-\d\d-\d\dT[\d:.]+Z)/g;

/** The ticks of a process, in epoch seconds. */
const ticksOf = (sample: SampleProcess): number[] =>
  Array.from(sample.written.matchAll(TICK), ([, time = '']) => Date.parse(time) / 1000);

/** Waits until each of these processes has ticked so often. */
const haveTicked = async (samples: readonly SampleProcess[], count: number): Promise<void> => {
  for (const sample of samples)
    await expect.poll(() => ticksOf(sample).length, { timeout: 40_000 }).toBeGreaterThan(count);
};

/** Checks that every second from the first to the last ticked exactly once. */
function expectEachOnce(...samples: readonly SampleProcess[]): void {
  const ticks = samples.flatMap(ticksOf).toSorted((a, b) => a - b);
  const [first = 0] = ticks;
  expect(ticks.map((second) => second - first)).toEqual(ticks.map((_, index) => index));
}

/** Tests of the samples that share jobs among processes. They have been built already. */
export function describeReplicas(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'replicas-'));
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((sample) => sample.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  describe('06-two-replicas', { timeout: 90_000 }, () => {
    const replica = (name: string): SampleProcess =>
      start('06-two-replicas', { JOBS_FILE: join(folder, 'jobs.db'), REPLICA: name }, 'replica');

    it('run each second once, and one replica continues when the other is killed', async () => {
      const [a, b] = [replica('a'), replica('b')];
      await haveTicked([a, b], 2);
      expectEachOnce(a, b);
      a.send('SIGKILL');
      await a.end();
      await haveTicked([b], ticksOf(b).length + 3);
      const last = Math.max(...ticksOf(a));
      // A run that was active when its process died is retried when the lease expires.
      const after = ticksOf(b).filter((second) => second > last + 1);
      expect(after.map((second) => second - (after[0] ?? 0))).toEqual(after.map((_, index) => index));
    });

    it('start two replicas, log their names, and end together', async () => {
      const both = start('06-two-replicas', { JOBS_FILE: join(folder, 'jobs.db') });
      await both.writes(/Replica a is process \d+\.\n.*Replica b is process \d+\./);
      await both.writes(/replica a.*tick of/);
      await both.writes(/replica b.*tick of/);
      expectEachOnce(both);
      const [, pid] = await both.writes(/kill -9 (\d+)/);
      process.kill(Number(pid), 'SIGKILL');
      await both.writes(/Replica a has ended \(SIGKILL\)/);
      await haveTicked([both], ticksOf(both).length + 2);
      await both.stop();
      expect(both.written).toMatch(/Replica b has ended/);
    });
  });

  describe('10-bullmq', { timeout: 90_000 }, () => {
    it.runIf(redis.available)(
      'builds reports in two workers, and goes on with one when the other is killed',
      async () => {
        const { keyPrefix, url: REDIS_URL } = await redis.room();
        const sample = start('10-bullmq', { REDIS_URL, PREFIX: keyPrefix.replace(/:$/, '') });
        const [, pid = ''] = await sample.writes(/kill -9 (\d+)/);
        await sample.writes(new RegExp(`report: the report of sales is built in process ${pid}`));
        const [, other = ''] = await sample.writes(/Worker b is process (\d+)/);
        process.kill(Number(pid), 'SIGKILL');
        await sample.writes(/Worker a has ended \(SIGKILL\)/);
        const before = sample.written.length;
        const built = `report: the report of sales is built in process ${other}`;
        await expect.poll(() => sample.written.slice(before), { timeout: 40_000 }).toContain(built);
        expect(await sample.stop()).toBe('SIGTERM');
        expect(sample.written).toMatch(/Worker b has ended/);
      },
    );

    it('says what is missing where there is no Redis', async () => {
      const sample = start('10-bullmq', { PATH: '' });
      expect(await sample.end()).toBe(1);
      expect(sample.written).toContain('neither is the variable REDIS_URL set nor the program redis-server installed');
    });
  });

  describe.runIf(postgres.available)('07-postgres', { timeout: 90_000 }, () => {
    it('run each second once, share their jobs, and one replica continues when the other is killed', async () => {
      const { url: DATABASE_URL } = await postgres.room();
      const [one, two] = ['one', 'two'].map((REPLICA) => start('07-postgres', { DATABASE_URL, REPLICA })) as [
        SampleProcess,
        SampleProcess,
      ];
      const [first, second] = await Promise.all([one.url(), two.url()]);
      const body = '{"id": "hello", "func": "greet", "args": ["both"], "trigger": "interval", "seconds": 2}';
      const added = await fetch(`${first}/scheduler/jobs`, { method: 'POST', headers: basic, body });
      expect(added.status).toBe(200);
      const seen = await fetch(`${second}/scheduler/jobs/hello`, { headers: basic });
      expect(await seen.json()).toMatchObject({ id: 'hello', args: ['both'] });
      await haveTicked([one, two], 1);
      expectEachOnce(one, two);
      one.send('SIGKILL');
      await one.end();
      await haveTicked([two], ticksOf(two).length + 3);
      await two.writes(/Hello, both!/);
      const runs = await fetch(`${second}/scheduler/runs?limit=100`, { headers: basic });
      const nodes = ((await runs.json()) as { runs: { node: string }[] }).runs.map(({ node }) => node);
      expect(new Set(nodes)).toEqual(new Set(['one', 'two']));
    });

    it('have a compose file with a database and two replicas that wait for it and share it', () => {
      const at = join(root, 'sample/07-postgres');
      const { services, volumes } = parse(readFileSync(join(at, 'docker-compose.yml'), 'utf8'), { merge: true });
      expect(Object.keys(services)).toEqual(['postgres', 'one', 'two']);
      const { one, two } = services;
      expect(one.environment.DATABASE_URL).toBe('postgres://postgres:postgres@postgres:5432/postgres');
      expect(two.environment).toEqual({ ...one.environment, REPLICA: 'two' });
      expect([one.ports, two.ports]).toEqual([['3001:3000'], ['3002:3000']]);
      expect(two.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
      expect(services.postgres.healthcheck.test).toContain('pg_isready -U postgres');
      expect(Object.keys(volumes)).toEqual(['jobs']);
      expect(join(at, two.build.context)).toBe(join(root, '.'));
      const dockerfile = readFileSync(join(root, two.build.dockerfile), 'utf8');
      expect(dockerfile).toMatch(/^CMD \["node", "sample\/dist\/07-postgres\/main\.js"\]$/m);
    });
  });
}
