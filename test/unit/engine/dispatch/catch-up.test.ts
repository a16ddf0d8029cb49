import fc from 'fast-check';
import {
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MISSED,
  EVENT_JOB_SUBMITTED,
  IntervalTrigger,
  type CoalesceMode,
  type JobOptions,
  type Run,
  type RunContext,
  type Trigger,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, gate, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const nothing = (): undefined => undefined;

/** The history in short, oldest first, in minutes from the start of the test. */
async function history({ scheduler }: EngineWorld, minute = MINUTE): Promise<string[]> {
  const inShort = ({ nominalTime, lastNominalTime, state, reason }: Run): string => {
    const [from, to] = [nominalTime, lastNominalTime].map((time) => (time - START) / minute);
    return `${from === to ? from : `${from}-${to}`} ${state}${reason === null ? '' : `: ${reason}`}`;
  };
  return (await scheduler.getRuns({ limit: 1000 })).runs.map(inShort).toReversed();
}

/** A job of each minute, added to a scheduler that was paused for five minutes and then goes on. */
async function afterFiveMinutes(options: JobOptions): Promise<EngineWorld> {
  const world = engineWorld();
  const { scheduler, clock } = world;
  await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 1, ...options });
  await scheduler.start({ paused: true });
  await clock.advance(5 * MINUTE + 10 * SECOND);
  await scheduler.resume();
  await clock.advance(0);
  return world;
}

describe('Of five missed minutes', () => {
  it.each([
    ['the latest, without more', {}, ['1-4 skipped: coalesced', '5 succeeded']],
    ['the latest', { coalesce: 'latest' }, ['1-4 skipped: coalesced', '5 succeeded']],
    ['the latest', { coalesce: true }, ['1-4 skipped: coalesced', '5 succeeded']],
    ['the earliest', { coalesce: 'earliest' }, ['2-5 skipped: coalesced', '1 succeeded']],
    ['each', { coalesce: 'all' }, ['1', '2', '3', '4', '5'].map((n) => `${n} succeeded`)],
    ['each', { coalesce: false }, ['1', '2', '3', '4', '5'].map((n) => `${n} succeeded`)],
    [
      'the latest two',
      { coalesce: 'all', catchUpLimit: 2 },
      ['1-3 missed: catch-up limit', '4 succeeded', '5 succeeded'],
    ],
    [
      'those within their grace',
      { coalesce: 'all', misfireGraceTime: 100 },
      ['1-3 missed: misfire', '4 succeeded', '5 succeeded'],
    ],
    [
      'those within the limit and their grace',
      { coalesce: 'all', catchUpLimit: 3, misfireGraceTime: 100 },
      ['1-2 missed: catch-up limit', '3 missed: misfire', '4 succeeded', '5 succeeded'],
    ],
    ['the latest, within its grace', { misfireGraceTime: 10 }, ['1-4 skipped: coalesced', '5 succeeded']],
    ['none, the latest being too late', { misfireGraceTime: 9 }, ['1-5 missed: misfire']],
    [
      'the earliest within its grace',
      { coalesce: 'earliest', misfireGraceTime: 130 },
      ['4-5 skipped: coalesced', '1-2 missed: misfire', '3 succeeded'],
    ],
    [
      'the earliest within its grace, which is the latest',
      { coalesce: 'earliest', misfireGraceTime: 60 },
      ['1-4 missed: misfire', '5 succeeded'],
    ],
    ['none, all being too late', { coalesce: 'earliest', misfireGraceTime: 9 }, ['1-5 missed: misfire']],
  ] as [string, JobOptions, string[]][])('%s: %j', async (_what, options, expected) => {
    const world = await afterFiveMinutes(options);
    expect(await history(world)).toEqual(expected);
    // The schedule goes on in phase, whatever was made up.
    expect(await world.scheduler.getJob('a')).toMatchObject({ nextRunTime: START + 6 * MINUTE });
    const made = expected.filter((line) => line.endsWith('succeeded')).length;
    expect(world.happened(EVENT_JOB_EXECUTED)).toHaveLength(made);
    const missed = expected.filter((line) => line.includes('missed'));
    expect(world.happened(EVENT_JOB_MISSED).map(({ reason }) => reason)).toEqual(
      missed.map((line) => line.split(': ')[1]),
    );
    await world.scheduler.shutdown();
  });
});

describe('Whatever was missed, and however it is made up', () => {
  it('each missed time is recorded once, and what is run for is within its grace', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom<CoalesceMode>('latest', 'earliest', 'all'),
        fc.option(fc.integer({ min: 1, max: 30_000 })),
        fc.integer({ min: 0, max: 20 * SECOND }),
        fc.constantFrom(0, 3),
        fc.integer({ min: 1, max: 10 }),
        async (coalesce, graceMs, awayMs, jitter, catchUpLimit) => {
          const { scheduler, clock } = engineWorld({ random: () => 0.7 });
          const made: number[] = [];
          await scheduler.addJob({
            id: 'a',
            task: (run: RunContext) => made.push(run.scheduledTime),
            trigger: 'interval',
            seconds: 1,
            startDate: START,
            jitter,
            coalesce,
            catchUpLimit,
            misfireGraceTime: graceMs === null ? null : graceMs / 1000,
          });
          await scheduler.start({ paused: true });
          await clock.advance(awayMs);
          await scheduler.resume();
          await clock.advance(0);
          const now = clock.now();
          const { runs } = await scheduler.getRuns({ limit: 1000 });
          await scheduler.shutdown();
          const recorded = runs.flatMap((run) => secondsOf(run)).toSorted((a, b) => a - b);
          expect(recorded).toEqual(recorded.map((_, index) => START + index * SECOND));
          for (const run of runs) {
            if (run.state === 'succeeded') expect(now - run.fireTime).toBeLessThanOrEqual(graceMs ?? Infinity);
          }
          const inGrace = recorded.filter((time) => now - time <= (graceMs ?? Infinity));
          if (jitter > 0 || inGrace.length === 0) return;
          if (coalesce === 'earliest') expect(made).toEqual(inGrace.slice(0, 1));
          else if (coalesce === 'latest') expect(made).toEqual(inGrace.slice(-1));
          else expect(made).toEqual(inGrace.slice(-catchUpLimit));
        },
      ),
      { numRuns: 150 },
    ));
});

