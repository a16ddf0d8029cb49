import fc from 'fast-check';
import {
  CronTrigger,
  InvalidInputError,
  JobLookupError,
  SystemClock,
  type DateInput,
  type Trigger,
  type TriggerInput,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, HOUR, MINUTE, SECOND, START } from '../../../support/engine.js';

const nothing = (): undefined => undefined;
const BERLIN = 'Europe/Berlin';

async function faultsOf(preview: Promise<unknown>): Promise<string[]> {
  const error = await preview.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof InvalidInputError)) throw new Error(`was not refused as invalid: ${String(error)}`);
  return error.faults.map(({ field, problem }) => `${field} ${problem}`);
}

describe('A preview of a trigger', () => {
  it('says what it means and when it fires next, with the offset that its zone has then', async () => {
    const { scheduler } = engineWorld();
    const trigger = { trigger: 'cron', day: 'last sun', hour: 9, timezone: BERLIN } as const;
    expect(await scheduler.preview(trigger, { count: 3, from: '2030-03-01' })).toEqual({
      description: `at 09:00, on the last Sunday of the month (${BERLIN})`,
      timezone: BERLIN,
      times: [
        { time: Date.parse('2030-03-31T07:00:00Z'), iso: '2030-03-31T09:00:00+02:00' },
        { time: Date.parse('2030-04-28T07:00:00Z'), iso: '2030-04-28T09:00:00+02:00' },
        { time: Date.parse('2030-05-26T07:00:00Z'), iso: '2030-05-26T09:00:00+02:00' },
      ],
    });
  });

  it('has ten times from now on when nothing is said', async () => {
    const { scheduler } = engineWorld();
    const { times, timezone, description } = await scheduler.preview({ trigger: 'interval', every: '1h' });
    expect(times.map(({ time }) => time)).toEqual(Array.from({ length: 10 }, (_, n) => START + (n + 1) * HOUR));
    expect(timezone).toBe('UTC');
    expect(description).toBe('every hour, starting 1 January 2030 at 01:00:00 (UTC)');
  });

  it.each<[string, TriggerInput]>([
    ['with its options beside its name', { trigger: 'interval', hours: 1 }],
    ['with its options inside', { trigger: { type: 'interval', hours: 1 } }],
    ['in its plain form', { type: 'interval', hours: 1 }],
    ['made', CronTrigger.fromCrontab('0 * * * *')],
    ['made, inside', { trigger: CronTrigger.fromCrontab('0 * * * *') }],
  ])('takes a trigger %s', async (_, trigger) => {
    const { scheduler } = engineWorld();
    const { times } = await scheduler.preview(trigger, { count: 2, from: START + 1 });
    expect(times).toHaveLength(2);
    expect(times[1]!.time - times[0]!.time).toBe(HOUR);
  });

  it.each<[string, DateInput]>([
    ['a Date', new Date(START + DAY)],
    ['epoch milliseconds', START + DAY],
    ['text with an offset', '2030-01-02T00:00:00Z'],
    ['text without, in the trigger’s zone', '2030-01-02 01:00'],
  ])('begins at %s', async (_, from) => {
    const { scheduler } = engineWorld();
    const { times } = await scheduler.preview({ trigger: 'cron', minute: 0, timezone: BERLIN }, { count: 1, from });
    expect(times).toEqual([{ time: START + DAY, iso: '2030-01-02T01:00:00+01:00' }]);
  });

  it('reads text without an offset in the scheduler’s zone when the trigger has none, or in that of its dates', async () => {
    const { scheduler } = engineWorld({ timezone: 'Asia/Tokyo' });
    const at = async (trigger: TriggerInput) =>
      (await scheduler.preview(trigger, { count: 1, from: '2031-01-01' })).times[0];
    expect(await at({ trigger: 'cron', hour: 0 })).toMatchObject({ iso: '2031-01-01T00:00:00+09:00' });
    const start = '2030-01-01T00:00:00-05:00';
    expect(await at({ trigger: 'cron', hour: 0, startDate: start })).toMatchObject({
      iso: '2031-01-01T00:00:00-05:00',
    });
  });

  it('has fewer times when the trigger ends', async () => {
    const { scheduler } = engineWorld();
    const endDate = START + 2.5 * HOUR;
    expect((await scheduler.preview({ trigger: 'interval', hours: 1, endDate })).times).toHaveLength(2);
    expect((await scheduler.preview({ trigger: 'date', runDate: endDate })).times).toHaveLength(1);
  });

  it('tells the times that a job would have, which is never changed by jitter', async () => {
    const { scheduler } = engineWorld({ random: () => 0.5 });
    await scheduler.start();
    const definition = { trigger: 'interval', minutes: 7, jitter: 60 } as const;
    const job = await scheduler.addJob({ task: nothing, ...definition });
    const { times, description } = await scheduler.preview(definition, { count: 2 });
    expect(times.map(({ time }) => time)).toEqual([START + 7 * MINUTE, START + 14 * MINUTE]);
    expect(job).toMatchObject({ nextNominalTime: times[0]!.time, nextRunTime: times[0]!.time + 30 * SECOND });
    expect(description).toMatch(/, delayed by up to 1 minute at random$/);
  });

  it('adds nothing', async () => {
    const { scheduler, events } = engineWorld();
    await scheduler.preview({ trigger: 'interval', seconds: 1 });
    expect(await scheduler.getJobs()).toEqual([]);
    expect(events).toEqual([]);
  });

  it('agrees with the job that is added, whatever the trigger', async () => {
    const { scheduler } = engineWorld({ timezone: BERLIN });
    await scheduler.start();
    const dates = fc.integer({ min: START - 30 * DAY, max: START + 900 * DAY });
    const triggers = fc.oneof(
      fc.record({ trigger: fc.constant('date' as const), runDate: dates }),
      fc.record({
        trigger: fc.constant('interval' as const),
        seconds: fc.integer({ min: 1, max: 1e6 }),
        startDate: dates,
      }),
      fc.record({
        trigger: fc.constant('cron' as const),
        day: fc.integer({ min: 1, max: 28 }),
        hour: fc.nat(23),
        startDate: dates,
      }),
    );
    await fc.assert(
      fc.asyncProperty(triggers, fc.integer({ min: 1, max: 30 }), async (trigger, count) => {
        const { times } = await scheduler.preview(trigger, { count });
        const job = await scheduler.addJob({
          id: 'a',
          task: nothing,
          ...trigger,
          replaceExisting: true,
        });
        expect(times[0]?.time).toBe(job.nextNominalTime);
        expect(times).toHaveLength(trigger.trigger === 'date' ? 1 : count);
        const instants = times.map(({ time }) => time);
        expect(instants).toEqual([...new Set(instants)].sort((a, b) => a - b));
        for (const { time, iso } of times) expect(Date.parse(iso)).toBe(time);
        await scheduler.removeJob('a');
      }),
    );
  });

  it('gives the event loop its turn while it looks for many times of a slow trigger', async () => {
    const clock = new SystemClock();
    const { scheduler } = engineWorld({ clock });
    const busy = (ms: number): void => {
      for (const end = clock.now() + ms; clock.now() < end;);
    };
    const slow: Trigger = {
      type: 'slow',
      timezone: 'UTC',
      next: (previous, now) => {
        busy(2);
        return (previous ?? now) + 1;
      },
      previous: () => null,
      toJSON: () => ({ type: 'slow' }),
    };
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns++;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    expect((await scheduler.preview(slow, { count: 20 })).times).toHaveLength(20);
    done = true;
    expect(turns).toBeGreaterThan(3);
  });

  it.each<[string, unknown, unknown, string[]]>([
    [
      'an end that is past',
      { trigger: 'interval', hours: 1, endDate: START },
      {},
      ['trigger never fires: its last time is past'],
    ],
    [
      'an end before what is asked for',
      { trigger: 'cron', hour: 1, endDate: '2031-01-01' },
      { from: '2032-01-01' },
      ['trigger never fires: its last time is past'],
    ],
    ['dates that are none', { trigger: 'cron', day: 30, month: 2 }, {}, ['day can never match']],
    ['no trigger', {}, {}, ['trigger is missing']],
    ['nothing', undefined, {}, ['trigger is missing']],
    ['an unknown trigger', { trigger: 'weekly' }, {}, ['trigger must be one of date, interval, cron']],
    ['no trigger at all', { trigger: 17 }, {}, ["trigger must be a trigger's name"]],
    [
      'options of a job',
      { trigger: 'cron', hour: 1, maxInstances: 3 },
      {},
      ['maxInstances is no option of the cron trigger'],
    ],
    [
      'options beside a nested trigger',
      { trigger: { type: 'cron', hour: 1 }, minute: 3 },
      {},
      ['minute is not known here'],
    ],
    [
      'an option that there is not',
      { trigger: 'cron', hour: 1 },
      { limit: 3 },
      ['limit is not known here; known are count, from'],
    ],
    ['options that are none', { trigger: 'cron', hour: 1 }, 3, ['options must be a plain object, got 3']],
    [
      'everything wrong at once',
      { trigger: 'cron', hour: 99, startDate: 'soon', bogus: 1 },
      { count: 0, from: 'later' },
      ['bogus is no option', 'startDate must be a date', 'hour cannot be "99"', 'count must be', 'from must be a date'],
    ],
  ])('is refused for %s', async (_, trigger, options, expected) => {
    const { scheduler } = engineWorld();
    const faults = await faultsOf(scheduler.preview(trigger as TriggerInput, options as object));
    expect(faults).toEqual(expected.map((fault) => expect.stringContaining(fault) as string));
  });

  it.each([0, -1, 1001, 1e9, 1.5, NaN, Infinity, '3', null, [], {}])('is refused for the count %o', async (count) => {
    const { scheduler } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1 });
    const expected = [expect.stringMatching(/^count must be a whole number from 1 to 1000, got /)];
    expect(await faultsOf(scheduler.preview({ trigger: 'interval', hours: 1 }, { count: count as number }))).toEqual(
      expected,
    );
    expect(await faultsOf(scheduler.previewJob('a', { count: count as number }))).toEqual(expected);
  });

  it.each(['', 'soon', '2030', '2030-02-30', NaN, Infinity, null, true, {}, new Date(NaN)])(
    'is refused for the date %o',
    async (from) => {
      const { scheduler } = engineWorld();
      await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1 });
      const expected = [expect.stringMatching(/^from must be .*, got /)];
      expect(await faultsOf(scheduler.preview({ trigger: 'interval', hours: 1 }, { from: from as string }))).toEqual(
        expected,
      );
      expect(await faultsOf(scheduler.previewJob('a', { from: from as string }))).toEqual(expected);
    },
  );

  it('has a thousand times at most', async () => {
    const { scheduler } = engineWorld();
    const { times } = await scheduler.preview({ trigger: 'cron', second: '*' }, { count: 1000 });
    expect(times).toHaveLength(1000);
    expect(times.at(-1)?.time).toBe(START + 999 * SECOND);
  });

  it('ends where a trigger of one’s own does not move forward, and with an error where it has no time at all', async () => {
    const { scheduler } = engineWorld();
    const stuck: Trigger = {
      type: 'stuck',
      timezone: 'UTC',
      next: () => START,
      previous: () => null,
      toJSON: () => ({ type: 'stuck' }),
    };
    expect((await scheduler.preview(stuck)).times.map(({ time }) => time)).toEqual([START]);
    const lost: Trigger = { ...stuck, next: () => NaN };
    await expect(scheduler.preview(lost)).rejects.toThrow(
      /^Invalid preview: trigger answered NaN: it must be epoch milliseconds or null$/,
    );
  });
});

