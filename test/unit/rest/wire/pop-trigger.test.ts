import { describe, expect, it } from 'vitest';
import { popTrigger } from '../../../../lib/rest/wire/pop-trigger.js';

describe('popTrigger', () => {
  it('takes a date trigger out', () => {
    const data = { id: 'a', trigger: 'date', run_date: '2030-01-01', timezone: 'UTC', hours: 1 };
    expect(popTrigger(data)).toEqual(['date', { run_date: '2030-01-01', timezone: 'UTC' }]);
    expect(data).toEqual({ id: 'a', hours: 1 });
  });

  it('takes an interval trigger out', () => {
    const options = {
      weeks: 1,
      days: 2,
      hours: 3,
      minutes: 4,
      seconds: 5,
      start_date: 's',
      end_date: 'e',
      timezone: 'UTC',
    };
    const data = { trigger: 'interval', ...options, func: 'f' };
    expect(popTrigger(data)).toEqual(['interval', options]);
    expect(data).toEqual({ func: 'f' });
  });

  it('takes a cron trigger out', () => {
    const fields = { year: 1, month: 2, day: 3, week: 4, day_of_week: 5, hour: 6, minute: 7, second: 8 };
    const data = { trigger: 'cron', ...fields, start_date: 's', end_date: 'e', timezone: 'UTC', name: 'n' };
    expect(popTrigger(data)).toEqual(['cron', { ...fields, start_date: 's', end_date: 'e', timezone: 'UTC' }]);
    expect(data).toEqual({ name: 'n' });
  });

  it('takes triggers with triggers inside out', () => {
    const [triggers, base, except] = [[{ trigger: 'cron', hour: 5 }], { trigger: 'date' }, ['2030-01-01']];
    const data = { trigger: 'except', base, except, triggers, id: 'a' };
    expect(popTrigger(data)).toEqual(['except', { base, except }]);
    expect(popTrigger({ ...data, trigger: 'or', jitter: 5 })).toEqual(['or', { triggers, jitter: 5 }]);
  });

  it("takes members in TypeScript's spelling too", () => {
    expect(popTrigger({ trigger: 'cron', dayOfWeek: 'mon', startDate: 's' })).toEqual([
      'cron',
      { dayOfWeek: 'mon', startDate: 's' },
    ]);
  });

  it.each(['nope', undefined, null, { type: 'date' }, 'constructor'])(
    'refuses %j and leaves the rest alone',
    (trigger) => {
      const data = { trigger, run_date: '2030-01-01' };
      expect(() => popTrigger(data)).toThrow(/trigger .* is not supported; known are date, interval, cron/);
      expect(data).toEqual({ trigger, run_date: '2030-01-01' });
    },
  );
});
