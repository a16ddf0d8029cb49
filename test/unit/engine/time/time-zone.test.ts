import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../lib/engine/errors.js';
import { localTimeZone, TimeZone } from '../../../../lib/engine/time/time-zone.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

const wall = (text: string): number => Date.parse(`${text}Z`);
const iso = (instant: number): string => new Date(instant).toISOString().slice(0, -5);

/** The offset by Intl alone. */
function plainOffset(timeZone: string, instant: number): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const { month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  // The short style has two digits of the year.
  const near = new Date(instant).getUTCFullYear();
  const years = [near - 1, near, near + 1].filter((year) => year % 100 === parts['year']);
  return Date.UTC(years[0] ?? NaN, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

describe('TimeZone.of', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['EUROPE/BERLIN', 'Europe/Berlin'],
    ['UTC', 'UTC'],
    ['utc', 'UTC'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['America/Argentina/ComodRivadavia', 'America/Argentina/ComodRivadavia'],
    ['US/Eastern', 'US/Eastern'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['+02:00', '+02:00'],
    ['+0200', '+02:00'],
    ['-05', '-05:00'],
    ['-0530', '-05:30'],
    ['+00:19:32', '+00:19:32'],
    ['-00:00', '+00:00'],
  ])('knows %s as %s', (given, name) => {
    expect(TimeZone.of(given).name).toBe(name);
  });

  it('makes one object for a zone, however it is spelled', () => {
    expect(TimeZone.of('europe/berlin')).toBe(TimeZone.of('Europe/Berlin'));
    expect(TimeZone.of('+0200')).toBe(TimeZone.of('+02:00'));
  });

  it('spells the second name of a zone in one way, so that spellings cannot fill the memory', () => {
    const names = [
      'America/Buenos_Aires',
      'America/Port-au-Prince',
      'Africa/Asmera',
      'America/Knox_IN',
      'America/Argentina/ComodRivadavia',
      'Australia/ACT',
      'US/East-Indiana',
      'Chile/EasterIsland',
      'GB-Eire',
      'NZ-CHAT',
      'W-SU',
      'Etc/GMT-0',
      'Asia/Ujung_Pandang',
    ];
    for (const name of names) {
      for (const spelled of [name.toUpperCase(), name.toLowerCase(), name.replace('a', 'A').replace('e', 'E')]) {
        expect(TimeZone.of(spelled)).toBe(TimeZone.of(name));
        expect(TimeZone.of(spelled).name).toBe(name);
      }
    }
  });

  it.each([
    '',
    'Mars/Olympus',
    'Europe',
    '+24:00',
    '+02:60',
    '+2',
    '02:00',
    ' UTC',
    'GMT+5',
    '__proto__',
    'constructor',
  ])('refuses %j, naming it', (name) => {
    expect(() => TimeZone.of(name)).toThrow(InvalidInputError);
    expect(() => TimeZone.of(name)).toThrow(
      `timezone must be an IANA time zone, UTC or an offset such as +02:00, got "${name}"`,
    );
  });

  it.each([undefined, null, 5, {}, ['UTC']])('refuses %j, which is no string', (name) => {
    expect(() => TimeZone.of(name as string)).toThrow(InvalidInputError);
  });

  it('knows the zone of the computer', () => {
    expect(TimeZone.of(localTimeZone()).name).toBe(localTimeZone());
  });
});

describe('offsetAt', () => {
  it('agrees with Intl in every zone of the platform, near changes and far from them', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    const instants = fc.integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(2200, 0, 1) / 1000 });
    fc.assert(
      fc.property(zones, instants, (name, second) => {
        const zone = TimeZone.of(name);
        expect(zone.offsetAt(second * 1000)).toBe(plainOffset(name, second * 1000));
        const { start, end } = zone.segmentAt(second * 1000);
        for (const instant of [start - 1000, start, end - 1000, end]) {
          expect(zone.offsetAt(instant)).toBe(plainOffset(name, instant));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    // Rule Brazil 2000: Oct 8 0:00 1:00, Oct 15 0:00 0 in Roraima: one week, the shortest summer since 1970.
    { zone: 'America/Boa_Vista', instant: '2000-10-08T03:59:59Z', hours: -4 },
    { zone: 'America/Boa_Vista', instant: '2000-10-08T04:00:00Z', hours: -3 },
    { zone: 'America/Boa_Vista', instant: '2000-10-15T02:59:59Z', hours: -3 },
    { zone: 'America/Boa_Vista', instant: '2000-10-15T03:00:00Z', hours: -4 },
    // Rule Morocco 2026: Feb 15 3:00 -1:00, Mar 22 2:00 0.
    { zone: 'Africa/Casablanca', instant: '2026-02-15T01:59:59Z', hours: 1 },
    { zone: 'Africa/Casablanca', instant: '2026-02-15T02:00:00Z', hours: 0 },
    { zone: 'Africa/Casablanca', instant: '2026-03-22T01:59:59Z', hours: 0 },
    { zone: 'Africa/Casablanca', instant: '2026-03-22T02:00:00Z', hours: 1 },
    // Zone Africa/Monrovia -0:44:30 until 1972 Jan 7.
    { zone: 'Africa/Monrovia', instant: '1972-01-07T00:44:29Z', hours: -(44 * 60 + 30) / 3600 },
    { zone: 'Africa/Monrovia', instant: '1972-01-07T00:44:30Z', hours: 0 },
    { zone: '-05:30', instant: '2026-01-01T00:00:00Z', hours: -5.5 },
    { zone: 'UTC', instant: '2026-01-01T00:00:00Z', hours: 0 },
  ])('is $hours h in $zone at $instant', ({ zone, instant, hours }) => {
    expect(TimeZone.of(zone).offsetAt(Date.parse(instant)) / HOUR).toBe(hours);
  });

  it('agrees with Intl in centuries that are far away, whose rules it takes from nearer ones', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca');
    const instants = fc.integer({ min: Date.UTC(2500, 0, 1) / 1000, max: Date.UTC(9999, 0, 1) / 1000 });
    fc.assert(
      fc.property(zones, instants, (name, second) => {
        const { start, end, offset, offsetBefore } = TimeZone.of(name).segmentAt(second * 1000);
        expect(offset).toBe(plainOffset(name, second * 1000));
        for (const instant of [start, end - 1000]) expect(offset).toBe(plainOffset(name, instant));
        expect(offsetBefore).toBe(plainOffset(name, start - 1000));
      }),
      { numRuns: 300 },
    );
  });

  it('answers at the ends of the calendar', () => {
    expect(TimeZone.of('Asia/Tokyo').offsetAt(Date.parse('9999-12-31T23:59:59Z'))).toBe(9 * HOUR);
    expect(TimeZone.of('Asia/Tokyo').offsetAt(Date.parse('0001-01-01T00:00:00Z'))).toBe(
      9 * HOUR + 18 * MINUTE + 59_000,
    );
  });
});

describe('toInstant', () => {
  it.each([
    { why: 'an ordinary time', zone: 'Europe/Berlin', at: '2026-07-01T12:00:00', instant: '2026-07-01T10:00:00' },
    {
      why: 'a repeated time as the first',
      zone: 'Europe/Berlin',
      at: '2026-10-25T02:30:00',
      instant: '2026-10-25T00:30:00',
    },
    {
      why: 'a time in a gap by the offset before it',
      zone: 'Europe/Berlin',
      at: '2026-03-29T02:30:00',
      instant: '2026-03-29T01:30:00',
    },
    { why: 'the end of a gap', zone: 'Europe/Berlin', at: '2026-03-29T03:00:00', instant: '2026-03-29T01:00:00' },
    { why: 'the start of a gap', zone: 'Europe/Berlin', at: '2026-03-29T02:00:00', instant: '2026-03-29T01:00:00' },
    { why: 'the end of an overlap', zone: 'Europe/Berlin', at: '2026-10-25T03:00:00', instant: '2026-10-25T02:00:00' },
    {
      why: 'a time of the day that Samoa left out',
      zone: 'Pacific/Apia',
      at: '2011-12-30T12:00:00',
      instant: '2011-12-30T22:00:00',
    },
    {
      why: 'a time in half an hour of gap',
      zone: 'Australia/Lord_Howe',
      at: '2026-10-04T02:15:00',
      instant: '2026-10-03T15:45:00',
    },
    { why: 'a time with a fixed offset', zone: '+05:45', at: '2026-01-01T00:00:00', instant: '2025-12-31T18:15:00' },
  ])('reads $why', ({ zone, at, instant }) => {
    expect(iso(TimeZone.of(zone).toInstant(wall(at)))).toBe(instant);
  });

  it('finds the first instant that shows a time, wherever one does', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'), '+05:45', 'UTC');
    const seconds = fc.integer({ min: Date.UTC(1970, 0, 1) / 1000, max: Date.UTC(2050, 0, 1) / 1000 });
    fc.assert(
      fc.property(zones, seconds, fc.boolean(), fc.integer({ min: -7200, max: 7200 }), (name, second, near, shift) => {
        const zone = TimeZone.of(name);
        const instant = near ? zone.segmentAt(second * 1000).end + shift * 1000 : second * 1000;
        if (!Number.isFinite(instant)) return;
        const shown = instant + zone.offsetAt(instant);
        const first = zone.toInstant(shown);
        expect(first).toBeLessThanOrEqual(instant);
        expect(first + zone.offsetAt(first)).toBe(shown);
      }),
      { numRuns: 1000 },
    );
  });
});
