import { EVENT_ALL, Scheduler, silentLogger } from '../../dist/engine/index.js';
import { PERIOD_MS } from './contender.mjs';

/**
 * The engine with its defaults, and a listener to all events.
 *
 * @param {import('./contender.mjs').FireLog} log
 * @param {{ startDate?: Date }} [start] - the start of all jobs; by default a second after each was added
 * @returns {Promise<import('./contender.mjs').Contender>}
 */
export async function ours(log, start = {}) {
  const scheduler = new Scheduler({ logger: silentLogger });
  let events = 0;
  scheduler.addListener(() => void events++, EVENT_ALL);
  scheduler.registerTask('fired', (index, { scheduledTime }) => void log.fired(index, scheduledTime));
  await scheduler.start();
  const { startDate } = start;
  const seconds = PERIOD_MS / 1000;
  // Object literals without spread, which would cost as much as the adding itself.
  return {
    add: (index) =>
      scheduler.addJob({ id: `job-${index}`, task: 'fired', args: [index], trigger: 'interval', seconds, startDate }),
    addIdle: (index) =>
      scheduler.addJob({ id: `job-${index}`, task: 'fired', args: [index], trigger: 'interval', days: 1 }),
  };
}
