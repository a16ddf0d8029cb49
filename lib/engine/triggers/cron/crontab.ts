import { loadCron } from '../../util/load-packages.cjs';
import { isFixed, type CronSchedule } from './cron-schedule.js';
import { readDaysOfMonth, readWeekdays, type ExtendedField } from './crontab-days.js';
import { crontabFields, mapUnits, refused, UNITS, type CrontabDialect, type Unit, type Units } from './crontab-text.js';
import { MatchingDays, type DayRule } from './matching-days.js';
import { MatchingTimes } from './matching-times.js';
import { SmallSet } from './small-set.js';

/** A crontab string, read. */
export interface Crontab {
  /** Its fields, names as numbers; of a nickname, those that it stands for. */
  readonly fields: Units<string>;
  /** The values of each field. Weekdays count from Sunday. */
  readonly values: Units<readonly number[]>;
  readonly extended: { readonly dayOfMonth: ExtendedField; readonly dayOfWeek: ExtendedField };
}

/**
 * Reads a standard crontab string: five fields, six with seconds first, or a nickname such as `@daily`. The parsing is
 * `cron`'s.
 *
 * @throws InvalidInputError naming the field `crontab`
 */
export function readCrontab(expression: string, dialect: CrontabDialect): Crontab {
  const fields = crontabFields(expression);
  const isExtended = dialect === 'extended';
  const extended = {
    dayOfMonth: isExtended ? readDaysOfMonth(fields.dayOfMonth, expression) : plainField(fields.dayOfMonth, expression),
    dayOfWeek: isExtended ? readWeekdays(fields.dayOfWeek, expression) : plainField(fields.dayOfWeek, expression),
  };
  const plain: Units<string | null> = {
    ...fields,
    dayOfMonth: extended.dayOfMonth.plain,
    dayOfWeek: extended.dayOfWeek.plain,
  };
  const { CronTime } = loadCron();
  try {
    // With an offset it does not look for the computer's zone. Its toJSON writes 0-58 as *, so its sets are read;
    // they are private, hence the brackets.
    const parsed = new CronTime(UNITS.map((unit) => plain[unit] ?? '*').join(' '), null, 0);
    const values = mapUnits((unit) => (plain[unit] === null ? [] : valuesBelow(SIZES[unit], parsed[unit])));
    return { fields, values, extended };
  } catch (error) {
    throw refused(expression, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Compiles a crontab string. How days combine is Vixie cron's: day of month or day of week when both are restricted, and
 * a field that begins with `*` does not restrict.
 *
 * @throws InvalidInputError naming the field `crontab`
 */
export function compileCrontab(expression: string, dialect: CrontabDialect): CronSchedule {
  const crontab = readCrontab(expression, dialect);
  const { fields, values } = crontab;
  const dates = [fields.dayOfMonth, fields.month, fields.dayOfWeek];
  const isEveryDay = dates.every((field) => field === '*');
  return {
    days: isEveryDay
      ? MatchingDays.everyDay
      : MatchingDays.of(`crontab ${dates.join(' ')}`, () => compileDays(crontab)),
    times: new MatchingTimes(new SmallSet(values.hour), new SmallSet(values.minute), new SmallSet(values.second)),
    isFixed: isFixed(fields.hour, fields.minute),
  };
}

/** Whether one of the fields for days is enough: both restrict. */
export function isEitherDay({ fields }: Crontab): boolean {
  return !fields.dayOfMonth.startsWith('*') && !fields.dayOfWeek.startsWith('*');
}

function compileDays(crontab: Crontab): DayRule {
  const { values, extended } = crontab;
  const [days, months] = [new SmallSet(values.dayOfMonth), new SmallSet(values.month)];
  const weekdays = new SmallSet(values.dayOfWeek.map((weekday) => (weekday + 6) % 7));
  const { tests: dayTests } = extended.dayOfMonth;
  const { tests: weekdayTests } = extended.dayOfWeek;
  const isEither = isEitherDay(crontab);
  return {
    matches: (it) => {
      if (!months.has(it.month)) return false;
      const isDay = days.has(it.day) || dayTests.some((test) => test(it));
      if (isEither ? isDay : !isDay) return isEither;
      return weekdays.has(it.weekday) || weekdayTests.some((test) => test(it));
    },
  };
}

/** One more than the greatest value of each field. */
const SIZES: Units<number> = { second: 60, minute: 60, hour: 24, dayOfMonth: 32, month: 13, dayOfWeek: 7 };

/** The sets of `cron` are objects with the values of a field as their keys. */
function valuesBelow(limit: number, values: object): number[] {
  const found: number[] = [];
  for (let value = 0; value < limit; value++) if (value in values) found.push(value);
  return found;
}

function plainField(field: string, expression: string): ExtendedField {
  if (/[lw#]/.test(field)) {
    throw refused(expression, 'L, W and # are not in crontab(5): they need dialect: "extended"');
  }
  return { plain: field, tests: [] };
}

/** The same in as few words as it can be said, for a description. */
export function simplestFields(crontab: Crontab): Units<string> {
  const { fields, values, extended } = crontab;
  const isAll = (unit: Unit): boolean => values[unit].length === SIZES[unit] - FIRSTS[unit];
  const isEveryDay = isEitherDay(crontab) && (isAll('dayOfMonth') || isAll('dayOfWeek'));
  return mapUnits((unit) => {
    const isDay = unit === 'dayOfMonth' || unit === 'dayOfWeek';
    if (isDay && isEveryDay) return '*';
    const isStepped = /^\*\/\d+$/.test(fields[unit]);
    if (isAll(unit) && !isStepped) return '*';
    if (isDay && extended[unit].tests.length > 0) return fields[unit];
    // `cron` takes steps beyond the range: only the first value is left.
    return values[unit].length === 1 ? String(values[unit][0]) : fields[unit];
  });
}

const FIRSTS: Units<number> = { second: 0, minute: 0, hour: 0, dayOfMonth: 1, month: 1, dayOfWeek: 0 };
