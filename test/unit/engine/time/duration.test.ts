import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../lib/engine/time/civil.js';
import { parseDuration, parseSeconds } from '../../../../lib/engine/time/duration.js';
import { faultsOf } from '../triggers/faults.js';

const WEEK_MS = 7 * DAY_MS;

describe('parseDuration', () => {
  it.each([
    ['1h30m', 90 * MINUTE_MS],
    ['90s', 90 * SECOND_MS],
    ['1.5h', 90 * MINUTE_MS],
    ['250ms', 250],
    ['2w 3d', 2 * WEEK_MS + 3 * DAY_MS],
    ['2w3d 4h 5m 6s 7ms', 2 * WEEK_MS + 3 * DAY_MS + 4 * HOUR_MS + 5 * MINUTE_MS + 6 * SECOND_MS + 7],
    ['1m1ms', MINUTE_MS + 1],
    ['5m', 5 * MINUTE_MS],
    ['0s', 0],
    ['007s', 7 * SECOND_MS],
    ['1h 0.5s', HOUR_MS + 500],
    ['1.1h', 3_960_000],
    ['0.29s', 290],
    ['1.6ms', 2],
    ['100000s', 100_000 * SECOND_MS],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text, 'every')).toBe(ms);
  });

  it.each([
    ['PT90S', 90 * SECOND_MS],
    ['P1DT2H', DAY_MS + 2 * HOUR_MS],
    ['P2W', 2 * WEEK_MS],
    ['P1W2D', WEEK_MS + 2 * DAY_MS],
    ['PT1H30M', 90 * MINUTE_MS],
    ['PT1M', MINUTE_MS],
    ['PT0.25S', 250],
    ['P0.5D', 12 * HOUR_MS],
    ['PT36H', 36 * HOUR_MS],
  ])('reads %s by ISO 8601', (text, ms) => {
    expect(parseDuration(text, 'every')).toBe(ms);
  });

  it.each([
    '',
    ' ',
    'h',
    '1',
    '1 h',
    '1h ',
    ' 1h',
    '1h  30m',
    '1h,30m',
    '1h\n',
    '30m1h',
    '1h1h',
    '1ms1s',
    '1H',
    '1hour',
    '.5h',
    '5.h',
    '1,5h',
    '1e3s',
    '-1h',
    '+1h',
    '1h-30m',
    'P',
    'PT',
    'P1DT',
    'P1H',
    'PT1D',
    'PT1S1M',
    'p1d',
    'PT1s',
    '-PT1S',
    'P-1D',
    'PT1,5S',
    'P1D T2H',
    '٣s',
    'Infinitys',
    '01:30',
  ])('refuses %j', (text) => {
    expect(faultsOf(() => parseDuration(text, 'every'))).toEqual([
      expect.stringMatching(/^every (must be a duration such as 1h30m, 90s or PT90S|needs a unit \(90s\)), got ".*"$/),
    ]);
  });

  it.each([90, 0, null, undefined, true, {}, ['1h'], new Date(0), 1n])('refuses %o, which is no text', (value) => {
    expect(faultsOf(() => parseDuration(value, 'every'))[0]).toMatch(/^every must be a duration such as .*, got /);
  });

  it.each(['P1Y', 'P1M', 'P1Y2M', 'P1MT1H', 'P1Y1D', '1y', '2 years', '3mo', '1month 2d'])(
    'refuses %s and says that years and months have no fixed length',
    (text) => {
      expect(faultsOf(() => parseDuration(text, 'every'))).toEqual([
        `every must not count in years or months, which have no fixed length, got "${text}"`,
      ]);
    },
  );

  it.each(['1.5h30m', '0.5w 1d', 'P1.5DT1H', 'PT1.5M3S'])('refuses the early fraction of %s', (text) => {
    expect(faultsOf(() => parseDuration(text, 'every'))).toEqual([
      `every may have a fraction in its last part only, got "${text}"`,
    ]);
  });

  it.each(['600000w', `${'9'.repeat(400)}s`, `P${'9'.repeat(20)}D`])('refuses %s, which no calendar holds', (text) => {
    expect(faultsOf(() => parseDuration(text, 'every'))[0]).toMatch(/^every must not be longer than 9999 years, got "/);
  });

  it('answers at once, whatever it is given', () => {
    for (const text of ['1'.repeat(100_000), '1w'.repeat(50_000), `P${'1'.repeat(100_000)}`, ' '.repeat(100_000)]) {
      expect(faultsOf(() => parseDuration(text, 'every'))).toHaveLength(1);
    }
  });

  it('reads what is written of its parts, in both forms', () => {
    const part = fc.option(fc.nat(5000), { nil: undefined });
    fc.assert(
      fc.property(part, part, part, part, part, (w, d, h, m, s) => {
        fc.pre([w, d, h, m, s].some((amount) => amount !== undefined));
        const write = (amount: number | undefined, unit: string): string =>
          amount === undefined ? '' : `${amount}${unit}`;
        const time = write(h, 'H') + write(m, 'M') + write(s, 'S');
        const iso = `P${write(w, 'W')}${write(d, 'D')}${time && `T${time}`}`;
        const short = write(w, 'w') + write(d, 'd') + write(h, 'h') + write(m, 'm') + write(s, 's');
        const ms =
          (w ?? 0) * WEEK_MS + (d ?? 0) * DAY_MS + (h ?? 0) * HOUR_MS + (m ?? 0) * MINUTE_MS + (s ?? 0) * SECOND_MS;
        expect(parseDuration(iso, 'every')).toBe(ms);
        expect(parseDuration(short, 'every')).toBe(ms);
      }),
    );
  });
});

describe('parseSeconds', () => {
  it('takes a number for seconds, and leaves it as it is', () => {
    for (const seconds of [0, 30, 0.1, 0.0123]) expect(parseSeconds(seconds, 'jitter', 'jitter')).toBe(seconds);
  });

  it('reads text as a duration', () => {
    expect(parseSeconds('1h30m', 'jitter', 'jitter')).toBe(5400);
    expect(parseSeconds('PT0.25S', 'jitter', 'jitter')).toBe(0.25);
  });

  it.each([-1, NaN, Infinity, -Infinity, null, true, {}, [5], 1n])('refuses %o, naming both forms', (value) => {
    expect(faultsOf(() => parseSeconds(value, 'jitter', 'jitter'))[0]).toMatch(
      /^jitter must be a number of seconds from 0 or a duration such as .*, got /,
    );
  });

  it('refuses text without a unit', () => {
    expect(faultsOf(() => parseSeconds('30', 'jitter', 'jitter'))).toEqual(['jitter needs a unit (90s), got "30"']);
  });
});
