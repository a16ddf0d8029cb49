import {
  ConflictingIdError,
  CronTrigger,
  EVENT_ALL_JOBS_REMOVED,
  EVENT_JOB_ADDED,
  EVENT_JOB_MODIFIED,
  EVENT_JOB_REMOVED,
  InvalidInputError,
  IntervalTrigger,
  JobLookupError,
  MaxInstancesReachedError,
  MemoryJobStore,
  TaskFailedError,
  type JobChanges,
  type JobDefinition,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, gate, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../support/engine.js';

const nothing = (): undefined => undefined;

async function started(options: Parameters<typeof engineWorld>[0] = {}): Promise<EngineWorld> {
  const world = engineWorld(options);
  world.scheduler.registerTask('app:work', nothing);
  await world.scheduler.start();
  return world;
}

describe('Adding a job', () => {
  it('before the start keeps it pending, without a next run, until the scheduler starts', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const job = await scheduler.addJob({ id: 'a', task: nothing, trigger: 'cron', minute: 5 });
    expect(job).toMatchObject({ pending: true, nextRunTime: null });
    expect(happened(EVENT_JOB_ADDED)).toHaveLength(0);
    await clock.advance(HOUR);
    await scheduler.start();
    expect(await scheduler.getJob('a')).toMatchObject({ pending: false, nextRunTime: START + HOUR + 5 * MINUTE });
    expect(happened(EVENT_JOB_ADDED)).toMatchObject([{ jobId: 'a', jobStore: 'default' }]);
  });

  it('fills in what was left open', async () => {
    const { scheduler } = await started();
    expect(await scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', minutes: 10 })).toMatchObject({
      id: 'a',
      name: 'a',
      task: 'app:work',
      args: [],
      kwargs: {},
      executor: 'default',
      jobStore: 'default',
      coalesce: true,
      misfireGraceTime: null,
      maxInstances: 1,
      nextRunTime: START + 10 * MINUTE,
      paused: false,
      pending: false,
    });
  });

  it('takes the scheduler’s job defaults for what is not said, and an explicit null over them', async () => {
    const { scheduler } = await started({ jobDefaults: { coalesce: false, misfireGraceTime: 30, maxInstances: 4 } });
    expect(await scheduler.addJob({ task: 'app:work', trigger: 'interval', hours: 1 })).toMatchObject({
      coalesce: false,
      misfireGraceTime: 30,
      maxInstances: 4,
    });
    expect(
      await scheduler.addJob({
        task: 'app:work',
        trigger: 'interval',
        hours: 1,
        misfireGraceTime: null,
        maxInstances: 1,
      }),
    ).toMatchObject({ misfireGraceTime: null, maxInstances: 1 });
  });

  it('without an id makes one, another for each', async () => {
    const { scheduler } = await started();
    const [a, b] = [await scheduler.addJob({ task: 'app:work' }), await scheduler.addJob({ task: 'app:work' })];
    expect(a.id).not.toBe(b.id);
    expect(await scheduler.getJobs()).toHaveLength(2);
  });

  it('without a trigger runs it once, at once', async () => {
    const { scheduler, clock } = await started();
    let runs = 0;
    await scheduler.addJob({ id: 'now', task: () => runs++ });
    await clock.advance(0);
    expect(runs).toBe(1);
    expect(await scheduler.getJob('now')).toBeUndefined();
  });

  it('takes a function, a bound method or a name, and `func` as another word for `task`', async () => {
    const { scheduler, clock } = await started();
    const ran: string[] = [];
    class Reports {
      readonly title = 'bound';
      daily(this: Reports): void {
        ran.push(this.title);
      }
    }
    const reports = new Reports();
    scheduler.registerTask('app:named', () => ran.push('named'));
    await scheduler.addJob({ task: () => ran.push('function') });
    await scheduler.addJob({ task: reports.daily.bind(reports) });
    await scheduler.addJob({ task: 'app:named' });
    await scheduler.addJob({ func: 'app:named' });
    await clock.advance(0);
    expect(ran.sort()).toEqual(['bound', 'function', 'named', 'named']);
  });

  it('knows a registered function by its name', async () => {
    const { scheduler } = await started();
    expect((await scheduler.addJob({ task: nothing, trigger: 'interval', hours: 1 })).task).toBe('app:work');
  });

  it('takes a trigger flat, nested or made', async () => {
    const { scheduler, clock } = await started();
    await clock.advance(1);
    const trigger = new IntervalTrigger({ minutes: 2 });
    const jobs = [
      await scheduler.addJob({ task: 'app:work', trigger: 'interval', minutes: 2 }),
      await scheduler.addJob({ task: 'app:work', trigger: { type: 'interval', minutes: 2 } }),
      await scheduler.addJob({ task: 'app:work', trigger }),
      await scheduler.addJob({ task: 'app:work', trigger: CronTrigger.fromCrontab('*/2 * * * *') }),
    ];
    const times = jobs.map((job) => job.nextRunTime);
    const later = START + 2 * MINUTE;
    expect(times).toEqual([later + 1, later + 1, later + 1, later]);
  });

  it('starts where nextRunTime says, and paused where it is null', async () => {
    const { scheduler } = await started();
    const def = { task: 'app:work', trigger: 'interval', minutes: 10 } as const;
    expect((await scheduler.addJob({ ...def, nextRunTime: '2030-06-01' })).nextRunTime).toBe(Date.UTC(2030, 5, 1));
    expect(await scheduler.addJob({ ...def, nextRunTime: null })).toMatchObject({ nextRunTime: null, paused: true });
  });

  it('refuses an id that is taken, pending or stored, and leaves the first job alone', async () => {
    const { scheduler } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 1 });
    const again = { id: 'a', task: nothing, trigger: 'interval', minutes: 2 } as const;
    await expect(scheduler.addJob(again)).rejects.toThrow(ConflictingIdError);
    await scheduler.start();
    await expect(scheduler.addJob(again)).rejects.toThrow(
      'Job "a" already exists in job store "default"; pass replaceExisting or another id',
    );
    await scheduler.shutdown();
    await expect(scheduler.addJob(again)).rejects.toThrow(ConflictingIdError);
    expect((await scheduler.getJob('a'))?.trigger.toJSON()).toMatchObject({ minutes: 1 });
  });

  it('lets two stores have a job of one id, and tells them apart by their alias', async () => {
    const { scheduler } = await started({ jobStores: { other: new MemoryJobStore() } });
    await scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', minutes: 1 });
    await scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', minutes: 2, jobStore: 'other' });
    expect((await scheduler.getJob('a'))?.jobStore).toBe('default');
    expect((await scheduler.getJob('a', 'other'))?.jobStore).toBe('other');
    await scheduler.removeJob('a', 'other');
    expect(await scheduler.getJobs('other')).toEqual([]);
    expect(await scheduler.getJobs()).toHaveLength(1);
  });

  it('refuses one that would never fire', async () => {
    const { scheduler } = await started();
    const ended = { task: 'app:work', trigger: 'interval', minutes: 1, endDate: '2029-01-01' } as const;
    await expect(scheduler.addJob(ended)).rejects.toThrow(/trigger never fires: its last time is past/);
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('names every fault of a definition at once', async () => {
    const { scheduler } = await started();
    const definition = { task: 7, args: 'x', maxInstances: 0, trigger: 'interval', seconds: -5, wrong: 1 };
    const error = await scheduler.addJob(definition as unknown as JobDefinition).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidInputError);
    const fields = (error as InvalidInputError).faults.map(({ field }) => field);
    expect(fields.sort()).toEqual(['args', 'maxInstances', 'seconds', 'task', 'wrong']);
  });

  it.each<[string, unknown, string]>([
    ['no task', { trigger: 'interval', seconds: 1 }, 'task'],
    ['an unregistered name', { task: 'os:remove' }, 'task'],
    ['an empty id', { id: '' }, 'id'],
    ['a number as id', { id: 5 }, 'id'],
    ['an id of 192 characters', { id: 'x'.repeat(192) }, 'id'],
    ['an id with NUL', { id: 'a\0b' }, 'id'],
    ['an id that is not Unicode', { id: '\ud800' }, 'id'],
    ['an empty name', { name: '' }, 'name'],
    ['args that are no list', { args: { 0: 1 } }, 'args'],
    ['kwargs that are a list', { kwargs: [1] }, 'kwargs'],
    ['kwargs that are an instance', { kwargs: new Date() }, 'kwargs'],
    ['an unknown executor', { executor: 'pool' }, 'executor'],
    ['an unknown job store', { jobStore: 'redis' }, 'jobStore'],
    ['a coalesce of 1', { coalesce: 1 }, 'coalesce'],
    ['a grace of 0', { misfireGraceTime: 0 }, 'misfireGraceTime'],
    ['an infinite grace', { misfireGraceTime: Infinity }, 'misfireGraceTime'],
    ['half an instance', { maxInstances: 1.5 }, 'maxInstances'],
    ['a next run that is no date', { nextRunTime: 'soon' }, 'nextRunTime'],
    ['an unknown trigger', { trigger: 'moon' }, 'trigger'],
    ['a trigger that is a number', { trigger: 5 }, 'trigger'],
    ['a null trigger', { trigger: null }, 'trigger'],
    ['a nested trigger with a fault', { trigger: { type: 'interval', seconds: 'x' } }, 'trigger.seconds'],
    ['an option without its trigger', { minutes: 5 }, 'minutes'],
    ['task and func at once', { func: 'app:work' }, 'func'],
    ['no object at all', 5, 'definition'],
    ['an array', [], 'definition'],
  ])('refuses %s, naming the field, and adds nothing', async (_what, part, field) => {
    const { scheduler } = await started();
    const isObject = typeof part === 'object' && !Array.isArray(part);
    const hasTask = isObject && (part as object) && !('trigger' in (part as object) && 'seconds' in (part as object));
    const definition = isObject ? { ...(hasTask && { task: 'app:work' }), ...(part as object) } : part;
    const error = await scheduler.addJob(definition as JobDefinition).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).faults.map((fault) => fault.field)).toContain(field);
    expect(await scheduler.getJobs()).toEqual([]);
  });
});

