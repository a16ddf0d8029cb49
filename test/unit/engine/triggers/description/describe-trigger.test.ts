import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CRON_FIELD_NAMES,
  CRON_FIELDS,
  type CronFieldName,
} from '../../../../../lib/engine/triggers/cron/cron-fields.js';
import { parseField } from '../../../../../lib/engine/triggers/cron/field-grammar.js';
import { cronInWords } from '../../../../../lib/engine/triggers/description/cron-in-words.js';
import { describeTrigger } from '../../../../../lib/engine/triggers/description/describe-trigger.js';
import { createTrigger } from '../../../../../lib/engine/triggers/trigger-factory.js';
import type { Trigger, TriggerJson } from '../../../../../lib/engine/triggers/trigger.js';

const sentence = (type: string, options: Record<string, unknown>): string =>
  describeTrigger(createTrigger(type, options));

describe('A date in words', () => {
  it.each([
    [{ runDate: '2030-05-05T12:00:00+02:00' }, 'once, on 5 May 2030 at 12:00:00 (+02:00)'],
    [{ runDate: '2030-05-05 12:00', timezone: 'Europe/Berlin' }, 'once, on 5 May 2030 at 12:00:00 (Europe/Berlin)'],
    [{ runDate: '2030-12-31T23:59:59.250Z' }, 'once, on 31 December 2030 at 23:59:59.25 (+00:00)'],
    [{ runDate: 0, timezone: 'Asia/Tokyo' }, 'once, on 1 January 1970 at 09:00:00 (Asia/Tokyo)'],
    [{ runDate: '2030-05-05 12:00' }, 'once, on 5 May 2030 at 12:00:00'],
    [{}, 'once, as soon as its job is added'],
  ])('of %j is: %s', (options, expected) => {
    expect(sentence('date', options)).toBe(expected);
  });
});

describe('An interval in words', () => {
  it.each([
    [{ every: '1h30m' }, 'every 1 hour 30 minutes'],
    [{ hours: 1 }, 'every hour'],
    [{ days: 2 }, 'every 2 days'],
    [{ seconds: 1 }, 'every second'],
    [{ every: '250ms' }, 'every 0.25 seconds'],
    [{ seconds: 694_861 }, 'every 1 week 1 day 1 hour 1 minute 1 second'],
    [
      { every: '10m', startDate: '2030-01-01 09:00', timezone: 'Europe/Berlin' },
      'every 10 minutes, starting 1 January 2030 at 09:00:00 (Europe/Berlin)',
    ],
    [
      { every: '10m', startDate: '2030-01-01T09:00Z', endDate: '2031-06-07T08:09:10Z', timezone: 'Asia/Tokyo' },
      'every 10 minutes, starting 1 January 2030 at 18:00:00, until 7 June 2031 at 17:09:10 (Asia/Tokyo)',
    ],
    [{ hours: 1, jitter: 30 }, 'every hour, delayed by up to 30 seconds at random'],
    [
      { hours: 1, jitter: { max: '2m', seed: 'id' }, timezone: 'UTC' },
      'every hour (UTC), delayed by up to 2 minutes, the same for each run',
    ],
  ])('of %j is: %s', (options, expected) => {
    expect(sentence('interval', options)).toBe(expected);
  });
});

describe('A calendar interval in words', () => {
  it.each([
    [
      { months: 1, hour: 6, startDate: '2030-01-31', timezone: 'Europe/Berlin' },
      'every month at 06:00, starting 31 January 2030 (Europe/Berlin)',
    ],
    [
      { years: 1, months: 2, weeks: 1, days: 3, minute: 5, second: 7 },
      'every 1 year 2 months 1 week 3 days at 00:05:07',
    ],
    [
      { weeks: 2, hour: 9, startDate: '2030-01-01', endDate: '2031-02-03T05:06:07Z', timezone: 'UTC', jitter: '1m' },
      'every 2 weeks at 09:00, starting 1 January 2030, until 3 February 2031 at 05:06:07 (UTC), delayed by up to 1 minute at random',
    ],
  ])('of %j is: %s', (options, expected) => {
    expect(sentence('calendarinterval', options)).toBe(expected);
  });
});

