import { availableParallelism } from 'node:os';
import { OwnProcess } from '../support/own-process.mjs';
import { OURS, versionsOf } from '../support/packages.mjs';
import { machine, publish } from '../support/results.mjs';
import { toMarkdown } from './report.mjs';

const SERVER = new URL('server.worker.mjs', import.meta.url);
const PROCESS = { timeZone: 'UTC', memoryMb: 2000 };

const FULL = { rounds: 5, taskMs: 200, warmUpMs: 3000, forMs: 10_000 };
const SMOKE = { rounds: 1, taskMs: 50, warmUpMs: 500, forMs: 500 };

/**
 * How late the event loop of a scheduler is while all of its worker threads compute.
 *
 * @param {{ save: boolean, smoke: boolean }} options
 */
export async function run({ save, smoke }) {
  const settings = smoke ? SMOKE : FULL;
  const cores = availableParallelism();
  const spare = Math.max(1, cores - 1);
  const cells = [
    { where: 'nothing runs', threads: 0, places: 0 },
    { where: `${spare} thread(s), the default`, threads: spare, places: spare },
    { where: `${cores} threads, one for each core`, threads: cores, places: cores },
    { where: 'in the main thread', threads: 0, places: 1 },
  ].map((cell) => ({ ...cell, rounds: [] }));
  for (let round = 0; round < settings.rounds; round++) {
    for (const { places, rounds, threads, where } of cells) {
      process.stderr.write(`${where}, round ${round + 1}\n`);
      const server = new OwnProcess(SERVER, PROCESS);
      await server.ask('open', { threads });
      rounds.push(await server.ask('measure', { ...settings, places }));
      await server.ask('close');
      await server.kill();
    }
  }
  const versions = versionsOf([OURS]);
  publish('threads', { date: new Date().toISOString(), machine: machine(), versions, settings, cells }, toMarkdown, {
    save,
    smoke,
  });
}
