import { CRON_FIELD_NAMES, withDefaults, type CronFieldName } from '../cron/cron-fields.js';
import { parseField, type ParsedField } from '../cron/field-grammar.js';
import { daysInWords } from './cron-days-in-words.js';
import { timesInWords } from './cron-times-in-words.js';

/**
 * What the fields of a cron trigger mean.
 *
 * @param json - the trigger's plain form.
 */
export function cronInWords(json: Readonly<Record<string, unknown>>): string {
  const given = CRON_FIELD_NAMES.filter((name) => json[name] !== undefined);
  const texts = withDefaults(Object.fromEntries(given.map((name) => [name, String(json[name])])));
  const entries = CRON_FIELD_NAMES.map((name) => [name, parseField(name, texts[name], () => undefined)]);
  const fields = Object.fromEntries(entries) as Record<CronFieldName, ParsedField>;
  const times = timesInWords(fields);
  const days = daysInWords(fields);
  if (!times.isDaily) return [times.text, ...days].join(', ');
  const [first, ...others] = days;
  // Months, weeks and years alone still want a day.
  if (first === undefined) return `${times.text}, every day`;
  return [times.text, /^(?:in|from) /.test(first) ? `every day ${first}` : first, ...others].join(', ');
}
