import fc from 'fast-check';
import {
  AndTrigger,
  CalendarIntervalTrigger,
  CronTrigger,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MISSED,
  EVENT_JOB_SUBMITTED,
  ExceptTrigger,
  IntervalTrigger,
  OrTrigger,
  triggerFromJson,
  type JitterOption,
  type RunContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { fireTimeOf, longestDelayMs, nominalTimeOf } from '../../../../lib/engine/triggers/jitter.js';
import { engineWorld, HOUR, MINUTE, SECOND, START } from '../../../support/engine.js';
import { faultsOf } from './faults.js';

const nothing = (): undefined => undefined;
const never = (): number => {
  throw new Error('a seeded delay is not drawn');
};
const seededMs = (jobId: string, max: number): number => {
  const trigger = new IntervalTrigger({ seconds: 1, startDate: 0, timezone: 'UTC', jitter: { max, seed: 'id' } });
  return fireTimeOf(0, trigger, jobId, never);
};

describe('The delay that follows from a job’s id', () => {
  it('is this, in every version: replicas of different ones must agree', () => {
    const ids = ['', 'a', 'b', 'report', 'report-1', 'report-2', 'Reports:daily', 'größer', '🙂', 'x'.repeat(191)];
    expect(ids.map((id) => seededMs(id, 3600))).toMatchInlineSnapshot(`
      [
        2408120,
        372694,
        1838913,
        1738538,
        2095737,
        3436930,
        3359647,
        936048,
        1851079,
        3317746,
      ]
    `);
  });

  it('is never negative and never longer than the longest', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0.001, max: 1e6, noNaN: true }), (id, max) => {
        const delay = seededMs(id, max);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.ceil(max * SECOND));
        expect(longestDelayMs({ max, seed: 'id' }, id)).toBe(delay);
      }),
    );
  });

  it.each(['job-', 'Reports:task', 'customers/00000', ''])('spreads jobs named %j and a number evenly', (prefix) => {
    const buckets = Array.from({ length: 60 }, () => 0);
    const jobs = 12_000;
    for (let n = 0; n < jobs; n++) {
      const second = Math.min(59, Math.floor(seededMs(`${prefix}${n}`, 60) / SECOND));
      buckets[second] = (buckets[second] ?? 0) + 1;
    }
    const mean = jobs / buckets.length;
    const chiSquare = buckets.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    // 59 degrees of freedom: an even spread is above this once in ten thousand times, and nothing here is left to chance.
    expect(chiSquare).toBeLessThan(105);
  });
});

describe('The nominal time of a fire time', () => {
  const every10s = (jitter: JitterOption) => new IntervalTrigger({ seconds: 10, startDate: START, jitter });

  it('is found exactly when the delay is known, even when it is longer than the interval', () => {
    const id = 'report';
    const delay = seededMs(id, 60);
    expect(delay).toBeGreaterThan(10 * SECOND);
    const trigger = every10s({ max: 60, seed: 'id' });
    expect(nominalTimeOf(START + 20 * SECOND + delay, trigger, id)).toBe(START + 20 * SECOND);
    expect(nominalTimeOf(START + 20 * SECOND + delay + 1, trigger, id)).toBe(START + 20 * SECOND + delay + 1);
  });

  it('is the latest that is within a random delay, or the fire time itself', () => {
    expect(nominalTimeOf(START + 24 * SECOND, every10s(5), 'a')).toBe(START + 20 * SECOND);
    expect(nominalTimeOf(START + 26 * SECOND, every10s(5), 'a')).toBe(START + 26 * SECOND);
    expect(nominalTimeOf(START + 24 * SECOND, every10s(0), 'a')).toBe(START + 24 * SECOND);
  });
});

