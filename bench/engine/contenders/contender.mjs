/**
 * Something that runs jobs, under measurement: it adds them one by one, by the plainest way that its public API has.
 *
 * @typedef {object} Contender
 * @property {(index: number) => unknown} add - adds a job that fires every second, and tells the log; a promise is waited for
 * @property {(index: number) => unknown} addIdle - adds a job that does not fire before the measurement is over
 *
 * @typedef {import('../fire-log.mjs').FireLog} FireLog
 */

export const PERIOD_MS = 1000;

/**
 * For what sets its timer to the next whole second each time that it fires, and does not say for which second it fires.
 *
 * @param {FireLog} log
 */
export function wholeSeconds(log) {
  return nominalTimes(log, (now) => Math.floor(now / PERIOD_MS) * PERIOD_MS + PERIOD_MS);
}

/**
 * For what waits for a second from each fire to the next: that is when it means to fire. Its drift is not its lateness.
 *
 * @param {FireLog} log
 */
export function secondsApart(log) {
  return nominalTimes(log, (now) => now + PERIOD_MS);
}

/** An expression for once a day, some hours from now. */
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
