import { CronJob } from 'cron';
import { onceADay, wholeSeconds } from './contender.mjs';

/**
 * @param {import('./contender.mjs').FireLog} log
 * @returns {import('./contender.mjs').Contender}
 */
export function cron(log) {
  const times = wholeSeconds(log);
  const idle = onceADay();
  const add = (index, cronTime) => CronJob.from({ cronTime, onTick: () => times.fired(index), start: true });
  return {
    add(index) {
      times.added(index);
      add(index, '* * * * * *');
    },
    addIdle: (index) => add(index, idle),
  };
}
