import {
  EVENT_JOB_MODIFIED,
  jobVersion,
  MemoryJobStore,
  StaleJobError,
  type Job,
  type JobChanges,
  type RunContext,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const everyMinute = { trigger: 'interval', minutes: 1 } as const;

async function running(): Promise<EngineWorld & { ran: number[]; task: (run: RunContext) => void }> {
  const world = engineWorld();
  const ran: number[] = [];
  await world.scheduler.start();
  return { ...world, ran, task: ({ scheduledTime }) => void ran.push((scheduledTime - START) / MINUTE) };
}

async function job({ scheduler }: EngineWorld, id = 'a'): Promise<Job> {
  const found = await scheduler.getJob(id);
  if (!found) throw new Error(`There is no job ${id}`);
  return found;
}

describe('The attributes of a job', () => {
  it('are kept as they are given, tags sorted and each once', async () => {
    const world = await running();
    const metadata = { owner: 'a' };
    await world.scheduler.addJob({
      ...{ id: 'a', task: world.task, ...everyMinute },
      ...{ tags: ['b', 'a', 'b'], metadata, description: 'Sends mail.', pauseAfterFailures: 3 },
    });
    metadata.owner = 'changed by the caller';
    expect(await job(world)).toMatchObject({
      tags: ['a', 'b'],
      metadata: { owner: 'a' },
      description: 'Sends mail.',
      maxRuns: null,
      pauseAfterFailures: 3,
      enabled: true,
    });
  });

  it('say nothing on a job that was given none, and are taken away by null or nothing', async () => {
    const world = await running();
    const nothing = { tags: [], metadata: {}, description: null, maxRuns: null, pauseAfterFailures: null };
    const given = { tags: ['a'], metadata: { a: 1 }, description: 'x', maxRuns: 2, pauseAfterFailures: 3 };
    await world.scheduler.addJob({ id: 'a', task: world.task, ...everyMinute });
    expect(await job(world)).toMatchObject(nothing);
    expect(await world.scheduler.modifyJob('a', given)).toMatchObject({ ...given, runsLeft: 2 });
    expect(await world.scheduler.modifyJob('a', nothing)).toMatchObject(nothing);
    expect(await job(world)).not.toHaveProperty('runsLeft');
  });

  it.each<[field: string, changes: JobChanges, problem: string]>([
    ['tags', { tags: 'a' as never }, 'tags must be an array of texts, got "a"'],
    ['tags', { tags: [''] }, 'tags must have texts of 1 to 100 characters without control characters, got ""'],
    ['tags', { tags: ['a\nb'] }, 'without control characters'],
    ['tags', { tags: Array.from({ length: 51 }, String) }, 'tags must have at most 50 members, got 51'],
    ['metadata', { metadata: [] as never }, 'metadata must be a plain object, got []'],
    ['metadata', { metadata: { at: new Date(0) } }, 'metadata.at must be plain JSON'],
    ['metadata', { metadata: { a: 'x'.repeat(10_000) } }, 'metadata must have at most 10000 characters as JSON'],
    ['description', { description: 5 as never }, 'description must be text, got 5'],
    ['maxRuns', { maxRuns: 0 }, 'maxRuns must be a whole number of at least 1, got 0'],
    ['maxRuns', { maxRuns: Infinity }, 'maxRuns must be at most 1000000000'],
    ['pauseAfterFailures', { pauseAfterFailures: 1.5 }, 'pauseAfterFailures must be a whole number'],
    ['enabled', { enabled: true } as never, 'enabled is not known here'],
  ])('are refused with a wrong %s', async (_field, changes, problem) => {
    const world = await running();
    await world.scheduler.addJob({ id: 'a', task: world.task, ...everyMinute });
    const before = await job(world);
    await expect(world.scheduler.modifyJob('a', changes)).rejects.toThrow(problem);
    expect(await job(world)).toEqual(before);
  });

  it('come through an export and an import', async () => {
    const world = await running();
    const attributes = { tags: ['a'], metadata: { a: 1 }, description: 'x', maxRuns: 3, pauseAfterFailures: 3 };
    world.scheduler.registerTask('work', world.task);
    await world.scheduler.addJob({ id: 'a', task: 'work', ...everyMinute, ...attributes });
    await world.clock.advance(MINUTE);
    await world.scheduler.pauseJob('a', { note: 'moving', actor: 'ann' });
    const text = await world.scheduler.exportJobs();
    const other = await running();
    other.scheduler.registerTask('work', other.task);
    await other.scheduler.importJobs(text);
    const { pause } = await job(world);
    expect(pause).toMatchObject({ note: 'moving', actor: 'ann' });
    expect(await job(other)).toMatchObject({ ...attributes, runsLeft: 2, paused: true, pause });
  });
});

describe('A job with maxRuns', () => {
  it('makes so many scheduled runs, and is over', async () => {
    const world = await running();
    const { scheduler, clock, ran, task } = world;
    await scheduler.addJob({ id: 'a', task, ...everyMinute, maxRuns: 3 });
    await scheduler.runJob('a');
    await clock.advance(2 * MINUTE);
    expect(await job(world)).toMatchObject({ maxRuns: 3, runsLeft: 1 });
    await clock.advance(10 * MINUTE);
    expect(ran).toEqual([0, 1, 2, 3]);
    expect(await scheduler.getJob('a')).toBeUndefined();
  });

  it('counts each run that it makes up, and none that is skipped', async () => {
    const { scheduler, clock, ran, task } = await running();
    await scheduler.addJob({ id: 'made up', task, ...everyMinute, coalesce: 'all', maxRuns: 3 });
    await scheduler.pause();
    await clock.advance(10 * MINUTE);
    await scheduler.resume();
    await clock.advance(0);
    expect(ran).toEqual([1, 2, 3]);
    let open: () => void = () => undefined;
    const slow = (): Promise<void> => new Promise((resolve) => (open = resolve));
    await scheduler.addJob({ id: 'slow', task: slow, ...everyMinute, maxRuns: 3 });
    await clock.advance(5 * MINUTE);
    expect(await scheduler.getJob('slow')).toMatchObject({ runsLeft: 2 });
    open();
  });

  it('begins to count anew when the limit is changed, and not when something else is', async () => {
    const world = await running();
    const { scheduler, clock, task } = world;
    await scheduler.addJob({ id: 'a', task, ...everyMinute, maxRuns: 3 });
    await clock.advance(2 * MINUTE);
    expect(await scheduler.modifyJob('a', { name: 'new' })).toMatchObject({ runsLeft: 1 });
    expect(await scheduler.modifyJob('a', { maxRuns: 5 })).toMatchObject({ runsLeft: 5 });
    expect(await scheduler.addJob({ id: 'a', task, ...everyMinute, maxRuns: 5, replaceExisting: true })).toMatchObject({
      runsLeft: 5,
    });
    await clock.advance(MINUTE);
    expect(await scheduler.addJob({ id: 'a', task, ...everyMinute, maxRuns: 5, replaceExisting: true })).toMatchObject({
      runsLeft: 4,
    });
  });

  it('that is declared does not begin anew when it is declared again', async () => {
    const { scheduler, clock, ran, task } = await running();
    const definition = { id: 'a', task, ...everyMinute, maxRuns: 2 };
    await scheduler.declareJob(definition);
    await clock.advance(10 * MINUTE);
    expect(await scheduler.declareJob(definition)).toBeUndefined();
    await clock.advance(10 * MINUTE);
    expect(ran).toEqual([1, 2]);
  });
});

describe('A job with pauseAfterFailures', () => {
  const failing = async (options: object = {}) => {
    const world = await running();
    let fails = true;
    const task = (): void => {
      if (fails) throw new Error('no');
    };
    await world.scheduler.addJob({ id: 'a', task, ...everyMinute, pauseAfterFailures: 3, ...options });
    return { ...world, succeed: (does: boolean) => void (fails = !does) };
  };

  it('is paused after so many failures in a row, says why, and tells listeners', async () => {
    const world = await failing();
    await world.clock.advance(2 * MINUTE);
    expect(await job(world)).toMatchObject({ paused: false, failures: 2 });
    expect(world.happened(EVENT_JOB_MODIFIED)).toEqual([]);
    await world.clock.advance(MINUTE);
    expect(await job(world)).toMatchObject({
      paused: true,
      nextRunTime: null,
      pause: { since: START + 3 * MINUTE, actor: null, note: 'It failed 3 times in a row', reason: 'failures' },
    });
    expect(world.happened(EVENT_JOB_MODIFIED)).toHaveLength(1);
    expect(world.logger.lines).toContain('warn: Job "a" is paused: it failed 3 times in a row');
  });

  it('counts anew after a success, and after it is resumed', async () => {
    const world = await failing();
    await world.clock.advance(2 * MINUTE);
    world.succeed(true);
    await world.clock.advance(MINUTE);
    expect(await job(world)).not.toHaveProperty('failures');
    world.succeed(false);
    await world.clock.advance(3 * MINUTE);
    expect(await job(world)).toMatchObject({ paused: true });
    expect(await world.scheduler.resumeJob('a')).not.toHaveProperty('failures');
    await world.clock.advance(MINUTE);
    expect(await job(world)).toMatchObject({ paused: false, failures: 2 });
  });

  it('counts a run once, when it is not retried any more', async () => {
    const world = await failing({ retry: { attempts: 2, delay: 1, jitter: 0 } });
    await world.clock.advance(2 * MINUTE + 30 * SECOND);
    expect(await job(world)).toMatchObject({ paused: false, failures: 2 });
  });

  it('counts no run by hand, and none that was cancelled', async () => {
    const world = await failing({ pauseAfterFailures: 1 });
    await expect(world.scheduler.runJob('a')).rejects.toThrow('no');
    expect(await job(world)).toMatchObject({ paused: false });
  });

  it('goes on being counted in its store, whichever scheduler runs it', async () => {
    const store = new MemoryJobStore();
    const countedUntil = async (time: number): Promise<Job | undefined> => {
      const world = engineWorld({ jobStores: { default: store } });
      world.scheduler.registerTask('work', () => {
        throw new Error('no');
      });
      await world.scheduler.start();
      if (!(await world.scheduler.getJob('a'))) {
        await world.scheduler.addJob({ id: 'a', task: 'work', ...everyMinute, pauseAfterFailures: 2 });
      }
      await world.clock.advance(time);
      await world.scheduler.shutdown();
      return world.scheduler.getJob('a');
    };
    expect(await countedUntil(MINUTE)).toMatchObject({ paused: false, failures: 1 });
    expect(await countedUntil(2 * MINUTE)).toMatchObject({ paused: true });
  });
});

describe('A pause', () => {
  it('says who paused the job, when and why, until it is resumed', async () => {
    const world = await running();
    const { scheduler, task } = world;
    await scheduler.addJob({ id: 'a', task, ...everyMinute });
    await scheduler.pauseJob('a', { actor: 'ann', note: 'the printer burns' });
    const pause = { since: START, actor: 'ann', note: 'the printer burns', reason: 'request' };
    expect(await job(world)).toMatchObject({ paused: true, pause });
    expect(await scheduler.pauseJob('a')).toMatchObject({ pause });
    expect(await scheduler.pauseJob('a', { note: 'still' })).toMatchObject({ pause: { actor: null, note: 'still' } });
    expect(await scheduler.resumeJob('a')).not.toHaveProperty('pause');
  });

  it('is refused with a note that is too long, and nothing has changed', async () => {
    const world = await running();
    await world.scheduler.addJob({ id: 'a', task: world.task, ...everyMinute });
    await expect(world.scheduler.pauseJob('a', { note: 'x'.repeat(10_001) })).rejects.toThrow(
      'note must have at most 10000 characters, got 10001',
    );
    expect(await job(world)).toMatchObject({ paused: false });
  });
});

describe('A declaration with enabled: false', () => {
  const definition = { id: 'a', ...everyMinute };

  it('keeps the job without running it; without it, the job goes on in its phase', async () => {
    const world = await running();
    const { scheduler, clock, ran, task } = world;
    await scheduler.declareJob({ ...definition, task });
    await clock.advance(90 * SECOND);
    await scheduler.declareJob({ ...definition, task, enabled: false });
    expect(await job(world)).toMatchObject({ enabled: false, paused: true, nextRunTime: null });
    await clock.advance(2 * MINUTE);
    await scheduler.declareJob({ ...definition, task });
    expect(await job(world)).toMatchObject({ enabled: true, paused: false, nextRunTime: START + 4 * MINUTE });
    await clock.advance(MINUTE);
    expect(ran).toEqual([1, 4]);
  });

  it('is apart from a pause by an operator: either holds the job, and neither ends the other', async () => {
    const world = await running();
    const { scheduler, task } = world;
    await scheduler.declareJob({ ...definition, task });
    await scheduler.pauseJob('a', { note: 'x' });
    await scheduler.declareJob({ ...definition, task, enabled: false });
    expect(await job(world)).toMatchObject({ enabled: false, paused: true, pause: { note: 'x' } });
    await scheduler.declareJob({ ...definition, task });
    expect(await job(world)).toMatchObject({ enabled: true, paused: true, pause: { note: 'x' } });
    await scheduler.declareJob({ ...definition, task, enabled: false });
    await scheduler.resumeJob('a');
    expect(await job(world)).toMatchObject({ enabled: false, paused: true });
    expect(await job(world)).not.toHaveProperty('pause');
    await scheduler.pauseJob('a');
    await scheduler.declareJob({ ...definition, task });
    expect(await job(world)).toMatchObject({ enabled: true, paused: true, pause: { reason: 'request' } });
    expect(await scheduler.resumeJob('a')).toMatchObject({ paused: false, nextRunTime: START + MINUTE });
  });

  it('is not undone by another trigger or time that an operator gives', async () => {
    const world = await running();
    const { scheduler, task } = world;
    await scheduler.declareJob({ ...definition, task, enabled: false });
    await scheduler.modifyJob('a', { trigger: 'interval', minutes: 5 });
    await scheduler.modifyJob('a', { nextRunTime: START + SECOND });
    expect(await job(world)).toMatchObject({ enabled: false, paused: true, nextRunTime: null });
  });
});

describe('The version of a job', () => {
  it('changes with each change, pause and resume, and not when the job runs', async () => {
    const world = await running();
    const { scheduler, clock, task } = world;
    await scheduler.addJob({ id: 'a', task, ...everyMinute });
    const versions = [jobVersion(await job(world))];
    await clock.advance(5 * MINUTE);
    expect(jobVersion(await job(world))).toBe(versions[0]);
    for (const change of [{ name: 'b' }, { tags: ['x'] }, { args: [1] }, { trigger: 'interval', hours: 1 }] as const) {
      versions.push(jobVersion(await scheduler.modifyJob('a', change)));
    }
    versions.push(jobVersion(await scheduler.pauseJob('a')), jobVersion(await scheduler.pauseJob('a', { note: 'x' })));
    expect(new Set(versions).size).toBe(versions.length);
    expect(jobVersion(await scheduler.resumeJob('a'))).toBe(versions[4]);
  });

  it('keeps a change from a job that somebody else has changed', async () => {
    const world = await running();
    const { scheduler, task } = world;
    await scheduler.addJob({ id: 'a', task, ...everyMinute });
    const ifVersion = jobVersion(await job(world));
    await scheduler.modifyJob('a', { name: 'first' }, { ifVersion });
    const second = scheduler.modifyJob('a', { name: 'second' }, { ifVersion });
    await expect(second).rejects.toThrow(StaleJobError);
    expect(await job(world)).toMatchObject({ name: 'first' });
  });

  it('can be told of arguments that JSON cannot hold', async () => {
    const world = await running();
    const loop: unknown[] = [1n];
    loop.push(loop);
    await world.scheduler.addJob({ id: 'a', task: world.task, ...everyMinute, args: loop });
    const version = jobVersion(await job(world));
    expect(jobVersion(await job(world))).toBe(version);
    expect(jobVersion(await world.scheduler.modifyJob('a', { args: [2n] }))).not.toBe(version);
  });
});
