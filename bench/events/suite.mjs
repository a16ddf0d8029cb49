import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { OwnProcess } from '../support/own-process.mjs';
import { machine, publish } from '../support/results.mjs';
import { OURS, versionsOf } from '../support/packages.mjs';
import { toMarkdown } from './report.mjs';

const SERVER = new URL('server.worker.mjs', import.meta.url);

const FULL = {
  memory: 10_000,
  sqlite: 1000,
  streams: [1, 10],
  rounds: 3,
  warmUpMs: 10_000,
  lingerMs: 32_000,
  settleMs: 4000,
  forMs: 5000,
};
const SMOKE = {
  memory: 100,
  sqlite: 20,
  streams: [1],
  rounds: 1,
  warmUpMs: 2500,
  lingerMs: 0,
  settleMs: 0,
  forMs: 1500,
};

/**
 * What streams of events cost a scheduler: its processor time per run with and without streams, in alternating rounds.
 *
 * @param {{ save: boolean, smoke: boolean }} options
 */
export async function run({ save, smoke }) {
  const settings = smoke ? SMOKE : FULL;
  const folder = mkdtempSync(join(tmpdir(), 'bench-events-'));
  try {
    const cells = [
      await measureStore('memory', 'memory', settings.memory, settings),
      await measureStore('SQLite', `sqlite:${folder}/jobs.db`, settings.sqlite, settings),
    ];
    const result = {
      date: new Date().toISOString(),
      machine: machine(),
      versions: versionsOf([OURS]),
      settings,
      cells,
    };
    publish('events', result, toMarkdown, { save, smoke });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureStore(store, url, jobs, { lingerMs, rounds, streams, warmUpMs, ...times }) {
  process.stderr.write(`${jobs} runs a second, ${store}\n`);
  const server = new OwnProcess(SERVER, { timeZone: 'UTC', memoryMb: 2000 });
  const port = await server.ask('open', { store: url, jobs });
  const counts = [0, ...streams];
  const found = counts.map((count) => ({ streams: count, rounds: [] }));
  // Streams are opened while the first code is compiled, too.
  await whileStreaming(port, Math.max(...counts), () => setTimeout(warmUpMs));
  for (let round = 0; round < rounds; round++) {
    // Events are followed for half a minute after the last stream.
    await setTimeout(lingerMs);
    for (const cell of found) cell.rounds.push(await whileStreaming(port, cell.streams, () => measure(server, times)));
  }
  await server.kill();
  return { store, jobs, found };
}

async function measure(server, { forMs, settleMs }) {
  // What was compiled for another number of streams is compiled anew.
  await setTimeout(settleMs);
  await server.ask('begin');
  await setTimeout(forMs);
  const { cpuMs, runs } = await server.ask('end');
  return { cpuUs: (1000 * cpuMs) / runs, runs };
}

/** With so many streams open, each of which is read. */
async function whileStreaming(port, count, work) {
  const open = await Promise.all(Array.from({ length: count }, () => stream(port)));
  const found = await work();
  const bytes = open.map(({ close }) => close());
  return { ...found, bytes: bytes.reduce((sum, one) => sum + one, 0) };
}

function stream(port) {
  return new Promise((resolve, reject) => {
    const request = get({ port, path: '/scheduler/events', host: '127.0.0.1', agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (part) => (bytes += part.length));
      response.on('error', () => undefined);
      const { statusCode } = response;
      if (statusCode !== 200) return reject(new Error(`The stream was answered with ${statusCode}`));
      return resolve({
        close: () => {
          request.destroy();
          return bytes;
        },
      });
    });
    request.on('error', reject);
  });
}
