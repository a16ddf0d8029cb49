import { describe, expect, it } from 'vitest';
import { CronTrigger } from '../../../../../lib/engine/triggers/cron.trigger.js';
import type { CronTriggerOptions } from '../../../../../lib/engine/triggers/options.js';
import { triggerFromJson } from '../../../../../lib/engine/triggers/trigger-factory.js';
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
    ['@annually', utc('2026-01-01T00:00', '2027-01-01T00:00', '2028-01-01T00:00')],
    ['@midnight', utc('2026-01-01T00:00', '2026-01-02T00:00', '2026-01-03T00:00')],
    ['0 0 * * sat-sun', utc('2026-01-03T00:00', '2026-01-04T00:00', '2026-01-10T00:00')],
    ['0 0 * * mon-sun', utc('2026-01-01T00:00', '2026-01-02T00:00', '2026-01-03T00:00')],
    ['0 0 * * fri-mon', utc('2026-01-02T00:00', '2026-01-03T00:00', '2026-01-04T00:00')],
    ['0 0 * * fri-tue/2', utc('2026-01-02T00:00', '2026-01-04T00:00', '2026-01-06T00:00')],
    ['0 0 1 nov-feb *', utc('2026-01-01T00:00', '2026-02-01T00:00', '2026-11-01T00:00')],
    ['0 0 ? * mon', utc('2026-01-05T00:00', '2026-01-12T00:00', '2026-01-19T00:00')],
    ['0 0 13 * ?', utc('2026-01-13T00:00', '2026-02-13T00:00', '2026-03-13T00:00')],
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
    'a * * * *',
    '1,,2 * * * *',
    '1-2-3 * * * *',
    '5* * * * *',
    '-1 * * * *',
    '1.5 * * * *',
    '? * * * *',
    '0 0 L * *',
    '0 0 15W * *',
    '0 0 * * 5#2',
    '0 0 * * fri#2',
    '0 9 * mon-fri *',
    '0 0 * * jan',
    '0 0 mon * *',
    '0 mon * * *',
    'jan * * * *',
    '0 0 * * sunmon',
    '0 0 1 janfeb *',
    '0 0 1 1jan *',
    '0 0 * * 0mon',
    '0 0 * * monday',
    '0 0 1 JAN-MON *',
    '0 0 1 constructor *',
    '0 ? * * *',
    '0 0 * ? *',
    '0 0 * * 5-1',
    '@never',
    '0 0 30 2 *',
    '0 0 31 4,6,9,11 *',
  ])('is refused when it cannot be: %j', (expression) => {
    const faults = faultsOf(() => crontab(expression));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^crontab (cannot be read: .+, got "|can never match: )/);
    expect(faults[0]).toContain(JSON.stringify(expression.trim()));
  });

  it('is refused when it is long, or lists very much', () => {
    const listOf = (parts: number): string => `${Array(parts).fill('1').join()} * * * *`;
    expect(faultsOf(() => crontab(listOf(24_000)))[0]).toContain('it is longer than 500 characters');
    expect(faultsOf(() => crontab(listOf(101)))[0]).toContain('a list has more than 100 parts');
    expect(fires(crontab(listOf(100)), START, 1)).toEqual(['2026-01-01T00:01:00+00:00']);
  });

  it('runs once at the end of a gap, however many of its times the gap swallows', () => {
    expect(fires(crontab('0,15,30,45 2 * * *', 'America/New_York'), '2026-03-08T06:30:00Z', 2)).toEqual([
      '2026-03-08T03:00:00-04:00',
      '2026-03-09T02:00:00-04:00',
    ]);
  });

  it.each([
    ['@reboot', 'runOnStart: true'],
    ['@every 5m', "{ trigger: 'interval', every: '5m' }"],
    ['0 0 L * *', 'dialect: "extended"'],
    ['0 mon * * *', '"mon" is no name for hours'],
  ])('says what to write in place of %j', (expression, instead) => {
    expect(faultsOf(() => crontab(expression))[0]).toContain(instead);
  });

  it.each([5, true, {}, ['* * * * *']])('is refused when it is no string: %j', (expression) => {
    expect(faultsOf(() => crontab(expression as string))[0]).toMatch(/^crontab must be a string, got /);
  });
});

