import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CronTrigger } from '../../../../../lib/engine/triggers/cron.trigger.js';
import type { CronFieldsOptions } from '../../../../../lib/engine/triggers/options.js';
import { WallClockOracle, type OracleExpression } from './wall-clock-oracle.js';

/** Each case asks for one next and one previous time. `ORACLE_CASES=200000 npx vitest run cron-oracle` for a long run. */
const CASES = Number(process.env['ORACLE_CASES'] ?? 3000);

/** Far enough for most expressions; what is rarer is only held to be rarer. */
const HORIZON_DAYS = 800;

const DAY = 86_400_000;

const ZONES = [
  'UTC',
  '+05:45',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Asuncion',
  'America/Santiago',
  'America/Havana',
  'America/Boa_Vista',
  'Atlantic/Azores',
  'Europe/London',
  'Europe/Dublin',
  'Europe/Berlin',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Africa/Monrovia',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Tehran',
  'Asia/Kathmandu',
  'Asia/Pyongyang',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kwajalein',
  'Pacific/Kiritimati',
] as const;

/** A field's text and the values that it means. */
interface Field {
  text: string;
  values: readonly number[];
}

const numbers = (first: number, last: number, step = 1): number[] =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);

const any = (min: number, max: number): fc.Arbitrary<Field> => fc.constant({ text: '*', values: numbers(min, max) });

const every = (min: number, max: number): fc.Arbitrary<Field> =>
  fc.integer({ min: 1, max: max - min }).map((step) => ({ text: `*/${step}`, values: numbers(min, max, step) }));

const range = (min: number, max: number): fc.Arbitrary<Field> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => ({
    text: `${Math.min(a, b)}-${Math.max(a, b)}`,
    values: numbers(Math.min(a, b), Math.max(a, b)),
  }));

const list = (min: number, max: number): fc.Arbitrary<Field> =>
  fc
    .array(fc.integer({ min, max }), { minLength: 1, maxLength: 3 })
    .map((values) => ({ text: values.join(','), values }));

const field = (min: number, max: number): fc.Arbitrary<Field> =>
  fc.oneof(
    { arbitrary: list(min, max), weight: 4 },
    { arbitrary: range(min, max), weight: 2 },
    { arbitrary: every(min, max), weight: 2 },
    { arbitrary: any(min, max), weight: 2 },
  );

/** Hours and minutes: mostly those of the small hours, in which clocks are changed. */
const hour = fc.oneof(field(0, 23), list(0, 3), fc.constant({ text: '0-23', values: numbers(0, 23) }));
const minute = fc.oneof(
  field(0, 59),
  list(0, 59),
  fc.constantFrom('0', '30').map((text) => ({ text, values: [Number(text)] })),
);
const second = fc.oneof(fc.constant({ text: '0', values: [0] }), list(0, 59));

const POSITIONS = ['1st', '2nd', '3rd', '4th', '5th', 'last'];
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

interface DateFields {
  options: CronFieldsOptions;
  matchesDay: OracleExpression['matchesDay'];
}

const anyDay = fc.constant<DateFields>({ options: {}, matchesDay: () => true });
const byWeekday = field(0, 6).map<DateFields>(({ text, values }) => ({
  options: { dayOfWeek: text },
  matchesDay: ({ weekday }) => values.includes(weekday),
}));
const byDay = fc.tuple(field(1, 31), field(1, 12)).map<DateFields>(([day, month]) => ({
  options: { day: day.text, month: month.text },
  matchesDay: (it) => day.values.includes(it.day) && month.values.includes(it.month),
}));
const byPosition = fc.tuple(fc.constantFrom(...POSITIONS), fc.nat(6)).map<DateFields>(([position, weekday]) => ({
  options: { day: `${position} ${WEEKDAYS[weekday]}` },
  matchesDay: ({ day, length, ...it }) =>
    it.weekday === weekday &&
    (position === 'last' ? day > length - 7 : Math.ceil(day / 7) === POSITIONS.indexOf(position) + 1),
}));
const byLastDay = fc.constant<DateFields>({
  options: { day: 'last' },
  matchesDay: ({ day, length }) => day === length,
});
const byWeek = fc.tuple(field(1, 53), field(0, 6)).map<DateFields>(([week, weekday]) => ({
  options: { week: week.text, dayOfWeek: weekday.text },
  matchesDay: (it) => week.values.includes(it.week) && weekday.values.includes(it.weekday),
}));

