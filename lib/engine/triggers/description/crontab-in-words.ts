import { loadCronstrue } from '../../util/load-packages.cjs';
import type { CrontabDialect } from '../cron/crontab-text.js';
import { isEitherDay, readCrontab, simplestFields } from '../cron/crontab.js';

/**
 * What a crontab string means, in `cronstrue`'s words. Days combine as they do here: a day of month or of week that
 * begins with `*` does not restrict, so that both must match.
 */
export function crontabInWords(expression: string, dialect: CrontabDialect): string {
  const crontab = readCrontab(expression, dialect);
  try {
    // It writes the last Friday 5L, and knows no list of such days.
    const text = Object.values(simplestFields(crontab)).join(' ').replaceAll('#l', 'L').toUpperCase();
    if (/[L#W],|,\S*[L#W]|-\d[#L]/.test(text)) throw new Error('a list');
    const words = loadCronstrue().toString(text, {
      use24HourTimeFormat: true,
      logicalAndDayFields: !isEitherDay(crontab),
    });
    return words.charAt(0).toLowerCase() + words.slice(1);
  } catch {
    // It knows another dialect than `cron`, and throws strings.
    return `by the crontab string ${JSON.stringify(expression)}`;
  }
}
