/**
 * The measured expressions: twelve common schedules. `crontab` is for libraries that read standard crontab strings; where
 * that is not enough, `forms` has a library's own form under its package's name. A library without one does not support it.
 *
 * @typedef {object} Expression
 * @property {string} name
 * @property {string} [crontab]
 * @property {Record<string, unknown>} [forms]
 */

/** @type {readonly Expression[]} */
export const expressions = [
  { name: 'every second', crontab: '* * * * * *' },
  { name: 'every 5 minutes', crontab: '*/5 * * * *' },
  { name: 'hourly', crontab: '0 * * * *' },
  { name: 'weekdays at 9:00', crontab: '0 9 * * 1-5' },
  { name: 'quarter hours, office hours', crontab: '*/15 9-17 * * 1-5' },
  { name: 'first of the month', crontab: '0 0 1 * *' },
  {
    name: 'last day of the month',
    forms: {
      'nestjs-apscheduler': { day: 'last', hour: 18 },
      croner: '0 18 L * *',
      'cron-parser': '0 18 L * *',
      'node-cron': '0 18 L * *',
    },
  },
  { name: '29 February', crontab: '0 0 29 2 *' },
  {
    // Day of month AND day of week. Standard crontab strings mean OR.
    name: 'Friday the 13th',
    forms: {
      'nestjs-apscheduler': { day: 13, dayOfWeek: 'fri', hour: 0 },
      croner: '0 0 13 * +5',
      'node-cron': '0 0 13 * 5',
    },
  },
  { name: 'yearly', crontab: '0 0 1 1 *' },
  { name: 'four seconds of even minutes', crontab: '5,20,35,50 */2 * * * *' },
  { name: 'ranges with steps', crontab: '10-50/20 8-18/2 1-15/7 1-11/2 *' },
];

const weekdays = ['*', '1-5', '0', '1', '2', '3', '4', '5', '6', '2,4'].map((dayOfWeek) => `* * ${dayOfWeek}`);
const daysOfMonth = Array.from({ length: 28 }, (_, index) => [`${index + 1} * *`, `${index + 1} */3 *`]).flat();
const dayPatterns = [...weekdays, ...daysOfMonth];
const MINUTES_OF_DAY = 24 * 60;

/**
 * A different expression for each index up to {@link DISTINCT}: a minute of the day, on certain days.
 *
 * @param {number} index
 */
export function distinctCrontab(index) {
  const minute = index % MINUTES_OF_DAY;
  return `${minute % 60} ${Math.floor(minute / 60)} ${dayPatterns[Math.floor(index / MINUTES_OF_DAY) % dayPatterns.length]}`;
}

export const DISTINCT = MINUTES_OF_DAY * dayPatterns.length;