describe('Cron fields in words', () => {
  it.each([
    // at an even distance, around the clock
    [{}, 'every second'],
    [{ second: '*/10' }, 'every 10 seconds'],
    [{ minute: '*' }, 'every minute'],
    [{ minute: '*/1' }, 'every minute'],
    [{ minute: '*/15' }, 'every 15 minutes'],
    [{ minute: '*/15', second: 30 }, 'at minute */15, second 30 of every hour'],
    [{ hour: '*' }, 'every hour'],
    [{ minute: 30 }, 'at minute 30 of every hour'],
    [{ minute: 30, second: 5 }, 'at minute 30, second 5 of every hour'],
    [{ hour: '*/4' }, 'every 4 hours'],
    [{ hour: '*/4', minute: 30 }, 'at hour */4, minute 30'],
    // at times of a day
    [{ hour: 9 }, 'at 09:00, every day'],
    [{ hour: '9,17' }, 'at 09:00, 17:00, every day'],
    [{ hour: '17,9', minute: '30,0' }, 'at 09:00, 09:30, 17:00, 17:30, every day'],
    [{ hour: '*/5' }, 'at hour */5, minute 0'],
    [{ hour: 9, minute: 5, second: 7 }, 'at 09:05:07, every day'],
    [{ hour: 9, minute: 5, second: '0,30' }, 'at 09:05:00, 09:05:30, every day'],
    // several times of an hour or a day, as written
    [{ hour: '9-17' }, 'at hour 9-17, minute 0'],
    [{ hour: '9-17', minute: 30 }, 'at hour 9-17, minute 30'],
    [{ hour: '9-17', minute: '*/15' }, 'at hour 9-17, minute */15'],
    [{ hour: 5, minute: '*' }, 'at hour 5, minute *'],
    [{ second: '*/7' }, 'at second */7 of every minute'],
    [{ minute: '*/7' }, 'at minute */7 of every hour'],
    [{ minute: '1-10/3' }, 'at minute 1-10/3 of every hour'],
    [{ hour: '8,20', minute: '*/2' }, 'at hour 8,20, minute */2'],
    [{ hour: '22-23,0-5' }, 'at hour 22-23,0-5, minute 0'],
    [{ minute: 5, second: '*' }, 'at minute 5, second * of every hour'],
    [{ hour: '1-10/3', minute: '1-10/3', second: '*/20' }, 'at hour 1-10/3, minute 1-10/3, second */20'],
    [{ minute: '1,2,10-50/5,55', second: '0,30' }, 'at minute 1,2,10-50/5,55, second 0,30 of every hour'],
    // on days of the week
    [{ dayOfWeek: 'mon-fri', hour: 9 }, 'at 09:00, Monday to Friday'],
    [{ dayOfWeek: '0-4', hour: 9 }, 'at 09:00, Monday to Friday'],
    [{ dayOfWeek: 'mon-fri', hour: '9-17', minute: '*/15' }, 'at hour 9-17, minute */15, Monday to Friday'],
    [{ dayOfWeek: 'fri,mon,wed', hour: 9 }, 'at 09:00, on Friday, Monday, Wednesday'],
    [{ dayOfWeek: 'sat,sun' }, 'at 00:00, on Saturday, Sunday'],
    [{ dayOfWeek: 'mon-wed,sun' }, 'at 00:00, on Monday to Wednesday, Sunday'],
    [{ dayOfWeek: '*/2' }, 'at 00:00, on day of week */2'],
    [{ dayOfWeek: 'mon,*' }, 'at 00:00, every day'],
    // on days of the month
    [{ day: 1 }, 'at 00:00, on day 1 of the month'],
    [{ day: '1,15', hour: 6 }, 'at 06:00, on day 1, 15 of the month'],
    [{ day: '*/2' }, 'at 00:00, on day */2 of the month'],
    [{ day: 'last', hour: 3 }, 'at 03:00, on the last day of the month'],
    [{ day: '3rd fri' }, 'at 00:00, on the 3rd Friday of the month'],
    [{ day: 'last sun', hour: 3 }, 'at 03:00, on the last Sunday of the month'],
    [{ day: '1,last,2nd mon' }, 'at 00:00, on day 1, the last day, the 2nd Monday of the month'],
    [{ day: 13, dayOfWeek: 'fri' }, 'at 00:00, on day 13 of the month, when it is Friday'],
    [{ day: '1-7', dayOfWeek: 'mon,wed' }, 'at 00:00, on day 1-7 of the month, when it is Monday, Wednesday'],
    // in months, weeks and years
    [{ month: 12, day: 25 }, 'at 00:00, on day 25 of the month, in December'],
    [{ month: 1 }, 'at 00:00, on day 1 of the month, in January'],
    [{ year: 2030 }, 'at 00:00, on day 1 of the month, in January, in 2030'],
    [{ year: 2030, month: 12, day: 25, hour: 9 }, 'at 09:00, on day 25 of the month, in December, in 2030'],
    [{ month: 2, day: 29, dayOfWeek: 'mon' }, 'at 00:00, on day 29 of the month, when it is Monday, in February'],
    [{ month: 'jan,jul', day: 1 }, 'at 00:00, on day 1 of the month, in January, July'],
    [{ month: 'jan-mar', day: '*', hour: 6 }, 'at 06:00, every day, in January to March'],
    [{ month: 6, day: '*', hour: '*', minute: '*/5' }, 'every 5 minutes, in June'],
    [{ week: 53 }, 'at 00:00, every day, in ISO week 53'],
    [{ week: '1-26', dayOfWeek: 'mon' }, 'at 00:00, on Monday, in ISO week 1-26'],
    [{ week: '*/2', dayOfWeek: 'mon' }, 'at 00:00, on Monday, in ISO week */2'],
    [{ year: '2030-2035' }, 'at 00:00, on day 1 of the month, in January, in 2030-2035'],
    [{ year: '*/2' }, 'at 00:00, on day 1 of the month, in January, in year */2'],
    [{ year: '2000-2040/4', month: 2, day: 29 }, 'at 00:00, on day 29 of the month, in February, in year 2000-2040/4'],
    [{ year: '2030,2032', month: '*', day: 'last' }, 'at 00:00, on the last day of the month, in 2030,2032'],
  ])('%j are: %s', (fields, expected) => {
    expect(sentence('cron', fields)).toBe(expected);
  });

  it('come with their bounds, their zone and their jitter', () => {
    const bounds = { startDate: '2030-01-01', endDate: '2031-01-01 12:00', timezone: 'Europe/Berlin' };
    expect(sentence('cron', { dayOfWeek: 'mon-fri', hour: 9, timezone: 'Europe/Berlin' })).toBe(
      'at 09:00, Monday to Friday (Europe/Berlin)',
    );
    expect(sentence('cron', { hour: 9, ...bounds, jitter: 5 })).toBe(
      'at 09:00, every day, from 1 January 2030 at 00:00:00, until 1 January 2031 at 12:00:00 (Europe/Berlin), ' +
        'delayed by up to 5 seconds at random',
    );
  });

  it('are told alike only when they mean the same', () => {
    const meant = new Map<string, string>();
    fc.assert(
      fc.property(givenFields, (fields) => {
        const words = cronInWords(fields);
        const meaning = meaningOf(fields);
        expect(words).not.toMatch(/undefined|NaN|,,| {2}|^,|,$/);
        expect(meant.get(words) ?? meaning).toBe(meaning);
        meant.set(words, meaning);
      }),
      { numRuns: 3000 },
    );
    expect(meant.size).toBeGreaterThan(500);
  });
});

