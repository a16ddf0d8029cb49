import { CronTime } from 'cron';

/**
 * @param {string} zone
 * @returns {import('./library.mjs').Library}
 */
export function cron(zone) {
  return {
    name: 'cron',
    package: 'cron',
    make: (expression) => new CronTime(expression, zone),
    times(time, from, count) {
      const dates = [time.getNextDateFrom(new Date(from), zone)];
      while (dates.length < count) dates.push(time.getNextDateFrom(dates.at(-1)));
      return dates.map(Number);
    },
    walker(time, from, steps) {
      const start = new Date(from);
      let date;
      let step = 0;
      return (count) => {
        for (let i = 0; i < count; i++) {
          date = date === undefined ? time.getNextDateFrom(start, zone) : time.getNextDateFrom(date);
          if (++step === steps) {
            step = 0;
            date = undefined;
          }
        }
      };
    },
    sampler(time, instants) {
      const dates = instants.map((instant) => new Date(instant));
      let index = 0;
      return (count) => {
        for (let i = 0; i < count; i++) {
          time.getNextDateFrom(dates[index], zone);
          if (++index === dates.length) index = 0;
        }
      };
    },
  };
}
