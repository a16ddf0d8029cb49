/**
 * A scheduler to be measured. Adds jobs one by one, by the simplest call of its public API.
 *
 * @typedef {object} Contender
 * @property {(index: number) => unknown} add - adds a job that fires every second and records it in the log; a promise is awaited
 * @property {(index: number) => unknown} addIdle - adds a job that does not fire before the measurement is over
 *
 * @typedef {import('../fire-log.mjs').FireLog} FireLog
 */

export const PERIOD_MS = 1000;

/**
 * For libraries that fire at whole seconds and do not say for which second.
 *
 * @param {FireLog} log
 */
export function wholeSeconds(log) {
  return nominalTimes(log, (now) => Math.floor(now / PERIOD_MS) * PERIOD_MS + PERIOD_MS);
}

/**
 * For libraries that wait a second from each fire to the next: that is the intended time, so drift does not count as lateness.
 *
 * @param {FireLog} log
 */
export function secondsApart(log) {
  return nominalTimes(log, (now) => now + PERIOD_MS);
}

/** A daily expression, some hours from now. */
export function onceADay() {
  return `0 0 ${(new Date().getUTCHours() + 6) % 24} * * *`;
}

function nominalTimes(log, next) {
  const times = new Float64Array(log.jobs);
  return {
    added(index) {
      times[index] = next(Date.now());
    },
    fired(index) {
      times[index] = next(log.fired(index, times[index]));
    },
  };
}
