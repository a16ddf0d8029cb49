import { CronTime } from 'cron';
import { InvalidInputError } from '../../errors.js';
import { show } from '../../inspect.js';
import { BitSet } from './bit-set.js';
import { isFixed, type CronSchedule } from './cron-schedule.js';
import { MatchingDays } from './matching-days.js';
import { MatchingTimes } from './matching-times.js';

/**
 * Compiles a standard crontab string: five fields, six with seconds first, or a preset such as `@daily`.
 * The parsing is `cron`'s; how days combine is Vixie cron's: day of month or day of week when both are restricted,
 * and a field that begins with `*` does not restrict.
 *
 * @throws InvalidInputError naming the field `crontab`
 */
export function compileCrontab(expression: string): CronSchedule {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parse(expression);
  // `cron` counts weekdays from Sunday.
  const weekdays = new BitSet(
    7,
    dayOfWeek.map((weekday) => (weekday + 6) % 7),
  );
  const [days, months] = [new BitSet(32, dayOfMonth), new BitSet(13, month)];
  const text = crontabFields(expression);
  const isEither = !text.dayOfMonth.startsWith('*') && !text.dayOfWeek.startsWith('*');
  const isEveryDay = !isEither && month.length === 12 && dayOfMonth.length === 31 && dayOfWeek.length === 7;
  return {
    days: new MatchingDays(
      isEveryDay
        ? undefined
        : {
            matches: ({ month, day, weekday }) =>
              months.has(month) &&
              (isEither ? days.has(day) || weekdays.has(weekday) : days.has(day) && weekdays.has(weekday)),
          },
    ),
    times: new MatchingTimes(new BitSet(24, hour), new BitSet(60, minute), new BitSet(60, second)),
    isFixed: isFixed(text.hour, text.minute),
  };
}

const UNITS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;
type Units<T> = Record<(typeof UNITS)[number], T>;

function parse(expression: string): Units<number[]> {
  let parsed: CronTime;
  try {
    // With a zone of its own it does not look for the computer's.
    parsed = new CronTime(expression, 'UTC');
  } catch (error) {
    throw refused(expression, error instanceof Error ? error.message : String(error));
  }
  // Its toJSON writes 0-58 as *, so its sets are read; they are private, hence the brackets.
  return mapUnits((unit) => Object.keys(parsed[unit] satisfies object).map(Number));
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
