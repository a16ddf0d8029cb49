import { parseCronExpression } from 'cron-schedule';

/**
 * Supports only the process's time zone.
 *
 * @returns {import('./library.mjs').Library}
 */
export function cronSchedule() {
  return {
    name: 'cron-schedule',
    package: 'cron-schedule',
    make: (expression) => parseCronExpression(expression),
    times: (cron, from, count) => cron.getNextDates(count, new Date(from)).map(Number),
    walker(cron, from, steps) {
      const start = new Date(from);
      let date = start;
      let step = 0;
      return (count) => {
        for (let i = 0; i < count; i++) {
          date = cron.getNextDate(date);
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
          cron.getNextDate(dates[index]);
          if (++index === dates.length) index = 0;
        }
      };
    },
  };
}
