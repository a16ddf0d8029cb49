import cronstrue from 'cronstrue';
import { crontabFields } from '../cron/crontab.js';

/**
 * What a crontab string means, in `cronstrue`'s words. Days combine as they do here: a day of month or of week that
 * begins with `*` does not restrict, so that both must match.
 */
export function crontabInWords(expression: string): string {
  const fields = crontabFields(expression);
  const logicalAndDayFields = fields.dayOfMonth.startsWith('*') || fields.dayOfWeek.startsWith('*');
  try {
    const text = cronstrue.toString(Object.values(fields).join(' '), {
      use24HourTimeFormat: true,
      logicalAndDayFields,
    });
    return text.charAt(0).toLowerCase() + text.slice(1);
  } catch {
    // It knows another dialect than `cron`, and throws strings.
    return `by the crontab string ${JSON.stringify(expression)}`;
  }
}