describe('A job with a seeded jitter', () => {
  const JITTER = { max: '30s', seed: 'id' } as const;
  const delay = seededMs('report', 30);

  it('runs each time by the same delay late, on every node and after every restart, and draws nothing', async () => {
    for (let restart = 0; restart < 2; restart++) {
      const { scheduler, clock } = engineWorld({ random: never });
      const started: number[] = [];
      const nominal: number[] = [];
      const task = (context: RunContext): void => {
        started.push(clock.now());
        nominal.push(context.scheduledTime);
      };
      await scheduler.start();
      await scheduler.addJob({ id: 'report', task, trigger: 'cron', minute: '*', jitter: JITTER });
      await clock.advance('10m');
      const minutes = Array.from({ length: 10 }, (_, n) => START + n * MINUTE);
      expect(nominal).toEqual(minutes);
      expect(started).toEqual(minutes.map((time) => time + delay));
    }
  });

  it('is told its fire time, and keeps its nominal time apart', async () => {
    const { scheduler } = engineWorld({ random: never });
    await scheduler.start();
    const job = await scheduler.addJob({ id: 'report', task: nothing, trigger: 'interval', hours: 1, jitter: JITTER });
    expect(job).toMatchObject({ nextRunTime: START + HOUR + delay, nextNominalTime: START + HOUR });
    await scheduler.pauseJob('report');
    expect(await scheduler.resumeJob('report')).toMatchObject({ nextRunTime: START + HOUR + delay });
  });

  it('is not missed before its delay is over, and is late from then on', async () => {
    const { scheduler, clock, happened } = engineWorld({ random: never });
    await scheduler.addJob({
      id: 'report',
      task: nothing,
      trigger: 'interval',
      minutes: 1,
      startDate: START,
      jitter: JITTER,
      misfireGraceTime: 5,
    });
    await scheduler.start({ paused: true });
    // Two times have passed; the delay of the third is not over yet.
    await clock.advance(2 * MINUTE + delay - 1);
    await scheduler.resume();
    await clock.advance(0);
    expect(happened(EVENT_JOB_SUBMITTED)).toEqual([]);
    expect(happened(EVENT_JOB_MISSED)).toMatchObject([
      { scheduledRunTime: START, lastScheduledRunTime: START + MINUTE, reason: 'misfire' },
    ]);
    await clock.advance(1);
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ scheduledRunTime: START + 2 * MINUTE }]);
  });

  it('counts the grace of a time that it makes up from the end of its delay', async () => {
    const { scheduler, clock, happened } = engineWorld({ random: never });
    await scheduler.addJob({
      id: 'report',
      task: nothing,
      trigger: 'interval',
      minutes: 1,
      startDate: START,
      jitter: JITTER,
      misfireGraceTime: 5,
      coalesce: false,
    });
    await scheduler.start({ paused: true });
    await clock.advance(MINUTE + delay + 5 * SECOND);
    await scheduler.resume();
    await clock.advance(0);
    expect(happened(EVENT_JOB_MISSED)).toMatchObject([{ scheduledRunTime: START }]);
    expect(happened(EVENT_JOB_EXECUTED)).toMatchObject([{ scheduledRunTime: START + MINUTE }]);
  });

  it('is the same after an export and an import, in its phase', async () => {
    const source = engineWorld();
    source.scheduler.registerTask('work', nothing);
    await source.scheduler.start();
    // Longer than the interval: only the exact delay tells which time is meant.
    const jitter = { max: '5m', seed: 'id' } as const;
    const job = await source.scheduler.addJob({ id: 'report', task: 'work', trigger: 'interval', minutes: 1, jitter });
    const target = engineWorld();
    target.scheduler.registerTask('work', nothing);
    await target.scheduler.start();
    const [copy] = await target.scheduler.importJobs(await source.scheduler.exportJobs());
    expect(copy).toMatchObject({ nextRunTime: job.nextRunTime, nextNominalTime: START + MINUTE });
    expect(copy?.trigger.toJSON()).toMatchObject({ jitter: { max: 300, seed: 'id' } });
  });

  it('is unchanged when it is declared again', async () => {
    const { scheduler, clock } = engineWorld({ random: never });
    await scheduler.start();
    const definition = { id: 'report', task: nothing, trigger: 'interval', hours: 1 } as const;
    const first = await scheduler.addJob({ ...definition, jitter: JITTER });
    await clock.advance(MINUTE);
    const again = await scheduler.addJob({
      ...definition,
      jitter: { seed: 'id' as const, max: 30 },
      replaceExisting: true,
    });
    expect(again.nextRunTime).toBe(first.nextRunTime);
    const other = await scheduler.addJob({
      ...definition,
      jitter: { seed: 'id' as const, max: 31 },
      replaceExisting: true,
    });
    expect(other.nextRunTime).not.toBe(first.nextRunTime);
  });
});

