import { describe, expect, it } from 'vitest';
import { fixJobDef } from '../../../../lib/rest/wire/fix-job-def.js';

const fixed = (jobDef: Record<string, unknown>, timezone?: string): Record<string, unknown> => {
  fixJobDef(jobDef, timezone);
  return jobDef;
};

describe('fixJobDef', () => {
  it('makes dates of date strings, in place', () => {
    expect(
      fixed({
        start_date: '2030-01-01T00:00:00Z',
        end_date: '2031-01-01 12:00:00+02:00',
        run_date: '2030-01-01T00:00:00Z',
      }),
    ).toEqual({
      start_date: new Date('2030-01-01T00:00:00Z'),
      end_date: new Date('2031-01-01T10:00:00Z'),
      run_date: new Date('2030-01-01T00:00:00Z'),
    });
  });

  it("reads dates without an offset in the definition's zone, else in the given one", () => {
    expect(fixed({ start_date: '2030-01-01', timezone: '+02:00' })['start_date']).toEqual(
      new Date('2029-12-31T22:00:00Z'),
    );
    expect(fixed({ startDate: '2030-01-01' }, 'UTC')['startDate']).toEqual(new Date('2030-01-01T00:00:00Z'));
  });

  it('spreads a nested trigger out', () => {
    expect(fixed({ id: 'a', trigger: { type: 'cron', hour: 3, start_date: '2030-01-01T00:00:00Z' } })).toEqual({
      id: 'a',
      trigger: 'cron',
      hour: 3,
      start_date: new Date('2030-01-01T00:00:00Z'),
    });
  });

  it('takes a nested trigger without a type for a date', () => {
    expect(fixed({ trigger: { run_date: '2030-01-01T00:00:00Z' } })).toEqual({
      trigger: 'date',
      run_date: new Date('2030-01-01T00:00:00Z'),
    });
  });

  it('leaves everything else as it is', () => {
    const date = new Date(0);
    expect(fixed({ id: 'a', trigger: 'interval', start_date: date, args: ['2030-01-01'] })).toEqual({
      id: 'a',
      trigger: 'interval',
      start_date: date,
      args: ['2030-01-01'],
    });
  });

  it('leaves the days of a calendar interval days', () => {
    const days = { start_date: '2030-01-31', end_date: '2030-12-31' };
    expect(fixed({ trigger: { type: 'calendarinterval', months: 1, ...days } })).toEqual({
      trigger: 'calendarinterval',
      months: 1,
      ...days,
    });
  });

  it('never lets a definition change a prototype', () => {
    const jobDef = fixed({ trigger: JSON.parse('{"type":"date","__proto__":{"polluted":true}}') as unknown });
    expect(Object.getPrototypeOf(jobDef)).toBe(Object.prototype);
    expect((jobDef as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('names the field that is no date', () => {
    expect(() => fixed({ end_date: 'soon' })).toThrow(/end_date .*soon/);
  });
});
