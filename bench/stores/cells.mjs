import { OwnProcess } from '../support/own-process.mjs';
import { contenders } from './contenders/index.mjs';

const NODE = new URL('node.worker.mjs', import.meta.url);
const PROCESS = { timeZone: 'UTC', memoryMb: 2048 };

/**
 * One measurement of one contender.
 *
 * @typedef {object} Cell
 * @property {string} key - selects it (`--only`)
 * @property {string} section - what is measured
 * @property {string} title - its name in the report
 * @property {string} name - of the contender
 * @property {any} task - its input: `limitMs` and more
 * @property {(measured: Measured) => Promise<object>} measure
 * @property {any[]} rounds - the results, round by round
 * @property {{ reason: string, round: number } | null} failure - why there are no further figures
 *
 * @typedef {object} Measured
 * @property {any} task - the cell's
 * @property {import('./contenders/index.mjs').Entry} contender
 * @property {import('./servers.mjs').Room} room
 * @property {(settings: object) => Promise<OwnProcess>} open - starts a process with the contender in this room
 */

/**
 * @param {string} section
 * @param {string} name
 * @param {(measured: Measured) => Promise<object>} measure
 * @param {object} task
 * @param {number} [processes] - the number of processes, if that matters
 * @returns {Cell}
 */
export function cell(section, name, measure, task, processes) {
  const [key, title] = [`${section}/${name}`, contenders[name].title];
  const own = { rounds: [], failure: null, section, name, measure, task };
  if (processes === undefined) return { key, title, ...own };
  return { key: `${key}-${processes}`, title: processes === 1 ? title : `${title}, ${processes} processes`, ...own };
}

/**
 * Measures all cells in turn, round by round, so that other load on the computer affects all of them. A cell that has failed is
 * not measured again.
 *
 * @param {readonly Cell[]} cells
 * @param {number} rounds
 * @param {import('./servers.mjs').Servers} servers
 */
export async function measureInTurn(cells, rounds, servers) {
  for (let round = 1; round <= rounds; round++) {
    for (const one of cells) {
      if (one.failure !== null) continue;
      process.stderr.write(`round ${round} of ${rounds}: ${one.key}\n`);
      await measureOnce(one, servers);
    }
  }
}

/**
 * Measures all cells at once: for measurements that mostly wait.
 *
 * @param {readonly Cell[]} cells
 * @param {(cell: Cell) => number} roundsOf
 * @param {import('./servers.mjs').Servers} servers
 */
export async function measureAtOnce(cells, roundsOf, servers) {
  const rounds = cells.flatMap((one) => Array.from({ length: roundsOf(one) }, () => one));
  for (const { key } of rounds) process.stderr.write(`all at once: ${key}\n`);
  await Promise.all(rounds.map((one) => measureOnce(one, servers)));
}

async function measureOnce(one, servers) {
  const { name, task, measure } = one;
  const contender = contenders[name];
  const crew = [];
  const open = async ({ node, ...settings }) => {
    const process = new OwnProcess(NODE, PROCESS);
    crew.push(process);
    await process.ask('open', { name, url: room.url, node, ...settings });
    return process;
  };
  let room;
  try {
    room = await servers.room(contender.server);
    one.rounds.push(await within(task.limitMs, measure({ task, contender, room, open })));
  } catch (error) {
    one.failure = { reason: error.message, round: one.rounds.length + 1 };
    process.stderr.write(`${one.key}: ${error.message}\n`);
  } finally {
    await Promise.all(crew.map((process) => process.kill()));
    // A failed clean-up affects only this measurement.
    await room?.leave().catch((error) => process.stderr.write(`${one.key}: ${error.message}\n`));
  }
}

async function within(limitMs, work) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