describe('Replacing a job', () => {
  const hourly = { id: 'a', task: 'app:work', trigger: 'interval', hours: 1, replaceExisting: true } as const;

  it('that is unchanged touches nothing: neither its next run nor its pause, and tells nobody', async () => {
    const { scheduler, clock, happened } = await started();
    await scheduler.addJob(hourly);
    await clock.advance(10 * MINUTE);
    const before = await scheduler.getJob('a');
    await scheduler.addJob(hourly);
    expect(await scheduler.getJob('a')).toEqual(before);
    await scheduler.pauseJob('a');
    await scheduler.addJob(hourly);
    expect(await scheduler.getJob('a')).toMatchObject({ paused: true, nextRunTime: null });
    expect(happened(EVENT_JOB_ADDED)).toHaveLength(1);
  });

  it('with the same trigger keeps its phase and takes the rest', async () => {
    const { scheduler, clock } = await started();
    await scheduler.addJob(hourly);
    await clock.advance(10 * MINUTE);
    await scheduler.addJob({ ...hourly, name: 'renamed', args: [1] });
    expect(await scheduler.getJob('a')).toMatchObject({ name: 'renamed', args: [1], nextRunTime: START + HOUR });
  });

  it('with another trigger schedules it anew, and leaves a paused one paused', async () => {
    const { scheduler, clock } = await started();
    await scheduler.addJob(hourly);
    await clock.advance(12 * MINUTE);
    const { hours: _hours, ...rest } = hourly;
    await scheduler.addJob({ ...rest, minutes: 5 });
    expect((await scheduler.getJob('a'))?.nextRunTime).toBe(START + 15 * MINUTE);
    await scheduler.pauseJob('a');
    await scheduler.addJob({ ...rest, minutes: 7 });
    expect(await scheduler.getJob('a')).toMatchObject({ paused: true, nextRunTime: null });
  });

  it('works before the start, too', async () => {
    const { scheduler } = engineWorld();
    scheduler.registerTask('app:work', nothing);
    await scheduler.addJob(hourly);
    await scheduler.addJob({ ...hourly, name: 'second' });
    await scheduler.start();
    expect(await scheduler.getJobs()).toMatchObject([{ id: 'a', name: 'second' }]);
  });
});

