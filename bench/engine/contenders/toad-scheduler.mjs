import { SimpleIntervalJob, Task, ToadScheduler } from 'toad-scheduler';
import { secondsApart } from './contender.mjs';

/**
 * @param {import('./contender.mjs').FireLog} log
 * @returns {import('./contender.mjs').Contender}
 */
export function toadScheduler(log) {
  const scheduler = new ToadScheduler();
  const times = secondsApart(log);
  const add = (index, schedule) => {
    const id = `job-${index}`;
    const task = new Task(id, () => times.fired(index));
    scheduler.addSimpleIntervalJob(new SimpleIntervalJob(schedule, task, { id }));
  };
  return {
    add(index) {
      times.added(index);
      add(index, { seconds: 1 });
    },
    addIdle: (index) => add(index, { days: 1 }),
  };
}
