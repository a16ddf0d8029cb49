import { EVENT_JOB_EXECUTED, type JobDefinition, type JobExecutedEvent } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, HOUR, MINUTE, START, type EngineWorld } from '../../../support/engine.js';

const base = { id: 'a', task: 'app:work', replaceExisting: true } as const;
const hourly: JobDefinition = { ...base, trigger: 'interval', hours: 1 };
const everyTwoHours: JobDefinition = { ...base, trigger: 'interval', hours: 2 };
const at = (hour: number, minute = 0): JobDefinition => ({ ...base, trigger: 'cron', hour, minute });

interface World extends EngineWorld {
  /** When it ran, in hours after the beginning. */
  readonly ran: () => readonly number[];
  readonly next: () => Promise<number | null>;
}

/** A job that was declared at the beginning. */
async function declared(first: JobDefinition): Promise<World> {
  const world = engineWorld();
  const { scheduler } = world;
  scheduler.registerTask('app:work', () => undefined);
  await scheduler.addJob(first);
  await scheduler.start();
  const inHours = (time: number): number => (time - START) / HOUR;
  const ran = (): number[] =>
    world.happened(EVENT_JOB_EXECUTED).map((event: JobExecutedEvent) => inHours(event.scheduledRunTime));
  const next = async (): Promise<number | null> => {
    const time = (await scheduler.getJob('a'))?.nextRunTime ?? null;
    return time === null ? null : inHours(time);
  };
  return { ...world, ran, next };
}

/** The process does nothing until then: what falls due meanwhile is overdue. */
async function sleepUntil({ scheduler, clock }: World, hours: number): Promise<void> {
  await scheduler.shutdown();
  await clock.advance(START + hours * HOUR - clock.now());
}

describe('A job that is declared with another trigger', () => {
  it('goes on from its last nominal time: of an interval the phase stays', async () => {
    const world = await declared(hourly);
    await world.clock.advance(10 * HOUR + 20 * MINUTE);
    await world.scheduler.addJob(everyTwoHours);
    expect(await world.next()).toBe(12);
    await world.scheduler.addJob({ ...base, trigger: 'interval', minutes: 15 });
    expect(await world.next()).toBe(10.5);
  });

  it('goes on from when it was added, when it has not run yet', async () => {
    const world = await declared(hourly);
    await world.clock.advance(20 * MINUTE);
    await world.scheduler.addJob(everyTwoHours);
    expect(await world.next()).toBe(2);
  });

  it('is not put off by deploys that come faster than its interval', async () => {
    const world = await declared({ ...base, trigger: 'interval', hours: 100 });
    for (let deploy = 1; deploy <= 5; deploy++) {
      await world.clock.advance(9 * HOUR);
      await world.scheduler.addJob({ ...base, trigger: 'interval', hours: 100 - deploy * 10 });
    }
    expect(await world.next()).toBe(50);
  });

  it('starts when the new trigger says, when that says it', async () => {
    const world = await declared(hourly);
    await world.clock.advance(10 * HOUR + 20 * MINUTE);
    await world.scheduler.addJob({ ...base, trigger: 'interval', hours: 2, startDate: '2030-01-01T01:00:00Z' });
    expect(await world.next()).toBe(11);
  });

  it('has the next time of a new cron expression, and none that has passed: those were never promised', async () => {
    const world = await declared(at(9));
    await world.clock.advance(10 * HOUR);
    await world.scheduler.addJob(at(8));
    expect(await world.next()).toBe(24 + 8);
    await world.scheduler.addJob(at(12));
    expect(await world.next()).toBe(12);
    expect(world.ran()).toEqual([9]);
  });

  it('does not run twice for a time that both triggers have', async () => {
    const world = await declared(at(9));
    await world.clock.advance(9 * HOUR);
    expect(world.ran()).toEqual([9]);
    await world.scheduler.addJob({ ...base, trigger: 'cron', hour: '9-11' });
    expect(await world.next()).toBe(10);
    await world.clock.advance(3 * HOUR);
    expect(world.ran()).toEqual([9, 10, 11]);
  });

  it('makes up once for what it had missed before, and goes on in the phase of its last time', async () => {
    const world = await declared(hourly);
    await world.clock.advance(10 * HOUR);
    await sleepUntil(world, 14.5);
    await world.scheduler.addJob(everyTwoHours);
    await world.scheduler.start();
    await world.clock.advance(2 * HOUR);
    expect(world.ran().slice(10)).toEqual([14, 16]);
    expect(await world.next()).toBe(18);
  });

  it('makes up once, however long ago its last time was', async () => {
    const world = await declared(hourly);
    await world.clock.advance(10 * HOUR);
    await sleepUntil(world, 400 * 24 + 0.5);
    await world.scheduler.addJob(everyTwoHours);
    await world.scheduler.start();
    await world.clock.advance(MINUTE);
    expect(world.ran().slice(10)).toEqual([400 * 24]);
    expect(await world.next()).toBe(400 * 24 + 2);
  });

  it('runs for what the old trigger owed, and from then on by its new cron expression', async () => {
    const world = await declared(at(9));
    await world.clock.advance(10 * HOUR);
    await sleepUntil(world, 24 + 10);
    await world.scheduler.addJob(at(12));
    await world.scheduler.start();
    await world.clock.advance(MINUTE);
    expect(world.ran()).toEqual([9, 24 + 9]);
    expect(await world.next()).toBe(24 + 12);
  });

  it('stays paused, and keeps its phase for when it goes on', async () => {
    const world = await declared(hourly);
    await world.clock.advance(10 * HOUR + 20 * MINUTE);
    await world.scheduler.pauseJob('a');
    await world.scheduler.addJob(everyTwoHours);
    expect(await world.next()).toBeNull();
    await world.clock.advance(HOUR);
    await world.scheduler.resumeJob('a');
    expect(await world.next()).toBe(12);
  });

  it('counts calendar days from the day of its last time', async () => {
    const world = await declared({ ...base, trigger: 'calendarinterval', days: 2, hour: 9 });
    await world.clock.advance(2 * DAY + 10 * HOUR);
    expect(world.ran()).toEqual([9, 48 + 9]);
    await world.clock.advance(DAY);
    await world.scheduler.addJob({ ...base, trigger: 'calendarinterval', days: 3, hour: 9 });
    expect(await world.next()).toBe(5 * 24 + 9);
  });

  it('runs at once when it is a date without a date now', async () => {
    const world = await declared(hourly);
    await world.clock.advance(10 * HOUR + 20 * MINUTE);
    await world.scheduler.addJob({ ...base, trigger: 'date' });
    await world.clock.advance(0);
    expect(world.ran().at(-1)).toBeCloseTo(10 + 1 / 3);
    expect(await world.scheduler.getJobs()).toEqual([]);
  });

  it('waits for the jitter of a time that has begun', async () => {
    const world = await declared({ ...base, trigger: 'interval', hours: 1, jitter: { max: 600, seed: 'id' } });
    const due = (await world.next()) ?? 0;
    expect(due).toBeGreaterThan(1);
    await world.clock.advance(HOUR);
    await world.scheduler.addJob({ ...base, trigger: 'interval', hours: 2, jitter: { max: 600, seed: 'id' } });
    expect(await world.next()).toBe(due);
    await world.clock.advance(10 * MINUTE);
    expect(world.ran()).toEqual([1]);
  });
});
