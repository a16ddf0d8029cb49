import { DateTrigger, IntervalTrigger, type DateInput, type Job, type JobDefinition } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../../../support/engine.js';

/** 2030-06-01, noon in Berlin: two hours before UTC's noon. */
const INSTANT = Date.UTC(2030, 5, 1, 10);
const BERLIN = 'Europe/Berlin';

const FORMS: readonly (readonly [form: string, date: DateInput])[] = [
  ['a Date', new Date(INSTANT)],
  ['epoch milliseconds', INSTANT],
  ['ISO 8601 in UTC', '2030-06-01T10:00:00Z'],
  ['ISO 8601 with an offset', '2030-06-01T12:00:00+02:00'],
  ['ISO 8601 without an offset', '2030-06-01T12:00:00'],
  ['ISO 8601 with a blank and without seconds', '2030-06-01 12:00'],
  ['ISO 8601 with a fraction', '2030-06-01T12:00:00.000000'],
];

const NO_DATES = [
  '',
  'soon',
  '2030',
  '01.06.2030',
  '2030-02-30',
  '2030-06-01T25:00',
  NaN,
  Infinity,
  1e17,
  true,
  {},
  [],
];

const task = (): undefined => undefined;
const REPEATED = { task, trigger: 'interval', days: 1, timezone: BERLIN } as const;

/** Everything that takes a date: what instant it makes of one. */
const TAKERS: Readonly<Record<string, (date: DateInput) => Promise<number | null | undefined>>> = {
  runDate: async (runDate) => (await add({ task, trigger: 'date', runDate, timezone: BERLIN })).nextRunTime,
  'runDate of a nested trigger': async (runDate) =>
    (await add({ task, trigger: { type: 'date', runDate, timezone: BERLIN } })).nextRunTime,
  'runDate of a trigger that is made': async (runDate) => new DateTrigger({ runDate, timezone: BERLIN }).runDate,
  startDate: async (startDate) => (await add({ ...REPEATED, startDate })).nextRunTime,
  endDate: async (endDate) => {
    const trigger = new IntervalTrigger({ seconds: 1, startDate: 0, endDate, timezone: BERLIN });
    return trigger.previous(Infinity);
  },
  nextRunTime: async (nextRunTime) => (await add({ ...REPEATED, nextRunTime })).nextRunTime,
  'nextRunTime of a change': async (nextRunTime) => {
    const { scheduler } = engineWorld();
    await scheduler.addJob({ ...REPEATED, id: 'a' });
    return (await scheduler.modifyJob('a', { nextRunTime })).nextRunTime;
  },
  from: async (from) => {
    const { scheduler } = engineWorld();
    const { times } = await scheduler.preview({ trigger: 'cron', minute: '*', timezone: BERLIN }, { from, count: 1 });
    return times[0]?.time;
  },
};

async function add(definition: JobDefinition): Promise<Job> {
  const { scheduler } = engineWorld();
  await scheduler.start({ paused: true });
  return scheduler.addJob(definition);
}

describe.each(Object.entries(TAKERS))('The date %s', (name, instantOf) => {
  it.each(FORMS)('may be %s', async (_, date) => {
    expect(await instantOf(date)).toBe(INSTANT);
  });

  it.each(NO_DATES)('may not be %o', async (date) => {
    const [field = ''] = name.split(' ');
    await expect(instantOf(date as DateInput)).rejects.toThrow(new RegExp(`\\b${field} must .*, got `));
  });
});
