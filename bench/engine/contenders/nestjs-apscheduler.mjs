import { EVENT_ALL, Scheduler, silentLogger } from '../../dist/engine/index.js';
import { PERIOD_MS } from './contender.mjs';

/**
 * The engine as it comes, and somebody who listens to all of its events.
 *
 * @param {import('./contender.mjs').FireLog} log
 * @param {{ startDate?: Date }} [start] - of all jobs; each one's own, a second after it was added, where none is given
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
  // Each in one piece, as people write them: objects that are spread together cost as much as the adding.
  return {
    add: (index) =>
      scheduler.addJob({ id: `job-${index}`, task: 'fired', args: [index], trigger: 'interval', seconds, startDate }),
    addIdle: (index) =>
      scheduler.addJob({ id: `job-${index}`, task: 'fired', args: [index], trigger: 'interval', days: 1 }),
  };
}