describe('Looking at jobs', () => {
  it('lists them by next run time, paused ones last', async () => {
    const { scheduler } = await started();
    const ids = { late: 3, early: 1, middle: 2 };
    for (const [id, hours] of Object.entries(ids)) {
      await scheduler.addJob({ id, task: 'app:work', trigger: 'interval', hours });
    }
    await scheduler.addJob({ id: 'paused', task: 'app:work', trigger: 'interval', hours: 1, nextRunTime: null });
    expect((await scheduler.getJobs()).map(({ id }) => id)).toEqual(['early', 'middle', 'late', 'paused']);
  });

  it('finds none by an unknown id', async () => {
    const { scheduler } = await started();
    expect(await scheduler.getJob('zzz')).toBeUndefined();
  });

  it('answers snapshots: what the user does to arrays of his own changes no job', async () => {
    const { scheduler } = await started();
    const args = [1];
    await scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', hours: 1, args });
    args.push(2);
    expect((await scheduler.getJob('a'))?.args).toEqual([1]);
  });
});

describe('Changing a job', () => {
  async function withJob(): Promise<EngineWorld> {
    const world = await started();
    await world.scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', hours: 1 });
    return world;
  }

  it('that is not its trigger leaves its next run', async () => {
    const { scheduler, clock, happened } = await withJob();
    await clock.advance(MINUTE);
    const job = await scheduler.modifyJob('a', {
      name: 'n',
      args: [9],
      maxInstances: 3,
      misfireGraceTime: 7,
      coalesce: false,
    });
    expect(job).toMatchObject({ name: 'n', args: [9], maxInstances: 3, misfireGraceTime: 7, coalesce: false });
    expect(job.nextRunTime).toBe(START + HOUR);
    expect(happened(EVENT_JOB_MODIFIED)).toMatchObject([{ jobId: 'a', jobStore: 'default' }]);
  });

  it('to a new trigger schedules it anew', async () => {
    const { scheduler } = await withJob();
    const job = await scheduler.rescheduleJob('a', { trigger: 'cron', hour: 12 });
    expect(job.nextRunTime).toBe(START + 12 * HOUR);
  });

  it('can give it another task', async () => {
    const { scheduler, clock } = await withJob();
    let ran = 0;
    await scheduler.modifyJob('a', { task: () => ran++ });
    await clock.advance(HOUR);
    expect(ran).toBe(1);
    await scheduler.modifyJob('a', { task: 'app:work' });
    await clock.advance(HOUR);
    expect(ran).toBe(1);
  });

  it('is all or nothing', async () => {
    const { scheduler } = await withJob();
    const before = await scheduler.getJob('a');
    const changes = { name: 'fine', trigger: 'cron', minute: '99' } as const;
    await expect(scheduler.modifyJob('a', changes)).rejects.toThrow(/minute/);
    expect(await scheduler.getJob('a')).toEqual(before);
  });

  it.each<[string, object, string]>([
    ['its id', { id: 'b' }, 'id'],
    ['its store', { jobStore: 'other' }, 'jobStore'],
    ['an option without its trigger', { minutes: 5 }, 'minutes'],
    ['an unknown executor', { executor: 'x' }, 'executor'],
    ['an unregistered task', { task: 'no:such' }, 'task'],
    ['an unknown member', { colour: 'red' }, 'colour'],
    ['a trigger that is over', { trigger: 'date', runDate: 'never' }, 'runDate'],
  ])('refuses to change %s', async (_what, changes, field) => {
    const { scheduler } = await withJob();
    const error = await scheduler.modifyJob('a', changes as JobChanges).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).faults.map((fault) => fault.field)).toContain(field);
  });

  it('pauses and resumes it; an interval keeps its phase', async () => {
    const { scheduler, clock } = await withJob();
    await clock.advance(10 * MINUTE);
    expect(await scheduler.pauseJob('a')).toMatchObject({ nextRunTime: null, paused: true });
    await clock.advance(3 * HOUR);
    expect(await scheduler.resumeJob('a')).toMatchObject({ nextRunTime: START + 4 * HOUR, paused: false });
  });

  it('resumes one that is not paused without touching it', async () => {
    const { scheduler, clock } = await withJob();
    await clock.advance(10 * MINUTE);
    expect((await scheduler.resumeJob('a')).nextRunTime).toBe(START + HOUR);
  });

  it('removes one whose trigger ended during its pause when it is resumed', async () => {
    const { scheduler, clock, happened } = await started();
    const endDate = START + DAY;
    await scheduler.addJob({ id: 'b', task: 'app:work', trigger: 'interval', hours: 1, endDate });
    await scheduler.pauseJob('b');
    await clock.advance(2 * DAY);
    expect((await scheduler.resumeJob('b')).nextRunTime).toBeNull();
    expect(await scheduler.getJob('b')).toBeUndefined();
    expect(happened(EVENT_JOB_REMOVED)).toMatchObject([{ jobId: 'b' }]);
  });

  it('runs a one-shot job that was paused over its time when it is resumed', async () => {
    const { scheduler, clock } = await started();
    let ran = 0;
    await scheduler.addJob({ id: 'b', task: () => ran++, trigger: 'date', runDate: START + HOUR });
    await scheduler.pauseJob('b');
    await clock.advance(DAY);
    expect(ran).toBe(0);
    await scheduler.resumeJob('b');
    await clock.advance(0);
    expect(ran).toBe(1);
  });

  it('emits an event for a pending job that changes, and none for one that does not', async () => {
    const { scheduler, happened } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', hours: 1 });
    await scheduler.modifyJob('a', { maxInstances: 2 });
    await scheduler.pauseJob('a');
    await scheduler.resumeJob('a');
    await scheduler.resumeJob('a');
    const event = { code: EVENT_JOB_MODIFIED, jobId: 'a', jobStore: 'default' };
    expect(happened(EVENT_JOB_MODIFIED)).toEqual([event, event, event]);
  });

  it('works on a pending job: its changes, its pause and its removal hold at the start', async () => {
    const { scheduler } = engineWorld();
    for (const id of ['a', 'b', 'c', 'd']) await scheduler.addJob({ id, task: nothing, trigger: 'interval', hours: 1 });
    await scheduler.modifyJob('a', { name: 'changed' });
    await scheduler.pauseJob('b');
    await scheduler.removeJob('c');
    await scheduler.pauseJob('d');
    await scheduler.resumeJob('d');
    await scheduler.start();
    expect(await scheduler.getJobs()).toMatchObject([
      { id: 'a', name: 'changed', nextRunTime: START + HOUR },
      { id: 'd', nextRunTime: START + HOUR },
      { id: 'b', paused: true, nextRunTime: null },
    ]);
  });

  it('of an unknown id is refused, whatever the change', async () => {
    const { scheduler } = await started();
    const refused = [
      scheduler.modifyJob('zzz', { name: 'x' }),
      scheduler.rescheduleJob('zzz', { trigger: 'cron', hour: 1 }),
      scheduler.pauseJob('zzz'),
      scheduler.resumeJob('zzz'),
      scheduler.removeJob('zzz'),
      scheduler.runJob('zzz'),
    ];
    for (const answer of refused) await expect(answer).rejects.toThrow(JobLookupError);
  });

  it('of no id at all says that there is no such job, and blames nobody else', async () => {
    const { scheduler } = await started();
    const none = undefined as unknown as string;
    expect(await scheduler.getJob(none)).toBeUndefined();
    const refused = [scheduler.removeJob(none), scheduler.pauseJob(none), scheduler.runJob(none)];
    for (const answer of refused) await expect(answer).rejects.toThrow(JobLookupError);
    expect(scheduler.health().status).toBe('up');
  });
});