/** Expressions that come up often enough for two of them to collide. */
const expressionsOf = (name: CronFieldName): fc.Arbitrary<string> => {
  const { min, max } = CRON_FIELDS[name];
  const top = Math.min(max, min + 60);
  const number = fc.integer({ min, max: top });
  const range = fc.tuple(number, number).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const step = fc.integer({ min: 1, max: 7 });
  const term = fc.oneof(
    number.map(String),
    range.map(([a, b]) => `${a}-${b}`),
    fc.tuple(range, step).map(([[a, b], n]) => (b - a >= n ? `${a}-${b}/${n}` : `${a}`)),
    step.map((n) => (max - min >= n ? `*/${n}` : '*')),
    fc.constantFrom(...(name === 'day' ? ['last', '1st mon', 'last sun'] : ['*'])),
  );
  return fc.oneof(
    { weight: 3, arbitrary: term },
    { weight: 1, arbitrary: fc.tuple(term, term).map((terms) => terms.join(',')) },
  );
};
const givenFields = fc.record(
  Object.fromEntries(CRON_FIELD_NAMES.map((name) => [name, expressionsOf(name)])) as Record<
    CronFieldName,
    fc.Arbitrary<string>
  >,
  { requiredKeys: [] },
);

/** What a cron trigger of these fields fires at, as text: the sets of its compiled fields. */
function meaningOf(given: Readonly<Partial<Record<CronFieldName, string>>>): string {
  const last = CRON_FIELD_NAMES.findLastIndex((name) => given[name] !== undefined);
  return CRON_FIELD_NAMES.map((name, index) => {
    const text = given[name] ?? (last === -1 || index < last ? '*' : CRON_FIELDS[name].least);
    const { ranges, positions, lastDay } = parseField(name, text, (problem) => {
      throw new Error(`${name}: ${problem}`);
    });
    const { min, max } = CRON_FIELDS[name];
    let values = '';
    for (let value = min; value <= Math.min(max, min + 200); value++) {
      values += ranges.some(({ first, last, step }) => value >= first && value <= last && (value - first) % step === 0)
        ? 1
        : 0;
    }
    // Of every day, the last one is one.
    return values.includes('0') ? `${values} ${JSON.stringify(positions)} ${lastDay}` : 'all';
  }).join('|');
}

