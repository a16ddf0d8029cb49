import { Cron } from 'croner';
import { onceADay, wholeSeconds } from './contender.mjs';

/**
 * @param {import('./contender.mjs').FireLog} log
 * @returns {import('./contender.mjs').Contender}
 */
export function croner(log) {
  const times = wholeSeconds(log);
  const idle = onceADay();
  const add = (index, pattern) => new Cron(pattern, () => times.fired(index));
  return {
    add(index) {
      times.added(index);
      add(index, '* * * * * *');
    },
    addIdle: (index) => add(index, idle),
  };
}