describe('Removing jobs', () => {
  it('removes one, or all, and tells', async () => {
    const { scheduler, happened, clock } = await started();
    for (const id of ['a', 'b', 'c']) await scheduler.addJob({ id, task: 'app:work', trigger: 'interval', seconds: 1 });
    await scheduler.removeJob('a');
    expect((await scheduler.getJobs()).map(({ id }) => id)).toEqual(['b', 'c']);
    await scheduler.removeAllJobs();
    expect(await scheduler.getJobs()).toEqual([]);
    expect(happened(EVENT_JOB_REMOVED)).toMatchObject([{ jobId: 'a' }]);
    expect(happened(EVENT_ALL_JOBS_REMOVED)).toHaveLength(1);
    await clock.advance(10 * SECOND);
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('removes all pending ones, too', async () => {
    const { scheduler } = engineWorld();
    await scheduler.addJob({ task: nothing });
    await scheduler.removeAllJobs();
    await scheduler.start();
    expect(await scheduler.getJobs()).toEqual([]);
  });
});

describe('Running a job by hand', () => {
  it('answers what the task returned, and leaves the schedule alone', async () => {
    const { scheduler } = await started();
    const task = async (...args: unknown[]): Promise<unknown> => args.slice(0, -1);
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', hours: 1, args: [1], kwargs: { b: 2 } });
    await expect(scheduler.runJob('a')).resolves.toEqual([1, { b: 2 }]);
    expect((await scheduler.getJob('a'))?.nextRunTime).toBe(START + HOUR);
  });

  it('works on paused and pending jobs, and on a stopped scheduler', async () => {
    const { scheduler } = engineWorld();
    await scheduler.addJob({ id: 'a', task: () => 'ran', trigger: 'interval', hours: 1 });
    await expect(scheduler.runJob('a')).resolves.toBe('ran');
    await scheduler.start();
    await scheduler.pauseJob('a');
    await expect(scheduler.runJob('a')).resolves.toBe('ran');
  });

  it('does not use up the run of a one-shot job', async () => {
    const { scheduler, clock } = await started();
    let ran = 0;
    await scheduler.addJob({ id: 'a', task: () => ++ran, trigger: 'date', runDate: START + HOUR });
    await scheduler.runJob('a');
    expect(await scheduler.getJob('a')).toMatchObject({ nextRunTime: START + HOUR });
    await clock.advance(HOUR);
    expect(ran).toBe(2);
  });

  it('rejects with the message of the task that threw, and its error as cause', async () => {
    const { scheduler } = await started();
    const cause = new Error('no paper');
    await scheduler.addJob({ id: 'a', task: () => Promise.reject(cause), trigger: 'interval', hours: 1 });
    const error = await scheduler.runJob('a').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({ message: 'no paper', cause, code: 'TASK_FAILED' });
  });

  it('keeps to the job’s instances', async () => {
    const { scheduler } = await started();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'a', task: () => promise, trigger: 'interval', hours: 1 });
    const first = scheduler.runJob('a');
    await expect(scheduler.runJob('a')).rejects.toThrow(MaxInstancesReachedError);
    open();
    await first;
    await expect(scheduler.runJob('a')).resolves.toBeUndefined();
  });
});