describe('A crontab string in words', () => {
  it.each([
    ['0 9 * * 1-5', 'at 09:00, Monday through Friday'],
    ['*/5 * * * *', 'every 5 minutes'],
    ['*/10 * * * * *', 'every 10 seconds'],
    ['0 0 * * 0', 'at 00:00, only on Sunday'],
    ['0 0 * * 7', 'at 00:00, only on Sunday'],
    // Two restricted days: one of them is enough. A star restricts nothing: both must match.
    ['30 4 1,15 * 5', 'at 04:30, on day 1 and 15 of the month, and on Friday'],
    ['0 0 */2 * 1', 'at 00:00, every 2 days in a month, only on Monday'],
    ['0 0 1 1 *', 'at 00:00, on day 1 of the month, only in January'],
    ['0 12 * jan,mar mon-fri', 'at 12:00, Monday through Friday, only in January and March'],
    ['@daily', 'at 00:00'],
    ['@Weekdays', 'at 00:00, Monday through Friday'],
    ['@secondly', 'every second'],
    // A step beyond the range leaves the first value; a list with a star, and a range of all days, is every day.
    ['*/61 * * * *', 'every hour'],
    ['0 0 * * mon,*', 'at 00:00'],
    ['0 0 1-7 * 1-7', 'at 00:00'],
    ['0 0 1-31 * 5', 'at 00:00'],
    ['0 0 1-7 * *', 'at 00:00, between day 1 and 7 of the month'],
    ['0 0 * * sat-sun', 'at 00:00, Saturday through Sunday'],
    ['0 0 ? * mon', 'at 00:00, only on Monday'],
  ])('%s is: %s', (crontab, expected) => {
    expect(sentence('cron', { crontab })).toBe(expected);
    expect(sentence('cron', { crontab, timezone: 'Europe/Berlin' })).toBe(`${expected} (Europe/Berlin)`);
  });

  it.each([
    ['0 0 L * *', 'at 00:00, on the last day of the month'],
    ['0 0 LW * *', 'at 00:00, on the last weekday of the month'],
    ['0 0 15W * *', 'at 00:00, on the weekday nearest day 15 of the month'],
    ['0 0 * * fri#2', 'at 00:00, on the second Friday of the month'],
    ['0 0 * * 5#L', 'at 00:00, on the last Friday of the month'],
    ['0 0 1,L * *', 'by the crontab string "0 0 1,L * *"'],
  ])('in the extended dialect, %s is: %s', (crontab, expected) => {
    expect(sentence('cron', { crontab, dialect: 'extended' })).toBe(expected);
  });

  it('is always told', () => {
    const field = (min: number, max: number): fc.Arbitrary<string> => {
      const number = fc.integer({ min, max });
      return fc.oneof(
        fc.constant('*'),
        number.map(String),
        fc.integer({ min: 1, max: 9 }).map((step) => `*/${step}`),
        fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
        fc.tuple(number, number).map(([a, b]) => `${a},${b}`),
      );
    };
    const crontabs = fc.tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7));
    fc.assert(
      fc.property(crontabs, (fields) => {
        expect(sentence('cron', { crontab: fields.join(' ') })).toMatch(
          /^(at|every|on|minutes?|seconds?|between) \S.*[\w]$/,
        );
      }),
    );
  });
});

