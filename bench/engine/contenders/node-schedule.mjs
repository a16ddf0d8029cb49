import { scheduleJob } from 'node-schedule';
import { onceADay } from './contender.mjs';

/**
 * @param {import('./contender.mjs').FireLog} log
 * @returns {import('./contender.mjs').Contender}
 */
export function nodeSchedule(log) {
  const idle = onceADay();
  const add = (index, rule) =>
    scheduleJob(`job-${index}`, rule, (fireDate) => void log.fired(index, fireDate.getTime()));
  return {
    add: (index) => void add(index, '* * * * * *'),
    addIdle: (index) => void add(index, idle),
  };
}
