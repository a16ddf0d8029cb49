/**
 * A scheduler whose jobs several processes share, in one of these processes. Its tasks only call `run`.
 *
 * @typedef {object} Site
 * @property {string} url - of an exclusive database, Redis server or file
 * @property {string} node - the name of this process
 * @property {(value: number, nominal: number) => unknown} run - called with the job's value and its scheduled time
 * @property {(value: number, first: number, last: number) => void} leftOut - called for times that are not run
 *
 * @typedef {object} Contender
 * @property {() => Promise<void>} work - starts to run due jobs
 * @property {(jobs: number, startOf: (index: number) => number) => Promise<unknown>} [addEverySecond] - each job's value
 *   is its index
 * @property {(jobs: number, at: number) => Promise<unknown>} [addAll] - one-off jobs, by the fastest way
 * @property {(value: number) => Promise<unknown>} [addNow] - a one-off job that is due at once
 * @property {() => Promise<boolean>} [isDone] - whether every job has run and its end is recorded
 */

/** How many rows the loops in this folder claim at once: as many as this package. */
export const BATCH = 500;

/** @param {number} jobs */
export function indexes(jobs) {
  return Array.from({ length: jobs }, (_, index) => index);
}
