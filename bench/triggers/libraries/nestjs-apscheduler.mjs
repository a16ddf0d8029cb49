import { CronTrigger } from '../../dist/engine/index.js';

/**
 * @param {string} zone
 * @returns {import('./library.mjs').Library}
 */
export function ours(zone) {
  return {
    name: 'nestjs-apscheduler',
    package: 'nestjs-apscheduler',
    growsWhenAsked: true,
    make: (expression) =>
      typeof expression === 'string'
        ? CronTrigger.fromCrontab(expression, { timezone: zone })
        : new CronTrigger({ ...expression, timezone: zone }),
    times(trigger, from, count) {
      const times = [trigger.next(null, from)];
      while (times.length < count) times.push(trigger.next(times.at(-1), 0));
      return times;
    },
    walker(trigger, from, steps) {
      let time = null;
      let step = 0;
      return (count) => {
        for (let i = 0; i < count; i++) {
          time = trigger.next(time, from);
          if (++step === steps) {
            step = 0;
            time = null;
          }
        }
      };
    },
    sampler(trigger, instants) {
      let index = 0;
      return (count) => {
        for (let i = 0; i < count; i++) {
          trigger.next(null, instants[index]);
          if (++index === instants.length) index = 0;
        }
      };
    },
  };
}