describe('Triggers made of triggers, in words', () => {
  const nine = { type: 'cron', hour: 9, timezone: 'Europe/Berlin' };
  const monday = { type: 'cron', dayOfWeek: 'mon', timezone: 'UTC' };

  it.each([
    [
      'or',
      { triggers: [nine, { type: 'interval', hours: 1 }], jitter: 30 },
      'whenever one of these fires: at 09:00, every day (Europe/Berlin); every hour, delayed by up to 30 seconds at random',
    ],
    [
      'and',
      {
        triggers: [
          nine,
          { type: 'calendarinterval', weeks: 2, hour: 9, startDate: '2030-01-01', timezone: 'Europe/Berlin' },
        ],
      },
      'whenever all of these fire together: at 09:00, every day (Europe/Berlin); ' +
        'every 2 weeks at 09:00, starting 1 January 2030 (Europe/Berlin)',
    ],
    ['except', { base: nine, except: [] }, 'at 09:00, every day (Europe/Berlin)'],
    [
      'except',
      {
        base: nine,
        except: ['2030-12-25', '2031-01-01T09:00+01:00', { from: '2030-07-15', to: '2030-08-01 12:00' }, monday],
      },
      'at 09:00, every day (Europe/Berlin), except: on 25 December 2030; on 1 January 2031 at 09:00:00; ' +
        'from 15 July 2030 to 1 August 2030 at 12:00:00; at 00:00, on Monday (UTC)',
    ],
    [
      'or',
      {
        triggers: [
          { type: 'except', base: nine, except: ['2030-12-25'] },
          { type: 'and', triggers: [monday] },
        ],
      },
      'whenever one of these fires: [at 09:00, every day (Europe/Berlin), except: on 25 December 2030]; ' +
        '[whenever all of these fire together: at 00:00, on Monday (UTC)]',
    ],
    [
      'except',
      { base: { type: 'or', triggers: [nine, monday], jitter: 60 }, except: [{ type: 'or', triggers: [monday] }] },
      '[whenever one of these fires: at 09:00, every day (Europe/Berlin); at 00:00, on Monday (UTC), ' +
        'delayed by up to 1 minute at random], except: [whenever one of these fires: at 00:00, on Monday (UTC)]',
    ],
  ])('%s of %j is: %s', (type, options, expected) => {
    expect(sentence(type, options)).toBe(expected);
  });
});

describe('A trigger of one’s own', () => {
  it.each<TriggerJson>([
    { type: 'full-moon', phase: 0.5 },
    { type: 'or', members: [] },
    { type: 'except', of: 'cron' },
    { type: 'date', runDate: 'the day after tomorrow' },
  ])('is told as the JSON that it is: %j', (json) => {
    const trigger: Trigger = {
      type: json.type,
      timezone: 'UTC',
      next: () => null,
      previous: () => null,
      toJSON: () => json,
    };
    expect(describeTrigger(trigger)).toBe(JSON.stringify(json));
  });
});
