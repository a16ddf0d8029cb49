/**
 * Something that keeps jobs where other processes can share them, in one of these processes. Its tasks do nothing but call
 * `run`.
 *
 * @typedef {object} Site
 * @property {string} url - of a database, a Redis server or a file that nobody else uses
 * @property {string} node - the name of this process
 * @property {(value: number, nominal: number) => unknown} run - with what the job was given, and the time that it is for
 * @property {(value: number, first: number, last: number) => void} leftOut - told of times that are not run
 *
 * @typedef {object} Contender
 * @property {() => Promise<void>} work - begins to run what is due
 * @property {(jobs: number, startOf: (index: number) => number) => Promise<unknown>} [addEverySecond] - each job's value
 *   is its index
 * @property {(jobs: number, at: number) => Promise<unknown>} [addAll] - one-off jobs, by the fastest way that there is
 * @property {(value: number) => Promise<unknown>} [addNow] - a one-off job that is due at once
 * @property {() => Promise<boolean>} [isDone] - whether no job is left that has not been run and put away
 */

/** How many rows the loops in this folder take at once: as many as ours. */
export const BATCH = 500;

/** @param {number} jobs */
export function indexes(jobs) {
  return Array.from({ length: jobs }, (_, index) => index);
}
