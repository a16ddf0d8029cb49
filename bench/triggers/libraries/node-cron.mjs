import { createTask } from 'node-cron';

const idle = () => undefined;

/**
 * Lists the times of a task, starting at the present only.
 *
 * @param {string} zone
 * @returns {import('./library.mjs').Library}
 */
export function nodeCron(zone) {
  return {
    name: 'node-cron',
    package: 'node-cron',
    startsNow: true,
    make: (expression) => createTask(expression, idle, { timezone: zone }),
    times: (task, _from, count) => task.getNextRuns(count).map(Number),
    walker: (task, _from, steps) => (count) => {
      for (let left = count; left > 0; left -= steps) task.getNextRuns(Math.min(left, steps));
    },
    sampler: null,
  };
}
