import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDate, formatWall, parseDate, type DateInput } from '../../../../lib/engine/time/iso-date.js';
import { faultsOf } from '../triggers/faults.js';

const parse = (input: unknown, timezone = 'UTC') => parseDate(input as DateInput, 'startDate', timezone);

describe('parseDate', () => {
  it.each([
    ['2030-01-01', '2030-01-01T00:00:00.000Z', null],
    ['2030-1-2', '2030-01-02T00:00:00.000Z', null],
    ['2030-01-01 09:30', '2030-01-01T09:30:00.000Z', null],
    ['2030-01-01 00:00:00', '2030-01-01T00:00:00.000Z', null],
    ['2030-01-01T9:5:7', '2030-01-01T09:05:07.000Z', null],
    ['2030-01-01T09:30:15.5', '2030-01-01T09:30:15.500Z', null],
    ['2026-11-22T22:46:39.205333+00:00', '2026-11-22T22:46:39.205Z', '+00:00'],
    ['2030-01-01T09:30:15.123456789Z', '2030-01-01T09:30:15.123Z', '+00:00'],
    ['2030-05-05T12:00:00+02:00', '2030-05-05T10:00:00.000Z', '+02:00'],
    ['2030-05-05T12:00-0530', '2030-05-05T17:30:00.000Z', '-05:30'],
    ['2030-05-05 12:00+02', '2030-05-05T10:00:00.000Z', '+02:00'],
    ['2030-05-05T12:00:00+00:19:32', '2030-05-05T11:40:28.000Z', '+00:19:32'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z', null],
    ['0001-01-01', '0001-01-01T00:00:00.000Z', null],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999Z', '+00:00'],
  ])('reads %s', (text, instant, offset) => {
    expect(parse(text)).toEqual({ epochMs: Date.parse(instant), offset });
  });

  it('reads a date without an offset in the given zone', () => {
    expect(parse('2030-07-01 09:00', 'America/New_York').epochMs).toBe(Date.parse('2030-07-01T13:00:00Z'));
    expect(parse('2030-07-01 09:00', '+05:45').epochMs).toBe(Date.parse('2030-07-01T03:15:00Z'));
  });

  it('takes a Date and epoch milliseconds for what they are', () => {
    expect(parse(new Date(1234), 'Asia/Tokyo')).toEqual({ epochMs: 1234, offset: null });
    expect(parse(0, 'Asia/Tokyo')).toEqual({ epochMs: 0, offset: null });
    expect(parse(-1.5)).toEqual({ epochMs: -2, offset: null });
  });

  it.each([
    '',
    'tomorrow',
    '2030',
    '2030-01',
    '20300101',
    '2030-01-01T',
    '2030-01-01T09',
    '2030-01-01  09:00',
    ' 2030-01-01',
    '2030-01-01\n',
    '2030-01-01Z',
    '2030-01-01T09:00:00,5',
    '2030-01-01T09:00:00.',
    '2030-01-01T09:00 UTC',
    '2030-01-01T09:00+2',
    '2030-W01-1',
    '+002030-01-01',
    '2030-13-01',
    '2030-00-01',
    '2030-01-00',
    '2030-01-32',
    '2030-02-30',
    '2029-02-29',
    '2100-02-29',
    '2030-01-01T24:00',
    '2030-01-01T23:60',
    '2030-01-01T23:59:60',
    '2030-01-01T09:00+24:00',
    '2030-01-01T09:00+02:60',
    '0000-01-01',
    '0001-01-01T00:00+01:00',
    '9999-12-31T23:59-01:00',
    NaN,
    Infinity,
    -Infinity,
    1e15,
    -1e15,
    new Date(NaN),
    new Date(8.64e15),
    null,
    true,
    {},
    [],
    1n,
  ])('refuses %o, naming field and value', (input) => {
    const faults = faultsOf(() => parse(input));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^startDate must .*, got ./);
  });

  it('refuses an unknown zone', () => {
    expect(faultsOf(() => parse('2030-01-01', 'Mars/Olympus'))[0]).toMatch(/^timezone must be an IANA time zone/);
  });
});

describe('formatDate', () => {
  it.each([
    ['2030-05-05T10:00:00.000Z', '+02:00', '2030-05-05T12:00:00+02:00'],
    ['2030-05-05T10:00:00.000Z', 'UTC', '2030-05-05T10:00:00+00:00'],
    ['2030-05-05T10:00:00.205Z', 'UTC', '2030-05-05T10:00:00.205000+00:00'],
    ['2030-05-05T10:00:00.005Z', '-05:30', '2030-05-05T04:30:00.005000-05:30'],
    ['2030-07-01T13:00:00.000Z', 'America/New_York', '2030-07-01T09:00:00-04:00'],
    ['1936-12-31T23:40:28.000Z', 'Africa/Monrovia', '1936-12-31T22:55:58-00:44:30'],
    ['1969-12-31T23:59:59.999Z', 'UTC', '1969-12-31T23:59:59.999000+00:00'],
    ['0001-01-01T00:00:00.000Z', 'UTC', '0001-01-01T00:00:00+00:00'],
  ])('writes %s in %s as Python does', (instant, timezone, expected) => {
    expect(formatDate(Date.parse(instant), timezone)).toBe(expected);
  });

  it('stays within the years that a date can name', () => {
    expect(formatDate(Date.parse('9999-12-31T23:30:00Z'), '+14:00')).toBe('9999-12-31T23:30:00+00:00');
    expect(formatDate(Date.parse('0001-01-01T00:30:00Z'), '-08:00')).toBe('0001-01-01T00:30:00+00:00');
  });

  it('writes what parseDate reads as the same instant', () => {
    const instants = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2400, 0, 1) });
    const zones = fc.constantFrom('UTC', '-05:30', 'Europe/Berlin', 'Africa/Monrovia', 'Australia/Lord_Howe');
    fc.assert(
      fc.property(instants, zones, (epochMs, timezone) => {
        expect(parseDate(formatDate(epochMs, timezone), 'date', 'UTC').epochMs).toBe(epochMs);
      }),
    );
  });
});

describe('formatWall', () => {
  it('tidies a date and leaves its zone open', () => {
    expect(formatWall('2030-1-2 9:05')).toBe('2030-01-02T09:05:00');
    expect(formatWall('2030-01-02T09:05:00.25')).toBe('2030-01-02T09:05:00.250000');
  });
});
