import { attempt } from '../support/attempt.mjs';

/** A contender that makes less than this share of its fires cannot keep up. */
const LEAST_SHARE = 0.9;

/**
 * One measurement, made in a fresh process each time.
 *
 * @typedef {object} Cell
 * @property {string} name - the contender's name
 * @property {URL} module - the module that measures
 * @property {any} task - its input: `jobs`, `setUpLimitMs` and more
 * @property {boolean} isOnce - whether one round is enough
 * @property {any[]} rounds - the results, round by round
 * @property {Failure | null} failure - why there are no figures
 *
 * @typedef {object} Failure
 * @property {string} reason
 * @property {number} added - the number of jobs added until then
 * @property {number} [heapPerJob] - their memory
 */

/**
 * @param {string} name
 * @param {URL} module
 * @param {object} task
 * @param {{ isOnce?: boolean }} [options]
 * @returns {Cell}
 */
export function cell(name, module, task, { isOnce = false } = {}) {
  return { name, module, task, isOnce, rounds: [], failure: null };
}

/**
 * Measures all cells in turn, round by round, so that other load on the computer affects all of them. A cell that has failed, or
 * could not keep up, is not measured again.
 *
 * @param {readonly Cell[]} cells
 * @param {{ rounds: number, restMs: number, memoryMb: number }} options
 */
export async function measure(cells, { rounds, restMs, memoryMb }) {
  for (let round = 1; round <= rounds; round++) {
    for (const one of cells.filter(isWorthARound)) {
      process.stderr.write(`round ${round} of ${rounds}: ${one.name}, ${one.task.jobs} jobs\n`);
      const limitMs = one.task.setUpLimitMs + restMs;
      const outcome = await attempt(one.module, one.task, { timeZone: 'UTC', memoryMb, limitMs });
      one.failure = failureOf(outcome, one.task);
      if (one.failure === null) one.rounds.push(outcome.result);
    }
  }
}

function isWorthARound({ isOnce, rounds, failure, task: { jobs } }) {
  if (failure !== null || (isOnce && rounds.length > 0)) return false;
  // Measurements without fires cannot be too slow.
  return rounds.every(({ fires = Infinity, elapsedMs = 1 }) => fires / elapsedMs >= (LEAST_SHARE * jobs) / 1000);
}

function failureOf({ result, failure, progress }, { jobs, setUpLimitMs }) {
  if (failure !== undefined) return { reason: failure, added: progress?.added ?? 0 };
  // Only contenders have a limit; other measurements do not report how many jobs they have added.
  if (result.added === undefined || result.added === jobs) return null;
  return { reason: `not set up within ${setUpLimitMs / 1000} s`, added: result.added, heapPerJob: result.heapPerJob };
}
