import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../lib/engine/errors.js';
import { CronTrigger } from '../../../../lib/engine/triggers/cron.trigger.js';
import { DateTrigger } from '../../../../lib/engine/triggers/date.trigger.js';
import { IntervalTrigger } from '../../../../lib/engine/triggers/interval.trigger.js';
import type { Trigger } from '../../../../lib/engine/triggers/trigger.js';
import { createTrigger } from '../../../../lib/engine/triggers/trigger-factory.js';

const makers: Readonly<Record<string, (options: never) => Trigger>> = {
  interval: (options) => new IntervalTrigger(options),
  cron: (options) => new CronTrigger(options),
  date: (options) => new DateTrigger(options),
};

function outcomeOf(make: () => Trigger): unknown {
  try {
    return make().toJSON();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.faults;
    throw error;
  }
}

describe('createTrigger', () => {
  it.each([null, [], 5, 'x', new Map()])(
    'refuses %j in place of options, though one without any was made before',
    (options) => {
      createTrigger('cron', {});
      expect(() => createTrigger('cron', options as never)).toThrow(InvalidInputError);
    },
  );

  it('makes what its options say, whatever was made before', () => {
    const value = fc.constantFrom<unknown>(
      0,
      -0,
      1,
      2,
      '1',
      null,
      undefined,
      NaN,
      new Date(0),
      '2030-01-01',
      'UTC',
      [1],
    );
    const name = fc.constantFrom(
      'days',
      'hours',
      'hour',
      'startDate',
      'endDate',
      'runDate',
      'timezone',
      'toString',
      'x',
    );
    const given = fc.record({
      type: fc.constantFrom(...Object.keys(makers)),
      options: fc.dictionary(name, value, { maxKeys: 3 }),
    });
    fc.assert(
      fc.property(fc.array(given, { maxLength: 20 }), (all) => {
        // Often twice, so that there is something to recall.
        for (const { type, options } of all.flatMap((one) => [one, one])) {
          const made = outcomeOf(() => createTrigger(type, options));
          expect(made).toEqual(outcomeOf(() => (makers[type] as (options: unknown) => Trigger)(options)));
        }
      }),
    );
  });

  it('makes one trigger for jobs that have the same, one after the other', () => {
    const first = createTrigger('cron', { hour: 9, timezone: 'Europe/Berlin' });
    expect(createTrigger('cron', { timezone: 'Europe/Berlin', hour: 9 })).toBe(first);
    expect(createTrigger('cron', { hour: 9, timezone: 'UTC' })).not.toBe(first);
  });

  it('does not take a date for what it was, for it may have changed', () => {
    const runDate = new Date(1000);
    createTrigger('date', { runDate });
    runDate.setTime(2000);
    expect(createTrigger('date', { runDate }).next(null, 0)).toBe(2000);
  });

  it('takes an option that is undefined for one that is not there, as any other', () => {
    createTrigger('interval', { days: undefined, seconds: 5 });
    expect(createTrigger('interval', { seconds: 5, hours: 1 }).toJSON()).toMatchObject({ hours: 1, seconds: 5 });
  });
});
