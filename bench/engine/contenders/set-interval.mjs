import { PERIOD_MS, secondsApart } from './contender.mjs';

const DAY_MS = 86_400_000;

/**
 * @param {import('./contender.mjs').FireLog} log
 * @returns {import('./contender.mjs').Contender}
 */
export function setIntervalPerJob(log) {
  const times = secondsApart(log);
  return {
    add(index) {
      times.added(index);
      setInterval(() => times.fired(index), PERIOD_MS);
    },
    addIdle: (index) => setInterval(() => times.fired(index), DAY_MS),
  };
}
