import { show } from '../../util/inspect.js';
import { refused } from './crontab-text.js';
import type { CalendarDay } from './year-type.js';

type DayTest = (day: CalendarDay) => boolean;

/** A field for days, of which `cron` parses the plain part. */
export interface ExtendedField {
  /** What is plain; null when nothing is. */
  readonly plain: string | null;
  readonly tests: readonly DayTest[];
}

/**
 * Reads `L`, `LW` and `15W` in a field for days of the month (croner's meaning): the last day; the last weekday; the
 * weekday nearest to a day, in the same month.
 *
 * @throws InvalidInputError naming the field `crontab`
 */
export function readDaysOfMonth(field: string, expression: string): ExtendedField {
  return readParts(field, (part) => {
    if (part === 'l') return ({ day, monthLength }) => day === monthLength;
    if (part === 'lw') return (it) => it.day === nearestWeekday(it, it.monthLength);
    const nearest = /^(\d+)w$/.exec(part);
    if (nearest === null) return undefined;
    const target = Number(nearest[1]);
    if (target < 1 || target > 31) throw refused(expression, `${show(part)} is no day of the month`);
    return (it) => target <= it.monthLength && it.day === nearestWeekday(it, target);
  });
}

/**
 * Reads `5#2`, `5#L` and `5L` in a field for weekdays: the second Friday of the month, the last one. Ranges may have a `#`.
 *
 * @throws InvalidInputError naming the field `crontab`
 */
export function readWeekdays(field: string, expression: string): ExtendedField {
  return readParts(field, (part) => {
    const match = /^([0-7])(?:-([0-7]))?(?:#([1-5]|l)|l)$/.exec(part);
    if (match === null) {
      if (/[#l]/.test(part)) throw refused(expression, `${show(part)} is no weekday with its place in the month`);
      return undefined;
    }
    const [, from = '', to = from, nth = 'l'] = match;
    const [first, last] = [Number(from), Number(to)];
    if (first > last) throw refused(expression, `${show(part)} begins after its end`);
    return ({ day, monthLength, weekday }) => {
      // Weekdays of a crontab count from Sunday, which is 0 and 7.
      const number = weekday + 1;
      const isOnIt = (number >= first && number <= last) || (number === 7 && first === 0);
      return isOnIt && (nth === 'l' ? day + 7 > monthLength : Math.ceil(day / 7) === Number(nth));
    };
  });
}

function readParts(field: string, testOf: (part: string) => DayTest | undefined): ExtendedField {
  const plain: string[] = [];
  const tests: DayTest[] = [];
  for (const part of field.split(',')) {
    const test = testOf(part);
    if (test) tests.push(test);
    else plain.push(part);
  }
  return { plain: plain.length === 0 ? null : plain.join(), tests };
}

const SATURDAY = 5;

/** The day of the month from Monday to Friday that is nearest to a day of it. */
function nearestWeekday({ day, monthLength, weekday }: CalendarDay, target: number): number {
  const weekdayThen = (((weekday + target - day) % 7) + 7) % 7;
  if (weekdayThen < SATURDAY) return target;
  if (weekdayThen === SATURDAY) return target === 1 ? 3 : target - 1;
  return target === monthLength ? target - 2 : target + 1;
}