const dateFields = fc.oneof(
  { arbitrary: anyDay, weight: 4 },
  { arbitrary: byWeekday, weight: 2 },
  { arbitrary: byDay, weight: 2 },
  byPosition,
  byLastDay,
  byWeek,
);

const oracles = new Map<string, WallClockOracle>();
const changesOf = new Map<string, number[]>();

function oracleOf(zone: string): WallClockOracle {
  let oracle = oracles.get(zone);
  if (!oracle) oracles.set(zone, (oracle = new WallClockOracle(zone.startsWith('+') ? 'Asia/Kathmandu' : zone)));
  return oracle;
}

/** Half of the cases begin near a change of the zone's offset, on a random one between 1971 and 2038. */
function instantNear(zone: string, around: number, near: boolean, shift: number): number {
  if (!near) return around;
  const year = Math.floor(around / (366 * DAY)) * 366 * DAY;
  const key = `${zone} ${year}`;
  let changes = changesOf.get(key);
  if (!changes) changesOf.set(key, (changes = oracleOf(zone).changes(year, year + 366 * DAY)));
  const change = changes[Math.abs(shift) % Math.max(changes.length, 1)];
  return change === undefined ? around : change + shift;
}

const cases = fc.record({
  zone: fc.constantFrom(...ZONES),
  date: dateFields,
  hour,
  minute,
  second,
  around: fc.integer({ min: Date.UTC(1988, 0, 1) / 1000, max: Date.UTC(2038, 0, 1) / 1000 }),
  near: fc.boolean(),
  // The change itself, seconds or half-hours beside it, up to two days away; with milliseconds now and then.
  shift: fc.oneof(
    fc.constantFrom(0, -1000, 1000, -1, 1, 999),
    fc.integer({ min: -96, max: 96 }).map((halfHours) => halfHours * 1_800_000),
    fc.integer({ min: -2 * DAY, max: 2 * DAY }),
  ),
});

describe('the fast cron search', () => {
  it(`agrees with the plain one on ${CASES} random expressions, zones and instants`, { timeout: 3_600_000 }, () => {
    let answered = 0;
    fc.assert(
      fc.property(cases, ({ zone, date, hour, minute, second, around, near, shift }) => {
        const instant = instantNear(zone, around * 1000, near, shift);
        const options = { ...date.options, hour: hour.text, minute: minute.text, second: second.text, timezone: zone };
        let trigger: CronTrigger;
        try {
          trigger = new CronTrigger(options);
        } catch (error) {
          expect((error as Error).message).toMatch(/can never match/);
          return;
        }
        const expression: OracleExpression = {
          matchesDay: date.matchesDay,
          hours: hour.values,
          minutes: minute.values,
          seconds: second.values,
          isFixed: !hour.text.startsWith('*') && !minute.text.startsWith('*'),
        };
        const oracle = oracleOf(zone);
        const next = oracle.next(expression, instant, HORIZON_DAYS);
        const previous = oracle.previous(expression, instant, HORIZON_DAYS);
        const [fastNext, fastPrevious] = [trigger.next(null, instant), trigger.previous(instant)];
        if (next === undefined) expect(fastNext ?? Infinity).toBeGreaterThan(instant + (HORIZON_DAYS - 2) * DAY);
        else expect(fastNext).toBe(next);
        if (previous === undefined) expect(fastPrevious ?? -Infinity).toBeLessThan(instant - (HORIZON_DAYS - 2) * DAY);
        else expect(fastPrevious).toBe(previous);
        answered += Number(next !== undefined) + Number(previous !== undefined);
      }),
      { numRuns: CASES },
    );
    expect(answered).toBeGreaterThan(CASES);
  });
});
