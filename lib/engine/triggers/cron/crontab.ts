import { CronTime } from 'cron';
import { InvalidInputError } from '../../errors.js';
import { show } from '../../util/inspect.js';
import { isFixed, type CronSchedule } from './cron-schedule.js';
import { MatchingDays, type DayRule } from './matching-days.js';
import { MatchingTimes } from './matching-times.js';
import { SmallSet } from './small-set.js';

/**
 * Compiles a standard crontab string: five fields, six with seconds first, or a preset such as `@daily`.
 * The parsing is `cron`'s; how days combine is Vixie cron's: day of month or day of week when both are restricted,
 * and a field that begins with `*` does not restrict.
 *
 * @throws InvalidInputError naming the field `crontab`
 */
export function compileCrontab(expression: string): CronSchedule {
  const sets = parse(expression);
  const text = crontabFields(expression);
  const dates = [text.dayOfMonth, text.month, text.dayOfWeek];
  const isEveryDay = dates.every((field) => field === '*');
  return {
    days: isEveryDay
      ? MatchingDays.everyDay
      : MatchingDays.of(`crontab ${dates.join(' ')}`, () => compileDays(sets, text)),
    times: new MatchingTimes(setOf(24, sets.hour), setOf(60, sets.minute), setOf(60, sets.second)),
    isFixed: isFixed(text.hour, text.minute),
  };
}

function compileDays(sets: Units<object>, text: Units<string>): DayRule {
  const [days, months] = [setOf(32, sets.dayOfMonth), setOf(13, sets.month)];
  // `cron` counts weekdays from Sunday.
  const weekdays = new SmallSet(valuesBelow(7, sets.dayOfWeek).map((weekday) => (weekday + 6) % 7));
  const isEither = !text.dayOfMonth.startsWith('*') && !text.dayOfWeek.startsWith('*');
  return {
    matches: ({ month, day, weekday }) =>
      months.has(month) && (isEither ? days.has(day) || weekdays.has(weekday) : days.has(day) && weekdays.has(weekday)),
  };
}

const UNITS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;
type Units<T> = Readonly<Record<(typeof UNITS)[number], T>>;

/** The sets of `cron`: an object with the values of a unit as its keys. */
function parse(expression: string): Units<object> {
  try {
    // With an offset it does not look for the computer's zone. Its toJSON writes 0-58 as *, so its sets are read;
    // they are private, hence the brackets.
    const parsed = new CronTime(expression, null, 0);
    return mapUnits((unit) => parsed[unit] satisfies object);
  } catch (error) {
    throw refused(expression, error instanceof Error ? error.message : String(error));
  }
}

function setOf(size: number, values: object): SmallSet {
  return new SmallSet(valuesBelow(size, values));
}

function valuesBelow(limit: number, values: object): number[] {
  const found: number[] = [];
  for (let value = 0; value < limit; value++) if (value in values) found.push(value);
  return found;
}

/** What the presets of `cron` stand for, so far as the text of a field matters: only which begin with `*`. */
const PRESETS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
  '@minutely': '0 * * * * *',
  '@secondly': '* * * * * *',
  '@weekdays': '0 0 0 * * 1-5',
  '@weekends': '0 0 0 * * 0,6',
};

/** The six fields of a crontab string as they were written, seconds first; of a preset, those that it stands for. */
export function crontabFields(expression: string): Readonly<Units<string>> {
  const fields = (PRESETS[expression.toLowerCase()] ?? expression).trim().split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  return mapUnits((unit) => fields[UNITS.indexOf(unit)] ?? '*');
}

function mapUnits<T>(make: (unit: (typeof UNITS)[number]) => T): Units<T> {
  return Object.fromEntries(UNITS.map((unit) => [unit, make(unit)])) as Units<T>;
}

function refused(expression: unknown, reason: string): InvalidInputError {
  const problem = `cannot be read: ${reason}, got ${show(expression)}`;
  return new InvalidInputError('Invalid crontab', [{ field: 'crontab', problem }]);
}
