import { Scheduler, type DurationInput, type JobDefinition } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, gate, HOUR, MINUTE, START } from '../../../support/engine.js';

const nothing = (): undefined => undefined;
const HOURLY = { task: nothing, trigger: 'interval', every: '1h' } as const;

describe('A duration as text', () => {
  it('is the length of an interval, beside its trigger and inside it', async () => {
    const { scheduler } = engineWorld();
    await scheduler.start();
    const flat = await scheduler.addJob({ id: 'flat', task: nothing, trigger: 'interval', every: '1h30m' });
    const nested = await scheduler.addJob({
      id: 'nested',
      task: nothing,
      trigger: { type: 'interval', every: 'PT90M' },
    });
    expect([flat.nextRunTime, nested.nextRunTime]).toEqual([START + 1.5 * HOUR, START + 1.5 * HOUR]);
    const changed = await scheduler.rescheduleJob('flat', { trigger: 'interval', every: 'P1DT2H' });
    expect(changed.nextRunTime).toBe(START + DAY + 2 * HOUR);
  });

  it.each<[DurationInput | null, number | null]>([
    ['5m', 300],
    ['PT0.5S', 0.5],
    [7, 7],
    [null, null],
  ])('is a misfire grace: %j is %j seconds', async (misfireGraceTime, seconds) => {
    const { scheduler } = engineWorld({ jobDefaults: { misfireGraceTime: 1 } });
    const added = await scheduler.addJob({ ...HOURLY, id: 'a', misfireGraceTime });
    expect(added.misfireGraceTime).toBe(seconds);
    await scheduler.addJob({ ...HOURLY, id: 'b' });
    const changed = await scheduler.modifyJob('b', { misfireGraceTime });
    expect(changed.misfireGraceTime).toBe(seconds);
    const defaults = engineWorld({ jobDefaults: { misfireGraceTime } });
    expect((await defaults.scheduler.addJob(HOURLY)).misfireGraceTime).toBe(seconds);
  });

  it('survives an export as the number that it is', async () => {
    const source = engineWorld();
    source.scheduler.registerTask('work', nothing);
    await source.scheduler.addJob({
      id: 'a',
      task: 'work',
      trigger: 'interval',
      every: '1h30m',
      misfireGraceTime: '5m',
    });
    const target = engineWorld();
    const [job] = await target.scheduler.importJobs(await source.scheduler.exportJobs());
    expect(job).toMatchObject({ misfireGraceTime: 300 });
    expect(job?.trigger.toJSON()).toMatchObject({ type: 'interval', hours: 1, minutes: 30 });
  });

  it('is how long a shutdown waits', async () => {
    for (const options of [{ timeout: '1m' }, {}]) {
      const { scheduler, clock } = engineWorld({ shutdownTimeout: 'PT60S' });
      await scheduler.addJob({ task: () => gate().promise, trigger: 'date', runDate: START });
      await scheduler.start();
      await clock.advance(0);
      let stopped = false;
      const shutdown = scheduler.shutdown(options).then(() => (stopped = true));
      await clock.advance(MINUTE - 1);
      expect(stopped).toBe(false);
      await clock.advance(1);
      await shutdown;
    }
  });

  it.each(['', '5', '-5m', '0s', 'P1M', '5 minutes'])('is refused as a misfire grace when it is %j', async (text) => {
    const { scheduler } = engineWorld();
    const naming = new RegExp(`misfireGraceTime (must|needs) .*, got ${JSON.stringify(text)}`);
    await expect(scheduler.addJob({ ...HOURLY, misfireGraceTime: text })).rejects.toThrow(naming);
    expect(await scheduler.getJobs()).toEqual([]);
    await scheduler.addJob({ ...HOURLY, id: 'a' });
    await expect(scheduler.modifyJob('a', { misfireGraceTime: text })).rejects.toThrow(naming);
    expect(() => new Scheduler({ jobDefaults: { misfireGraceTime: text } })).toThrow(naming);
  });

  it('is refused together with everything else that is wrong', async () => {
    const { scheduler } = engineWorld();
    const definition = {
      trigger: 'interval',
      every: 'often',
      misfireGraceTime: 'soon',
      nextRunTime: 'later',
      maxInstances: 0,
    };
    await expect(scheduler.addJob(definition as unknown as JobDefinition)).rejects.toMatchObject({
      faults: ['misfireGraceTime', 'maxInstances', 'every', 'nextRunTime', 'task'].map((field) => ({ field })),
    });
  });
});
