import { CronExpressionParser } from 'cron-parser';

/**
 * @param {string | undefined} zone - undefined for the process's own, which it handles faster
 * @returns {import('./library.mjs').Library}
 */
export function cronParser(zone) {
  return {
    name: zone === undefined ? 'cron-parser, process zone' : 'cron-parser',
    package: 'cron-parser',
    make: (expression) => CronExpressionParser.parse(expression, zone === undefined ? {} : { tz: zone }),
    times(cron, from, count) {
      cron.reset(new Date(from));
      return cron.take(count).map((date) => date.getTime());
    },
    walker(cron, from, steps) {
      const start = new Date(from);
      let step = 0;
      cron.reset(start);
      return (count) => {
        for (let i = 0; i < count; i++) {
          cron.next();
          if (++step === steps) {
            step = 0;
            cron.reset(start);
          }
        }
      };
    },
    sampler(cron, instants) {
      const dates = instants.map((instant) => new Date(instant));
      let index = 0;
      return (count) => {
        for (let i = 0; i < count; i++) {
          cron.reset(dates[index]);
          cron.next();
          if (++index === dates.length) index = 0;
        }
      };
    },
  };
}
