import type { TriggerOptionsByType, TriggerType } from './options.js';

/** The options of each trigger. */
export const TRIGGER_OPTION_NAMES: { readonly [T in TriggerType]: readonly (keyof TriggerOptionsByType[T])[] } = {
  date: ['runDate', 'delay', 'timezone'],
  interval: ['every', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'startDate', 'endDate', 'timezone', 'jitter'],
  cron: [
    'year',
    'month',
    'day',
    'week',
    'dayOfWeek',
    'hour',
    'minute',
    'second',
    'crontab',
    'dialect',
    'startDate',
    'endDate',
    'timezone',
    'jitter',
  ],
  calendarinterval: [
    'years',
    'months',
    'weeks',
    'days',
    'hour',
    'minute',
    'second',
    'startDate',
    'endDate',
    'timezone',
    'jitter',
  ],
  and: ['triggers', 'jitter'],
  or: ['triggers', 'jitter'],
  except: ['base', 'except'],
};
