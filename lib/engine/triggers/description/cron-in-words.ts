import { CRON_FIELD_NAMES, CRON_FIELDS, WEEKDAYS, withDefaults, type CronFieldName } from '../cron/cron-fields.js';
import { parseField } from '../cron/field-grammar.js';
import { counted, MONTHS, timeOfDay } from './words.js';

const WEEKDAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

type Texts = Readonly<Record<CronFieldName, string>>;

/**
 * What the fields of a cron trigger mean: as a sentence where that is short, else field by field as they were written.
 *
 * @param json - the trigger's plain form.
 */
export function cronInWords(json: Readonly<Record<string, unknown>>): string {
  const given = CRON_FIELD_NAMES.filter((name) => json[name] !== undefined);
  const all = withDefaults(Object.fromEntries(given.map((name) => [name, String(json[name])])));
  const texts = Object.fromEntries(CRON_FIELD_NAMES.map((name) => [name, textOf(name, all[name])])) as Texts;
  const time = timesOfDay(texts);
  const days = daysInWords(texts);
  if (time === undefined) return [repeatedly(texts), ...days].join(', ');
  return [`at ${time}`, ...(texts.day === '*' && texts.dayOfWeek === '*' ? ['every day'] : []), ...days].join(', ');
}

/** A field as APScheduler would write it; `*` where it names all values, whatever else it lists. */
function textOf(name: CronFieldName, expression: string): string {
  const { text, ranges } = parseField(name, expression, () => undefined);
  const { min, max } = CRON_FIELDS[name];
  return ranges.some(({ first, last, step }) => first === min && last === max && step === 1) ? '*' : text;
}

/** So many times of a day are listed one by one. */
const MAX_LISTED = 6;

/** The times of a day, where they are few: `09:00, 17:30`. */
function timesOfDay({ hour, minute, second }: Texts): string | undefined {
  const [hours = [], minutes = [], seconds = []] = [hour, minute, second].map((text) => [
    ...new Set(text.split(',').map(Number)),
  ]);
  const isFew = hours.length * minutes.length * seconds.length <= MAX_LISTED;
  if (!isFew || [...hours, ...minutes, ...seconds].some(Number.isNaN)) return undefined;
  const withSeconds = seconds.some((value) => value > 0);
  const times = hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => timeOfDay(h, m, s, withSeconds))));
  return times.toSorted().join(', ');
}

function repeatedly({ hour, minute, second }: Texts): string {
  if (hour === '*' && minute === '*') return every('second', second, 60) ?? `at second ${second} of every minute`;
  const at = second === '0' ? '' : `, second ${second}`;
  const rhythm = hour === '*' ? every('minute', minute, 60) : minute === '0' ? every('hour', hour, 24) : undefined;
  if (rhythm !== undefined && at === '') return rhythm;
  return hour === '*' ? `at minute ${minute}${at} of every hour` : `at hour ${hour}, minute ${minute}${at}`;
}

/** `every 15 minutes`, of a field that goes on evenly over the end of its range. */
function every(unit: 'second' | 'minute' | 'hour', text: string, size: number): string | undefined {
  if (text === '*') return `every ${unit}`;
  if (text === '0') return unit === 'hour' ? undefined : `every ${unit === 'second' ? 'minute' : 'hour'}`;
  const step = Number(/^\*\/(\d+)$/.exec(text)?.[1]);
  return size % step === 0 ? `every ${counted(step, unit)}` : undefined;
}

/** On what days it fires, in parts to be set off by commas; none when it is every day. */
function daysInWords({ year, month, day, week, dayOfWeek }: Texts): string[] {
  const weekdays = named(
    'day of week',
    dayOfWeek,
    (text) => WEEKDAY_NAMES[/\d/.test(text) ? Number(text) : WEEKDAYS.indexOf(text as 'mon')],
  );
  const months = named(
    'month',
    month,
    (text) => MONTHS[Number(text) - 1] ?? MONTHS.find((name) => name.toLowerCase().startsWith(text)),
  );
  const isRange = /^[A-Z]\w+ to \w+$/.test(weekdays);
  return [
    ...(day === '*' ? [] : [`on ${daysOfMonth(day)} of the month`]),
    ...(dayOfWeek === '*' ? [] : [day === '*' ? `${isRange ? '' : 'on '}${weekdays}` : `when it is ${weekdays}`]),
    ...(month === '*' ? [] : [`in ${months}`]),
    ...(week === '*' ? [] : [`in ISO week ${week}`]),
    ...(year === '*' ? [] : [`in ${/[*/]/.test(year) ? 'year ' : ''}${year}`]),
  ];
}

/** `day 1, 15`, `the last day`, `the 3rd Friday`. */
function daysOfMonth(text: string): string {
  const parts = text.split(',').map((part) => {
    if (part === 'last') return 'the last day';
    const [nth, weekday] = part.split(' ');
    return weekday === undefined ? part : `the ${nth} ${WEEKDAY_NAMES[WEEKDAYS.indexOf(weekday as 'mon')]}`;
  });
  return `${/^(?:\*|\d+(?:[-/,]|$))/.test(text) ? 'day ' : ''}${parts.join(', ')}`;
}

/** A field with names for its values: `Monday to Friday, Sunday`; as it was written where it has steps. */
function named(field: string, text: string, nameOf: (value: string) => string | undefined): string {
  if (/[*/]/.test(text)) return `${field} ${text}`;
  const parts = text.split(',').map((part) => part.split('-').map(nameOf).join(' to '));
  return parts.join(', ');
}
