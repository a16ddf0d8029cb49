import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../../lib/engine/errors.js';
import type { TriggerJson } from '../../../../../lib/engine/triggers/trigger.js';
import { triggerFromJson } from '../../../../../lib/engine/triggers/trigger-factory.js';
import { engineWorld, START } from '../../../../support/engine.js';

const cron = (fields: object): TriggerJson => ({ type: 'cron', timezone: 'UTC', ...fields });
const and = (...triggers: TriggerJson[]): TriggerJson => ({ type: 'and', triggers });
const or = (...triggers: TriggerJson[]): TriggerJson => ({ type: 'or', triggers });

/** A trigger around another one, and one around that, and so on. */
function nested(levels: number, innermost: TriggerJson, around: (inner: TriggerJson, level: number) => TriggerJson) {
  let trigger = innermost;
  for (let level = 0; level < levels; level++) trigger = around(trigger, level);
  return trigger;
}

/** The CPU time of this process that an action takes, in milliseconds: other processes do not count. */
async function cpuOf(action: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  try {
    await action();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const primes = Array.from({ length: 2000 }, (_, index) => index + 101)
  .filter((value) => !Array.from({ length: 45 }, (_, index) => index + 2).some((divisor) => value % divisor === 0))
  .slice(0, 100);
const zones = Intl.supportedValuesOf('timeZone');
const leapMonday = cron({ month: 2, day: 29, dayOfWeek: 'mon', hour: 1 });
const never = and(cron({ hour: 1 }), cron({ hour: 2 }));

/** Each of these once took seconds, minutes or for ever. */
const hostile: Record<string, TriggerJson> = {
  'an and of a hundred intervals': and(
    ...primes.map((seconds) => ({ type: 'interval', seconds, startDate: '2030-01-01T00:00:00Z' })),
  ),
  'or in or, 15 levels deep, around what rarely fires': nested(14, and(cron({ hour: 1 }), leapMonday), (inner) =>
    or(inner),
  ),
  'or in or, around what never fires, each with another that hardly fires': nested(14, never, (inner, level) =>
    or(inner, and(cron({ year: 9000 + level }), cron({ month: 1 }))),
  ),
  'or, and, except in turns': nested(15, cron({ second: '*/2' }), (inner, level) => {
    const other = cron({ second: `*/${(level % 7) + 2}` });
    if (level % 3 === 0) return { type: 'except', base: inner, except: [other] };
    return level % 3 === 1 ? or(inner, other) : and(inner, other);
  }),
  'hundreds of pairs that never meet': or(...Array.from({ length: 333 }, () => never)),
  'milliseconds, every other one of them excluded': {
    type: 'except',
    base: { type: 'interval', seconds: 0.001, startDate: '2026-01-01T00:00:00Z' },
    except: [0, 1].map((ms) => ({ type: 'interval', seconds: 0.002, startDate: `2026-01-01T00:00:00.00${ms}Z` })),
  },
  'a time that every year’s gap swallows, four thousand years away': cron({
    month: 3,
    day: 'last sun',
    hour: 2,
    minute: '*/30',
    startDate: '6000-01-01',
    timezone: 'Europe/Rome',
  }),
  'every zone, each in another decade': or(
    ...zones.map((timezone, index) => cron({ year: 2000 + index * 10, timezone })),
  ),
  'calendar intervals that began in the year 1': or(
    ...Array.from({ length: 999 }, () => ({
      type: 'calendarinterval',
      months: 1,
      days: 1,
      startDate: '0001-01-01',
      timezone: 'UTC',
    })),
  ),
  'a list of 24,000 years': cron({ year: Array(24_000).fill('*/1').join() }),
};

describe('A trigger that is hard to search', () => {
  it.each(Object.entries(hostile))('is answered or refused within its work budget: %s', async (_, json) => {
    const { scheduler } = engineWorld();
    expect(await cpuOf(() => scheduler.preview({ trigger: json }, { count: 1000 }))).toBeLessThan(2500);
    expect(await cpuOf(() => triggerFromJson(json).previous(START))).toBeLessThan(1000);
    expect(await cpuOf(() => scheduler.addJob({ id: 'x', task: () => undefined, trigger: json }))).toBeLessThan(2500);
  });

  it('still fires where it can be found, however deeply it is nested', () => {
    const trigger = triggerFromJson(hostile['or in or, 15 levels deep, around what rarely fires']);
    expect(trigger.next(null, Date.parse('2030-01-01T00:00Z'))).toBe(Date.parse('2044-02-29T01:00Z'));
    expect(trigger.previous(Date.parse('2044-01-01T00:00Z'))).toBe(Date.parse('2016-02-29T01:00Z'));
  });

  it('meets intervals whose common period is beyond the calendar once, where they begin', () => {
    const startDate = '2030-01-01T00:00:00Z';
    const trigger = triggerFromJson(and(...primes.map((seconds) => ({ type: 'interval', seconds, startDate }))));
    expect(trigger.next(null, Date.parse('2026-01-01T00:00Z'))).toBe(Date.parse(startDate));
    expect(trigger.next(Date.parse(startDate), 0)).toBeNull();
  });
});