describe('A preview of a job', () => {
  const times = async (preview: Promise<{ times: readonly { time: number }[] }>): Promise<number[]> =>
    (await preview).times.map(({ time }) => time - START);

  it('begins with its next run, and follows its trigger', async () => {
    const { scheduler, clock } = engineWorld({ random: () => 0.5 });
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1, jitter: 60 });
    await clock.advance('30m');
    expect(await times(scheduler.previewJob('a', { count: 3 }))).toEqual([HOUR, 2 * HOUR, 3 * HOUR]);
    expect(await scheduler.previewJob('a', { count: 1 })).toMatchObject({
      description: 'every hour, starting 1 January 2030 at 01:00:00 (UTC), delayed by up to 1 minute at random',
      timezone: 'UTC',
      times: [{ iso: '2030-01-01T01:00:00+00:00' }],
    });
  });

  it('begins with the first run that the job was given', async () => {
    const { scheduler } = engineWorld();
    await scheduler.start();
    const nextRunTime = START + 5 * MINUTE;
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'cron', minute: 0, nextRunTime });
    expect(await times(scheduler.previewJob('a', { count: 2 }))).toEqual([5 * MINUTE, HOUR]);
  });

  it('begins at a date that is asked for', async () => {
    const { scheduler } = engineWorld();
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1, endDate: START + 26 * HOUR });
    await scheduler.addJob({ id: 'once', task: nothing, trigger: 'date', runDate: START + HOUR });
    expect(await times(scheduler.previewJob('a', { from: '2030-01-02', count: 9 }))).toEqual(
      [24, 25, 26].map((n) => n * HOUR),
    );
    expect(await times(scheduler.previewJob('a', { from: START - DAY, count: 1 }))).toEqual([HOUR]);
    expect(await times(scheduler.previewJob('a', { from: START + 27 * HOUR }))).toEqual([]);
    expect(await times(scheduler.previewJob('once', { from: START + HOUR }))).toEqual([HOUR]);
    expect(await times(scheduler.previewJob('once', { from: START + 2 * HOUR }))).toEqual([]);
  });

  it('begins with a run that is overdue, and goes on from now: what was missed is made up by one run', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1 });
    await scheduler.start({ paused: true });
    await clock.advance('1d');
    expect(await times(scheduler.previewJob('a', { count: 3 }))).toEqual([HOUR, DAY, DAY + HOUR]);
  });

  it('has the times of a paused or a pending job that it would have if it went on', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'cron', minute: 0 });
    await clock.advance('90m');
    expect(await times(scheduler.previewJob('a', { count: 1 }))).toEqual([2 * HOUR]);
    await scheduler.start();
    await scheduler.pauseJob('a');
    await clock.advance('1h');
    expect(await times(scheduler.previewJob('a', { count: 1 }))).toEqual([3 * HOUR]);
  });

  it('has no times when the job’s last run is under way', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: () => new Promise(nothing), trigger: 'date', runDate: START });
    await clock.advance('1s');
    expect(await scheduler.previewJob('a')).toMatchObject({
      description: 'once, on 1 January 2030 at 00:00:00 (UTC)',
      times: [],
    });
  });

  it('is of a job in the store that is named, and an error when there is none', async () => {
    const { scheduler } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1 });
    expect((await scheduler.previewJob('a', { jobStore: 'default', count: 1 })).times).toHaveLength(1);
    await expect(scheduler.previewJob('a', { jobStore: 'other' })).rejects.toThrow(/jobStore "other" is not known/);
    await expect(scheduler.previewJob('b')).rejects.toThrow(JobLookupError);
  });
});