describe('A job with a random jitter', () => {
  it('never drifts: each of a thousand runs is late by no more than its own delay', async () => {
    const { scheduler, clock } = engineWorld();
    const delays: number[] = [];
    const task = (context: RunContext): void => void delays.push(clock.now() - context.scheduledTime);
    await scheduler.start();
    await scheduler.addJob({ task, trigger: 'interval', minutes: 1, jitter: '30s' });
    await clock.advance(1000 * MINUTE + 30 * SECOND);
    expect(delays).toHaveLength(1000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(30 * SECOND);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    // Whatever is drawn: alike they cannot all be.
    expect(new Set(delays).size).toBeGreaterThan(100);
  });
});

describe('The option jitter', () => {
  const jsonOf = (jitter: JitterOption) => new CronTrigger({ minute: 5, jitter, timezone: 'UTC' }).toJSON()['jitter'];

  it.each<[JitterOption, unknown]>([
    [30, 30],
    [0.5, 0.5],
    ['1m30s', 90],
    ['PT0.25S', 0.25],
    [0, undefined],
    ['0s', undefined],
    [
      { max: 30, seed: 'id' },
      { max: 30, seed: 'id' },
    ],
    [
      { max: '2m', seed: 'id' },
      { max: 120, seed: 'id' },
    ],
    [{ max: 0, seed: 'id' }, undefined],
  ])('%j is written as %j, and read again as the same', (jitter, json) => {
    expect(jsonOf(jitter)).toEqual(json);
    const trigger = new IntervalTrigger({ hours: 1, jitter });
    expect(triggerFromJson(JSON.parse(JSON.stringify(trigger))).toJSON()).toEqual(trigger.toJSON());
  });

  it('is not changed by what happens later to the object that it was given as', () => {
    const jitter = { max: 30, seed: 'id' as const };
    const trigger = new IntervalTrigger({ hours: 1, jitter });
    jitter.max = 99;
    expect(trigger.anchor({ now: START, timezone: 'UTC' }).jitter).toEqual({ max: 30, seed: 'id' });
  });

  it.each<[unknown, readonly string[]]>([
    [-1, ['jitter must be a number of seconds from 0 or a duration such as 1h30m, 90s or PT90S, got -1']],
    ['30', ['jitter needs a unit (90s), got "30"']],
    ['366d', ['jitter must be at most 31536000 seconds, got "366d"']],
    [{ seed: 'id' }, ["jitter must be a number of seconds, a duration, or { max, seed: 'id' }, got { seed: 'id' }"]],
    [{ max: 5 }, ["jitter.seed must be 'id', got undefined"]],
    [
      { max: 'soon', seed: 'name', min: 1 },
      [
        'jitter.min is not known here; known are max, seed',
        'jitter.seed must be \'id\', got "name"',
        'jitter.max must be a duration such as 1h30m, 90s or PT90S, got "soon"',
      ],
    ],
  ])('is refused when it is %j', (jitter, faults) => {
    expect(faultsOf(() => new IntervalTrigger({ hours: 1, jitter: jitter as JitterOption }))).toEqual(faults);
    expect(faultsOf(() => new CronTrigger({ hour: 1, jitter: jitter as JitterOption }))).toEqual(faults);
  });
});

describe('Jitter near the end of a trigger', () => {
  const options = { startDate: START, endDate: START + 10 * SECOND, timezone: 'UTC' };
  const interval = new IntervalTrigger({ seconds: 10, ...options, jitter: 60 });
  it.each([
    ['an interval', interval],
    [
      'an interval with seeded jitter',
      new IntervalTrigger({ seconds: 10, ...options, jitter: { max: 3600, seed: 'id' } }),
    ],
    ['cron', new CronTrigger({ second: '*/10', ...options, jitter: 60 })],
    ['except', new ExceptTrigger(interval)],
    [
      'or',
      new OrTrigger([new CronTrigger({ second: '*/10', ...options }), new CronTrigger({ minute: 7, ...options })], {
        jitter: 60,
      }),
    ],
    [
      'and',
      new AndTrigger([new CronTrigger({ second: '*/10', ...options }), new CronTrigger({ minute: '*', second: '*' })], {
        jitter: 60,
      }),
    ],
  ])('delays no run of %s beyond its endDate', (_, trigger) => {
    const at = fireTimeOf(START + 10 * SECOND, trigger, 'job', () => 1);
    expect(at).toBe(START + 10 * SECOND);
    expect(nominalTimeOf(at, trigger, 'job')).toBe(START + 10 * SECOND);
    expect(fireTimeOf(START, trigger, 'job', () => 1)).toBeLessThanOrEqual(START + 10 * SECOND);
  });

  it('lets a calendar interval run until its last day is over in its zone', () => {
    const zone = { startDate: '2030-01-01', endDate: '2030-01-02', timezone: 'America/New_York' };
    const trigger = new CalendarIntervalTrigger({ days: 1, hour: 23, ...zone, jitter: '3h' });
    const last = Date.parse('2030-01-02T23:00:00-05:00');
    expect(fireTimeOf(last, trigger, 'job', () => 1)).toBe(Date.parse('2030-01-03T00:00:00-05:00') - 1);
  });

  it('ends the runs of a job in time', async () => {
    const { scheduler, clock, happened } = engineWorld({ random: () => 1 });
    await scheduler.addJob({ id: 'a', task: nothing, trigger: interval });
    await scheduler.start();
    await clock.advance(MINUTE);
    const times = happened(EVENT_JOB_SUBMITTED).flatMap(({ scheduledRunTimes }) => scheduledRunTimes);
    expect(times.at(-1)).toBe(START + 10 * SECOND);
    expect((await scheduler.getRuns()).runs[0]).toMatchObject({ startedAt: START + 10 * SECOND });
    expect(await scheduler.getJob('a')).toBeUndefined();
  });
});
