import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnProcess } from '../support/own-process.mjs';
import { machine, publish } from '../support/results.mjs';
import { OURS, versionsOf } from '../support/packages.mjs';
import { toMarkdown } from './report.mjs';

const SERVER = new URL('server.worker.mjs', import.meta.url);

const FULL = { jobs: [100, 1000, 100_000, 1_000_000], rounds: 3, forMs: 2000, connections: 8 };
const SMOKE = { jobs: [1200], rounds: 1, forMs: 50, connections: 2 };

/** Each of these is compared with the bare controller that answers as much. */
const RATES = [
  { name: 'one job', path: '/scheduler/jobs/job-0000000', bare: '/bare/one' },
  { name: 'an array of 1,000 jobs', path: '/scheduler/jobs', bare: '/bare/thousand', jobs: 1000 },
];

const PAGES = [
  { name: 'by id', query: 'limit=100' },
  { name: 'by name', query: 'limit=100&sort=name' },
  { name: 'by next run, descending', query: 'limit=100&sort=-next_run' },
  { name: 'by last run', query: 'limit=100&sort=last_run' },
  { name: 'with a tag of one in 100', query: 'limit=100&tag=tag-7' },
  { name: 'in a state that all have', query: 'limit=100&state=scheduled' },
  { name: 'with a text that one has', query: 'limit=100&text=job-0000042' },
];

/**
 * What requests cost: lists of few and of many jobs, and beside a bare controller of Nest that answers the same.
 *
 * @param {{ save: boolean, smoke: boolean }} options
 */
export async function run({ save, smoke }) {
  const settings = smoke ? SMOKE : FULL;
  const folder = mkdtempSync(join(tmpdir(), 'bench-api-'));
  try {
    const rates = await measureRates(settings);
    const pages = [];
    for (const jobs of settings.jobs) {
      for (const [store, url] of [
        ['memory', 'memory'],
        ['SQLite', `sqlite:${folder}/${jobs}.db`],
      ]) {
        pages.push(...(await measurePages(store, url, jobs, settings)));
      }
    }
    const result = {
      date: new Date().toISOString(),
      machine: machine(),
      versions: versionsOf([OURS]),
      settings,
      rates,
      pages,
    };
    publish('api', result, toMarkdown, { save, smoke });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureRates({ rounds, ...settings }) {
  const found = [];
  for (const { name, path, bare, jobs = 1000 } of RATES) {
    const server = await open('memory', jobs);
    const shares = [];
    for (let round = 0; round <= rounds; round++) {
      const ours = await measure(server, path, settings);
      const theirs = await measure(server, bare, settings);
      // The first one compiles.
      if (round > 0 || rounds === 1) shares.push({ oursMs: ours.cpuMs, bareMs: theirs.cpuMs });
    }
    await server.process.kill();
    found.push({ name, shares });
  }
  return found;
}

async function measurePages(store, url, jobs, { rounds, ...settings }) {
  process.stderr.write(`${jobs} jobs, ${store}\n`);
  const server = await open(url, jobs);
  const found = [];
  for (const { name, query } of PAGES) {
    const all = [];
    for (let round = 0; round < rounds; round++) all.push(await measure(server, `/scheduler/jobs?${query}`, settings));
    found.push({ store, jobs, name, rounds: all });
  }
  await server.process.kill();
  return found;
}

async function open(store, jobs) {
  const process = new OwnProcess(SERVER, { timeZone: 'UTC', memoryMb: 6000 });
  return { process, port: await process.ask('open', { store, jobs }) };
}

/** What one request costs the server in processor time, how long it takes, and how long others had to wait at most. */
async function measure({ process, port }, path, { connections, forMs }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const took = [];
  await process.ask('begin');
  const end = performance.now() + forMs;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      do {
        const began = performance.now();
        await request(agent, port, path);
        took.push(performance.now() - began);
      } while (performance.now() < end);
    }),
  );
  const { cpuMs, longestMs } = await process.ask('end');
  agent.destroy();
  took.sort((a, b) => a - b);
  return { requests: took.length, cpuMs: cpuMs / took.length, p50Ms: took[took.length >> 1], longestMs };
}

function request(agent, port, path) {
  return new Promise((resolve, reject) => {
    get({ agent, port, path, host: '127.0.0.1' }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${path} was answered with ${response.statusCode}`)),
      );
    }).on('error', reject);
  });
}
