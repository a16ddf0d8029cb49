import type { Trigger } from '../../client/index.js';

const CRON_FIELDS = ['second', 'minute', 'hour', 'day', 'month', 'day_of_week', 'week', 'year'] as const;
const SPANS = { years: 'y', months: 'mo', weeks: 'w', days: 'd', hours: 'h', minutes: 'min', seconds: 's' } as const;

/** A trigger on one line, as it was written: rows have no room for its description in English. */
export function triggerText(trigger: Trigger): string {
  switch (trigger.trigger) {
    case 'date':
      return 'once';
    case 'interval':
    case 'calendarinterval': {
      const parts = Object.entries(SPANS).flatMap(([name, unit]) => {
        const value = trigger[name as keyof typeof SPANS];
        return value ? [`${value} ${unit}`] : [];
      });
      return `every ${trigger.every ?? (parts.join(' ') || '–')}`;
    }
    case 'cron': {
      if (trigger.crontab !== undefined) return trigger.crontab;
      const fields = CRON_FIELDS.flatMap((name) => (trigger[name] === undefined ? [] : [`${name}=${trigger[name]}`]));
      return `cron ${fields.join(' ')}`;
    }
    case 'or':
    case 'and':
      return (trigger.triggers ?? []).map(triggerText).join(` ${trigger.trigger} `);
    case 'except':
      return trigger.base ? `${triggerText(trigger.base)}, with exceptions` : 'except';
    default:
      return trigger.trigger;
  }
}
