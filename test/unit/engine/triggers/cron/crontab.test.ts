import { describe, expect, it } from 'vitest';
import { CronTrigger } from '../../../../../lib/engine/triggers/cron.trigger.js';
import { faultsOf } from '../faults.js';
import { fires } from '../fires.js';

// Thursday.
const START = '2026-01-01T00:00:00Z';

const crontab = (expression: string, timezone = 'UTC') => CronTrigger.fromCrontab(expression, { timezone });
const utc = (...times: string[]): string[] => times.map((time) => `${time}:00+00:00`);

describe('a crontab string', () => {
  it.each([
    ['*/20 * * * *', utc('2026-01-01T00:00', '2026-01-01T00:20', '2026-01-01T00:40')],
    ['0 9 * * 1-5', utc('2026-01-01T09:00', '2026-01-02T09:00', '2026-01-05T09:00')],
    ['0 9 * * MON-FRI', utc('2026-01-01T09:00', '2026-01-02T09:00', '2026-01-05T09:00')],
    ['0 0 * * 0', utc('2026-01-04T00:00', '2026-01-11T00:00', '2026-01-18T00:00')],
    ['0 0 * * 7', utc('2026-01-04T00:00', '2026-01-11T00:00', '2026-01-18T00:00')],
    ['0 0 * * sun', utc('2026-01-04T00:00', '2026-01-11T00:00', '2026-01-18T00:00')],
    ['0 0 * * 5-7', utc('2026-01-02T00:00', '2026-01-03T00:00', '2026-01-04T00:00')],
    ['0 0 29 2 *', utc('2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00')],
    ['  5   4  1  jan,jul *  ', utc('2026-01-01T04:05', '2026-07-01T04:05', '2027-01-01T04:05')],
    ['@daily', utc('2026-01-01T00:00', '2026-01-02T00:00', '2026-01-03T00:00')],
    ['@WEEKENDS', utc('2026-01-03T00:00', '2026-01-04T00:00', '2026-01-10T00:00')],
    ['@yearly', utc('2026-01-01T00:00', '2027-01-01T00:00', '2028-01-01T00:00')],
    ['@hourly', utc('2026-01-01T00:00', '2026-01-01T01:00', '2026-01-01T02:00')],
  ])('%j means what cron means by it', (expression, expected) => {
    expect(fires(crontab(expression), START, 3)).toEqual(expected);
  });

  it('has seconds first when it has six fields', () => {
    expect(fires(crontab('15,45 30 8 * * *'), START, 3)).toEqual([
      '2026-01-01T08:30:15+00:00',
      '2026-01-01T08:30:45+00:00',
      '2026-01-02T08:30:15+00:00',
    ]);
  });

  it('takes either day when day of month and day of week are both restricted', () => {
    expect(fires(crontab('0 0 13 * 5'), START, 5)).toEqual(
      utc('2026-01-02T00:00', '2026-01-09T00:00', '2026-01-13T00:00', '2026-01-16T00:00', '2026-01-23T00:00'),
    );
  });

  it('takes both days when one of them begins with *, as Vixie cron does', () => {
    expect(fires(crontab('0 0 */2 * 1'), START, 3)).toEqual(
      utc('2026-01-05T00:00', '2026-01-19T00:00', '2026-02-09T00:00'),
    );
    expect(fires(crontab('0 0 13 * */6'), START, 2)).toEqual(utc('2026-06-13T00:00', '2026-09-13T00:00'));
  });

  it('takes a range of all days for a restriction, since its text does not begin with *', () => {
    expect(fires(crontab('0 0 1-31 * 1'), START, 3)).toEqual(
      utc('2026-01-01T00:00', '2026-01-02T00:00', '2026-01-03T00:00'),
    );
  });

  it('does not lose the 59th minute of 0-58', () => {
    expect(crontab('0-58 * * * *').next(null, Date.parse('2026-01-01T00:58:30Z'))).toBe(
      Date.parse('2026-01-01T01:00:00Z'),
    );
  });

  it.each([
    ['30 2 * * *', '2026-03-08T03:00:00-04:00'],
    ['*/30 2 * * *', '2026-03-09T02:00:00-04:00'],
    ['0-59/30 2 * * *', '2026-03-08T03:00:00-04:00'],
    ['@daily', '2026-03-09T00:00:00-04:00'],
  ])('knows by its text whether its times are fixed, for the change of clocks: %j', (expression, expected) => {
    expect(fires(crontab(expression, 'America/New_York'), '2026-03-08T06:30:00Z', 1)).toEqual([expected]);
  });

  it.each([
    ['@daily', ['2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00']],
    ['0 0 * * *', ['2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00']],
    ['@hourly', ['2026-11-01T00:00:00-04:00', '2026-11-01T00:00:00-05:00', '2026-11-01T01:00:00-05:00']],
    ['0 * * * *', ['2026-11-01T00:00:00-04:00', '2026-11-01T00:00:00-05:00', '2026-11-01T01:00:00-05:00']],
  ])('knows the same of a preset: %j', (expression, expected) => {
    // Rule Cuba 2012 max: Nov Sun>=1 0:00s 0. Midnight comes twice on 1 November 2026.
    expect(fires(crontab(expression, 'America/Havana'), '2026-11-01T03:30:00Z', expected.length)).toEqual(expected);
  });

  it('stands in JSON as it was written, less needless blanks', () => {
    expect(crontab(' 0  9 * * MON ').toJSON()).toEqual({ type: 'cron', crontab: '0 9 * * MON', timezone: 'UTC' });
  });

  it.each([
    '',
    ' ',
    '* * * *',
    '* * * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '5-1 * * * *',
    '* * * * fri-sun',
    'a * * * *',
    '1,,2 * * * *',
    '1-2-3 * * * *',
    '5* * * * *',
    '-1 * * * *',
    '1.5 * * * *',
    '? * * * *',
    '0 0 L * *',
    '@never',
    '@reboot',
    '0 0 30 2 *',
    '0 0 31 4,6,9,11 *',
  ])('is refused when it cannot be: %j', (expression) => {
    const faults = faultsOf(() => crontab(expression));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^crontab (cannot be read: .+, got "|can never match: )/);
    expect(faults[0]).toContain(JSON.stringify(expression.trim()));
  });

  it.each([5, true, {}, ['* * * * *']])('is refused when it is no string: %j', (expression) => {
    expect(faultsOf(() => crontab(expression as string))[0]).toMatch(/^crontab must be a string, got /);
  });
});
