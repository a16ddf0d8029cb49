import { PythonFault, nameOf, readPython } from './python-values.js';
import { PythonName, PythonObject } from './pickle.js';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const POSITIONS = ['1st', '2nd', '3rd', '4th', '5th', 'last'];

const FIELDS: Readonly<Record<string, string>> = {
  year: 'year',
  month: 'month',
  day: 'day',
  week: 'week',
  day_of_week: 'dayOfWeek',
  hour: 'hour',
  minute: 'minute',
  second: 'second',
};

/**
 * Reads the fields of a cron trigger that the user gave (APScheduler: `apscheduler/triggers/cron/fields.py`).
 *
 * @throws PythonFault
 */
export function readCronFields(fields: unknown): Record<string, string> {
  if (!Array.isArray(fields)) throw new PythonFault(`must be an array, got ${nameOf(fields)}`);
  const options: Record<string, string> = {};
  for (const field of fields) {
    const read = readPython(field);
    const state = stateOf(read);
    const name: unknown = state?.get('name');
    const option = typeof name === 'string' && Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    const expressions: unknown = state?.get('expressions');
    if (!state || option === undefined || !Array.isArray(expressions)) {
      throw new PythonFault(`must be fields of a cron trigger, got ${nameOf(read)}`);
    }
    if (state.get('is_default') !== true) options[option] = expressions.map(expressionInWords).join(',');
  }
  return options;
}

/** Formats an expression as APScheduler does (`apscheduler/triggers/cron/expressions.py`, `__str__`). */
function expressionInWords(expression: unknown): string {
  const kind =
    expression instanceof PythonObject && expression.callee instanceof PythonName ? expression.callee.name : '';
  const state = stateOf(expression) ?? new Map<unknown, unknown>();
  const numberAt = (name: string): number | null => {
    const value: unknown = state.get(name) ?? null;
    if (value !== null && typeof value !== 'number') throw new PythonFault(`has a cron expression that cannot be read`);
    return value;
  };
  const step = numberAt('step');
  const stepped = (range: string): string => (step ? `${range}/${step}` : range);
  const range = (nameAt: (value: number) => string): string => {
    const [first, last] = [numberAt('first') ?? 0, numberAt('last')];
    return last === null || last === first ? nameAt(first) : `${nameAt(first)}-${nameAt(last)}`;
  };
  switch (kind) {
    case 'AllExpression':
      return stepped('*');
    case 'RangeExpression':
      return stepped(range(String));
    case 'MonthRangeExpression':
      return range((month) => MONTHS[month - 1] ?? '?');
    case 'WeekdayRangeExpression':
      return range((day) => WEEKDAYS[day] ?? '?');
    case 'WeekdayPositionExpression':
      return `${POSITIONS[numberAt('option_num') ?? -1] ?? '?'} ${WEEKDAYS[numberAt('weekday') ?? -1] ?? '?'}`;
    case 'LastDayOfMonthExpression':
      return 'last';
    default:
      throw new PythonFault(`has a cron expression that is unknown here: ${nameOf(expression)}`);
  }
}

function stateOf(value: unknown): Map<unknown, unknown> | undefined {
  return value instanceof PythonObject && value.state instanceof Map ? value.state : undefined;
}
