import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { Servers } from '../stores/servers.mjs';
import { OwnProcess } from '../support/own-process.mjs';
import { OURS, versionsOf } from '../support/packages.mjs';
import { machine, publish } from '../support/results.mjs';
import { toMarkdown } from './report.mjs';

const PRODUCER = new URL('producer.worker.mjs', import.meta.url);
const CONSUMER = new URL('consumer.worker.mjs', import.meta.url);
const PROCESS = { timeZone: 'UTC', memoryMb: 2000 };
const SECOND = 1000;

const FULL = {
  rounds: 5,
  count: 20_000,
  warmUp: 5000,
  leadMs: 3000,
  jobs: [10, 100, 1000],
  warmUpMs: 5000,
  forMs: 15_000,
};
const SMOKE = { rounds: 1, count: 200, warmUp: 50, leadMs: 1000, jobs: [5], warmUpMs: 2000, forMs: 2000 };

/** Ways for jobs to come into a queue. */
const WAYS = ['addBulk', 'submit', 'handOver'];

/**
 * What the executor for BullMQ costs beside BullMQ alone: how fast runs are handed over, and how late they begin.
 *
 * @param {{ save: boolean, smoke: boolean }} options
 */
export async function run({ save, smoke }) {
  const settings = smoke ? SMOKE : FULL;
  const servers = new Servers();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  try {
    const rates = await measureRates(servers, settings);
    const latenesses = [];
    for (const jobs of settings.jobs) latenesses.push(await measureLateness(servers, jobs, settings));
    const result = {
      date: new Date().toISOString(),
      machine: machine(),
      versions: { ...versionsOf([OURS]), ...versionsFound(['bullmq', 'ioredis']), Redis: servers.versions.redis },
      ...{ settings, rates, latenesses },
    };
    publish('bullmq', result, toMarkdown, { save, smoke });
  } finally {
    await servers.close();
  }
}

/** In turn, each in a process of its own that has done so before. */
async function measureRates(servers, { count, leadMs, rounds, warmUp }) {
  const found = WAYS.map((way) => ({ way, tookMs: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const { tookMs, way } of found) {
      process.stderr.write(`hand-over by ${way}, round ${round + 1}\n`);
      const room = await servers.room('redis');
      const producer = new OwnProcess(PRODUCER, PROCESS);
      await producer.ask(way, { url: room.url, name: 'warm-up', count: warmUp, leadMs });
      tookMs.push(await producer.ask(way, { url: room.url, name: 'measured', count, leadMs }));
      await producer.kill();
      await room.leave();
    }
  }
  return found;
}

async function measureLateness(servers, jobs, { forMs, rounds, warmUpMs }) {
  const found = ['scheduleOurs', 'scheduleTheirs'].map((way) => ({ way, rounds: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const { rounds: done, way } of found) {
      process.stderr.write(`${jobs} jobs a second by ${way}, round ${round + 1}\n`);
      done.push(await latenessOf(servers, { jobs, way, forMs, warmUpMs }));
    }
  }
  return { jobs, found };
}

async function latenessOf(servers, { forMs, jobs, warmUpMs, way }) {
  const room = await servers.room('redis');
  const [consumer, producer] = [new OwnProcess(CONSUMER, PROCESS), new OwnProcess(PRODUCER, PROCESS)];
  await consumer.ask('work', { url: room.url, name: 'late', concurrency: 100 });
  await producer.ask(way, { url: room.url, name: 'late', jobs });
  await setTimeout(warmUpMs);
  // From the middle of a second to that of another: those of whole seconds.
  await setTimeout(SECOND - ((Date.now() + SECOND / 2) % SECOND));
  await consumer.ask('begin');
  await setTimeout(forMs);
  const sorted = await consumer.ask('end');
  await Promise.all([producer.kill(), consumer.kill()]);
  await room.leave();
  if (sorted.length === 0) throw new Error(`nothing ran by ${way}`);
  const rank = (share) => sorted[Math.ceil(sorted.length * share) - 1];
  return { runs: sorted.length, expected: (jobs * forMs) / SECOND, p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}

/** Of packages that are installed here, or for the whole repository. */
function versionsFound(names) {
  const require = createRequire(import.meta.url);
  return Object.fromEntries(names.map((name) => [name, require(`${name}/package.json`).version]));
}