describe('a crontab string in the extended dialect', () => {
  const extended = (expression: string) =>
    CronTrigger.fromCrontab(expression, { timezone: 'UTC', dialect: 'extended' });

  it.each([
    ['0 0 L * *', ['2026-01-31', '2026-02-28', '2026-03-31']],
    ['0 0 1,L * *', ['2026-01-01', '2026-01-31', '2026-02-01']],
    ['0 0 LW * *', ['2026-01-30', '2026-02-27', '2026-03-31']],
    // 15 February and 15 March 2026 are Sundays; 15 August is a Saturday.
    ['0 0 15W * *', ['2026-01-15', '2026-02-16', '2026-03-16']],
    ['0 0 15W 8 *', ['2026-08-14', '2027-08-16', '2028-08-15']],
    // Never in another month: 1 August 2026 is a Saturday, 31 January 2027 a Sunday.
    ['0 0 1W 8 *', ['2026-08-03', '2027-08-02', '2028-08-01']],
    ['0 0 31W 1 *', ['2026-01-30', '2027-01-29', '2028-01-31']],
    ['0 0 * * 5#2', ['2026-01-09', '2026-02-13', '2026-03-13']],
    ['0 0 * * FRI#L', ['2026-01-30', '2026-02-27', '2026-03-27']],
    ['0 0 * * 5L', ['2026-01-30', '2026-02-27', '2026-03-27']],
    ['0 0 * * friL', ['2026-01-30', '2026-02-27', '2026-03-27']],
    ['0 0 * * 7#1', ['2026-01-04', '2026-02-01', '2026-03-01']],
    ['0 0 * * sun#1,mon', ['2026-01-04', '2026-01-05', '2026-01-12']],
    ['0 0 * * sat-sun#1', ['2026-01-03', '2026-01-04', '2026-02-01']],
    // Either day is enough where both restrict.
    ['0 0 L * fri#1', ['2026-01-02', '2026-01-31', '2026-02-06']],
    ['0 9 * * 1-5', ['2026-01-01T09:00', '2026-01-02T09:00', '2026-01-05T09:00']],
  ])('%j has the meaning that croner gives it', (expression, days) => {
    const expected = utc(...days.map((day) => (day.includes('T') ? day : `${day}T00:00`)));
    expect(fires(extended(expression), START, 3)).toEqual(expected);
  });

  it('comes back from JSON as it was', () => {
    const trigger = extended('0 0 LW * *');
    expect(trigger.toJSON()).toEqual({ type: 'cron', crontab: '0 0 LW * *', dialect: 'extended', timezone: 'UTC' });
    expect(triggerFromJson(JSON.parse(JSON.stringify(trigger)))).toEqual(trigger);
  });

  it.each([
    'L * * * *',
    '0 0 0W * *',
    '0 0 32W * *',
    '0 0 W * *',
    '0 0 * L *',
    '0 0 * * 5#6',
    '0 0 * * 8#1',
    '0 0 * * 5W',
  ])('refuses %j', (expression) => {
    expect(faultsOf(() => extended(expression))[0]).toMatch(/^crontab cannot be read: /);
  });

  it('is chosen by its name, and only beside a crontab string', () => {
    const bad = { crontab: '0 0 * * *', dialect: 'quartz' } as unknown as CronTriggerOptions;
    expect(faultsOf(() => new CronTrigger(bad))).toEqual(['dialect must be one of standard, extended, got "quartz"']);
    const fields = { hour: 1, dialect: 'extended' } as unknown as CronTriggerOptions;
    expect(faultsOf(() => new CronTrigger(fields))).toEqual(['dialect goes with crontab only']);
  });
});
