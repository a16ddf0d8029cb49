import { parseCronExpression } from 'cron-schedule';
import { IntervalBasedCronScheduler } from 'cron-schedule/schedulers/interval-based.js';
import { TimerBasedCronScheduler } from 'cron-schedule/schedulers/timer-based.js';
import { onceADay, PERIOD_MS, wholeSeconds } from './contender.mjs';

/**
 * A timer for each job.
 *
 * @param {import('./contender.mjs').FireLog} log
 * @returns {import('./contender.mjs').Contender}
 */
export function cronSchedule(log) {
  return contender(log, (expression, task) => TimerBasedCronScheduler.setInterval(expression, task));
}

/**
 * Checks all jobs at the start of each second.
 *
 * @param {import('./contender.mjs').FireLog} log
 * @returns {import('./contender.mjs').Contender}
 */
export function cronScheduleInterval(log) {
  const scheduler = new IntervalBasedCronScheduler(PERIOD_MS);
  return contender(log, (expression, task) => scheduler.registerTask(expression, task));
}

function contender(log, schedule) {
  const times = wholeSeconds(log);
  const idle = onceADay();
  const add = (index, expression) => schedule(parseCronExpression(expression), () => times.fired(index));
  return {
    add(index) {
      times.added(index);
      add(index, '* * * * * *');
    },
    addIdle: (index) => add(index, idle),
  };
}
