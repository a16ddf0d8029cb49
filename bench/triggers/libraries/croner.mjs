import { Cron } from 'croner';

/**
 * @param {string | undefined} zone - undefined for the process's own, which it handles faster
 * @returns {import('./library.mjs').Library}
 */
export function croner(zone) {
  return {
    name: zone === undefined ? 'croner, process zone' : 'croner',
    package: 'croner',
    make: (expression) => new Cron(expression, { paused: true, ...(zone && { timezone: zone }) }),
    times: (cron, from, count) => cron.nextRuns(count, new Date(from)).map(Number),
    walker(cron, from, steps) {
      const start = new Date(from);
      let date = start;
      let step = 0;
      return (count) => {
        for (let i = 0; i < count; i++) {
          date = cron.nextRun(date);
          if (++step === steps) {
            step = 0;
            date = start;
          }
        }
      };
    },
    sampler(cron, instants) {
      const dates = instants.map((instant) => new Date(instant));
      let index = 0;
      return (count) => {
        for (let i = 0; i < count; i++) {
          cron.nextRun(dates[index]);
          if (++index === dates.length) index = 0;
        }
      };
    },
  };
}
