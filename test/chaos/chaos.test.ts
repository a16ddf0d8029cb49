import { describe, it } from 'vitest';
import { testServer } from '../support/servers/test-server.js';
import { runChaos } from './chaos.js';
import { linesOf } from './report.js';
import { BACKENDS, type Backend } from './site.js';

/* The short form of `npm run test:chaos`: each mishap once. Judged by what the tasks have written down, not by how long it took. */

/** `CHAOS_SEED=1 npx vitest run test/chaos` uses another seed. */
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);

const sites = await Promise.all(
  BACKENDS.map(async (backend) => ({
    backend,
    isHere: backend === 'sqlite' || (await testServer(backend)).startable,
    // A network may break noticeably, or fall silent.
    network: backend === 'mariadb' ? { silence: 1 } : { cut: 1 },
  })),
);

/** With a queue, one SQL database and Redis stand for all stores. */
const isQueued = (backend: Backend): boolean => backend === 'postgres' || backend === 'redis';

describe('Three nodes of which one is killed, one stopped and one cut off, with wrong clocks and a server that restarts', () => {
  for (const { backend, network } of sites.filter(({ isHere }) => isHere)) {
    it.concurrent(
      `run each scheduled time, once where nothing befell its node, on ${backend}`,
      { timeout: 300_000 },
      async ({ expect }) => {
        const happened: string[] = [];
        const result = await runChaos({
          ...{ backend, seed: SEED, nodes: 3, jobs: 50, seconds: 26, fsync: false },
          mishaps: { kill: 1, stop: 1, ...network, restart: 1, jump: 1 },
          say: (line) => happened.push(line),
        });
        const story = [...happened, ...linesOf(result)].join('\n');
        expect(result.verdict.faults, story).toEqual([]);
        expect(result.failures, story).toEqual([]);
        expect(result.verdict.scheduled).toBe(50 * 26);
        // The test proves something only if the mishaps hit active runs.
        expect(result.figures.takenOver, story).toBeGreaterThan(0);
      },
    );
  }

  for (const { backend, network } of sites.filter(({ backend: name, isHere }) => isHere && isQueued(name))) {
    it.concurrent(
      `hand over each scheduled time to BullMQ, where it runs once unless its worker is killed, on ${backend}`,
      { timeout: 300_000 },
      async ({ expect }) => {
        const happened: string[] = [];
        const result = await runChaos({
          ...{ backend, seed: SEED, nodes: 3, workers: 2, jobs: 50, seconds: 26, fsync: false },
          mishaps: { kill: 1, stop: 1, ...network, restart: 1, jump: 1, killWorker: 2, restartQueue: 1 },
          say: (line) => happened.push(line),
        });
        const story = [...happened, ...linesOf(result)].join('\n');
        expect(result.verdict.faults, story).toEqual([]);
        expect(result.failures, story).toEqual([]);
        expect(result.verdict.scheduled).toBe(50 * 26);
        expect(result.figures.takenOver, story).toBeGreaterThan(0);
      },
    );
  }
});