/** Every time that a record tells of. */
function secondsOf({ nominalTime, lastNominalTime }: Run): number[] {
  const times: number[] = [];
  for (let time = nominalTime; time <= lastNominalTime; time += SECOND) times.push(time);
  return times;
}

describe('The event of a coalesced run', () => {
  it('says from when on it makes up for what was missed', async () => {
    const { happened } = await afterFiveMinutes({});
    expect(happened(EVENT_JOB_SUBMITTED)).toMatchObject([
      { scheduledRunTimes: [START + 5 * MINUTE], coalescedFrom: START + MINUTE },
    ]);
  });
});

/** Counts how often a trigger is asked. */
function counted(trigger: Trigger): { trigger: Trigger; calls: () => number } {
  let calls = 0;
  const wrapped: Trigger = {
    type: trigger.type,
    timezone: trigger.timezone,
    next: (previous, now) => (calls++, trigger.next(previous, now)),
    previous: (before) => (calls++, trigger.previous(before)),
    toJSON: () => trigger.toJSON(),
  };
  return { trigger: wrapped, calls: () => calls };
}

describe('A job of each second that was away for a year', () => {
  async function calls(away: number, options: JobOptions): Promise<[number, EngineWorld]> {
    const world = engineWorld({ history: { maxAge: '1000d' } });
    const { scheduler, clock } = world;
    const { trigger, calls } = counted(new IntervalTrigger({ seconds: 1, startDate: START, timezone: 'UTC' }));
    await scheduler.addJob({ id: 'a', task: nothing, trigger, ...options });
    await scheduler.start({ paused: true });
    await clock.set(START + away);
    const before = calls();
    await scheduler.resume();
    await clock.advance(0);
    await scheduler.shutdown();
    return [calls() - before, world];
  }

  it.each([{ coalesce: 'latest' }, { coalesce: 'earliest' }, { coalesce: 'all', catchUpLimit: 3 }] as const)(
    'asks its trigger as often as one that was away for a minute: %j',
    async (options) => {
      const [minute] = await calls(MINUTE, options);
      const [year, world] = await calls(365 * DAY, options);
      expect(year).toBe(minute);
      expect(year).toBeLessThan(12);
      const runs = await history(world, SECOND);
      expect(runs.length).toBeLessThanOrEqual(4);
    },
  );

  it('makes no more than the limit, and records the others as one range', async () => {
    const [, world] = await calls(365 * DAY, { coalesce: 'all', catchUpLimit: 2 });
    const last = 365 * 24 * 3600;
    expect(await history(world, SECOND)).toEqual([
      `0-${last - 2} missed: catch-up limit`,
      `${last - 1} succeeded`,
      `${last} succeeded`,
    ]);
    expect(world.happened(EVENT_JOB_MISSED)).toHaveLength(1);
  });
});

describe('Catching up one by one', () => {
  it('takes one place, in order, while the schedule goes on beside it within its instances', async () => {
    const world = engineWorld();
    const { scheduler, clock } = world;
    const ends: (() => void)[] = [];
    const began: number[] = [];
    const task = ({ scheduledTime }: { scheduledTime: number }): Promise<void> => {
      began.push((scheduledTime - START) / MINUTE);
      return new Promise((resolve) => ends.push(resolve));
    };
    const job = { id: 'a', task, trigger: 'interval', minutes: 1, coalesce: 'all', maxInstances: 2 } as const;
    await scheduler.addJob(job);
    await scheduler.start({ paused: true });
    await clock.advance(3 * MINUTE);
    await scheduler.resume();
    await clock.advance(0);
    expect(began).toEqual([1]);
    await clock.advance(MINUTE);
    expect(began).toEqual([1, 4]);
    for (let n = 0; n < 4; n++) {
      ends[n]?.();
      await clock.advance(0);
    }
    expect(began).toEqual([1, 4, 2, 3]);
    await scheduler.shutdown({ wait: false });
  });

  it('does not begin what has become too late meanwhile', async () => {
    const world = engineWorld();
    const { scheduler, clock } = world;
    const { promise, open } = gate();
    const task = (): Promise<void> => promise;
    const job = { id: 'a', task, trigger: 'interval', minutes: 1, coalesce: 'all', misfireGraceTime: 600 } as const;
    await scheduler.addJob(job);
    await scheduler.start({ paused: true });
    await clock.advance(3 * MINUTE);
    await scheduler.resume();
    await clock.advance(0);
    await clock.advance(HOUR);
    open();
    await clock.advance(0);
    expect((await history(world)).slice(0, 3)).toEqual(['1 succeeded', '2 missed: misfire', '3 missed: misfire']);
    await scheduler.shutdown({ wait: false });
  });
});
