import { LocalExecutor, MemoryJobStore, Scheduler, type HistoryOptions, type Run } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { DAY, engineWorld, gate, HOUR, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const nothing = (): undefined => undefined;

/** Every page of a job's runs, or of all runs. */
async function allRuns(scheduler: Scheduler, query: { jobId?: string; limit?: number } = {}): Promise<readonly Run[]> {
  const found: Run[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await scheduler.getRuns({ limit: 1000, ...query, ...(cursor !== undefined && { cursor }) });
    found.push(...page.runs);
    cursor = page.nextCursor;
  }
  return found;
}

/** A world in which job "a" has run once a minute, some minutes long. */
async function worldAfter(minutes: number, history: HistoryOptions = {}): Promise<EngineWorld> {
  const world = engineWorld({ history });
  await world.scheduler.addJob({ id: 'a', task: () => world.clock.now(), trigger: 'interval', minutes: 1 });
  await world.scheduler.start();
  await world.clock.advance(minutes * MINUTE);
  return world;
}

const minutesOf = (runs: readonly Run[]): readonly number[] =>
  runs.map(({ nominalTime }) => (nominalTime - START) / MINUTE);

describe('The history', () => {
  it('keeps the latest runs of each job', async () => {
    const { scheduler } = await worldAfter(20, { perJob: 3 });
    expect(minutesOf(await allRuns(scheduler))).toEqual([20, 19, 18]);
  });

  it('keeps the latest runs of all jobs', async () => {
    const world = engineWorld({ history: { perJob: 100, total: 5 } });
    for (const id of ['a', 'b', 'c']) {
      await world.scheduler.addJob({ id, task: nothing, trigger: 'interval', minutes: 1 });
    }
    await world.scheduler.start();
    await world.clock.advance('10m');
    expect(minutesOf(await allRuns(world.scheduler))).toEqual([10, 10, 10, 9, 9]);
  });

  it('keeps runs for as long as it is told to, whether more come or not', async () => {
    const world = await worldAfter(10, { maxAge: '5m' });
    expect(minutesOf(await allRuns(world.scheduler))).toEqual([10, 9, 8, 7, 6, 5]);
    await world.scheduler.pause();
    await world.clock.advance('3m');
    expect(minutesOf(await allRuns(world.scheduler))).toEqual([10, 9, 8]);
    await world.clock.advance('1d');
    expect(await allRuns(world.scheduler)).toEqual([]);
  });

  it('keeps a run that goes on, however old it is and however many come after it', async () => {
    const work = gate();
    const world = engineWorld({ history: { perJob: 1, total: 1, maxAge: '1m' } });
    await world.scheduler.addJob({ id: 'long', task: () => work.promise, trigger: 'date', runDate: START });
    await world.scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 1 });
    await world.scheduler.start();
    await world.clock.advance('1h');
    expect((await allRuns(world.scheduler)).map(({ jobId }) => jobId)).toEqual(['a', 'long']);
    work.open();
    await world.scheduler.shutdown();
  });

  it('can be switched off; the last run of each job is known all the same', async () => {
    const { scheduler } = await worldAfter(3, { perJob: 0, total: 0 });
    expect(await allRuns(scheduler)).toEqual([]);
    expect((await scheduler.getJob('a'))?.lastRun).toMatchObject({ nominalTime: START + 3 * MINUTE });
  });

  it('knows the last run of a job that was forgotten long ago', async () => {
    const world = engineWorld({ history: { total: 2, maxAge: '1h' } });
    await world.scheduler.addJob({ id: 'rare', task: () => 'rare', trigger: 'interval', days: 1 });
    await world.scheduler.addJob({ id: 'often', task: nothing, trigger: 'interval', minutes: 10 });
    await world.scheduler.start();
    await world.clock.advance(2 * DAY - MINUTE);
    expect(await allRuns(world.scheduler, { jobId: 'rare' })).toEqual([]);
    const lastRun = { state: 'succeeded', result: 'rare', nominalTime: START + DAY };
    expect((await world.scheduler.getJob('rare'))?.lastRun).toMatchObject(lastRun);
    expect((await world.scheduler.getJobs()).find(({ id }) => id === 'rare')?.lastRun).toMatchObject(lastRun);
  });

  it('knows the last run though a newer one could not begin after all', async () => {
    const world = engineWorld({
      history: { perJob: 0 },
      executors: { one: new LocalExecutor({ concurrency: 1 }) },
    });
    const { scheduler, clock } = world;
    let work = gate();
    work.open();
    const options = { executor: 'one', trigger: 'interval', hours: 1 } as const;
    await scheduler.addJob({ id: 'a', task: nothing, ...options });
    await scheduler.addJob({ id: 'busy', task: () => work.promise, ...options, startDate: START + 90 * MINUTE });
    await scheduler.start();
    await clock.advance('1h');
    work = gate();
    await clock.advance('1h');
    expect((await scheduler.getJob('a'))?.lastRun).toMatchObject({ state: 'running', startedAt: null });
    await scheduler.pauseJob('a', { cancelRuns: true });
    await clock.advance(0);
    expect((await scheduler.getJob('a'))?.lastRun).toMatchObject({
      state: 'succeeded',
      nominalTime: START + HOUR,
    });
    work.open();
    await scheduler.shutdown();
  });

  it('knows the last run that goes on though a newer one could not begin after all', async () => {
    const world = engineWorld({ executors: { one: new LocalExecutor({ concurrency: 1 }) } });
    const { scheduler, clock } = world;
    const work = gate();
    const options = { executor: 'one', maxInstances: 2 };
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', minutes: 1, ...options });
    await scheduler.start();
    await clock.advance('2m');
    const [newer] = await allRuns(scheduler);
    await scheduler.cancelRun(newer?.id ?? '');
    expect((await scheduler.getJob('a'))?.lastRun).toMatchObject({ state: 'running', nominalTime: START + MINUTE });
    work.open();
    await scheduler.shutdown();
  });

  it('does not lose the record of runs that are left out while it grows', async () => {
    const world = engineWorld({ history: { total: 3, maxAge: '10m' } });
    const work = gate();
    await world.scheduler.addJob({ id: 'long', task: () => work.promise, trigger: 'interval', minutes: 1 });
    await world.scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 1 });
    await world.scheduler.start();
    await world.clock.advance('1h');
    expect(await allRuns(world.scheduler, { jobId: 'long' })).toMatchObject([
      { state: 'skipped', nominalTime: START + 2 * MINUTE, lastNominalTime: START + HOUR },
      { state: 'running' },
    ]);
    expect(await allRuns(world.scheduler, { jobId: 'a' })).toHaveLength(2);
    work.open();
    await world.scheduler.shutdown();
  });

  it('forgets what is too old though an older record still grows', async () => {
    const world = engineWorld({ history: { maxAge: '10m' } });
    const work = gate();
    await world.scheduler.addJob({ id: 'long', task: () => work.promise, trigger: 'interval', minutes: 1 });
    await world.scheduler.start();
    await world.clock.advance('3m');
    await world.scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 1 });
    await world.clock.advance('57m');
    expect(minutesOf(await allRuns(world.scheduler, { jobId: 'a' }))).toEqual([
      60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50,
    ]);
    work.open();
    await world.scheduler.shutdown();
  });

  it('is bounded over a hundred thousand runs of a thousand jobs', async () => {
    const world = engineWorld({ history: { perJob: 3, total: 2000 } });
    await Promise.all(
      Array.from({ length: 1000 }, (_, n) =>
        world.scheduler.addJob({ id: `job-${n}`, task: nothing, trigger: 'interval', seconds: 1 }),
      ),
    );
    await world.scheduler.start();
    for (let second = 1; second <= 100; second++) {
      await world.clock.advance(SECOND);
      if (second % 25 === 0) expect(await allRuns(world.scheduler)).toHaveLength(2000);
    }
    const runs = await allRuns(world.scheduler);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(2000);
    expect(runs.at(-1)?.nominalTime).toBe(START + 99 * SECOND);
    const jobs = await world.scheduler.getJobs();
    expect(jobs.every(({ lastRun }) => lastRun?.nominalTime === START + 100 * SECOND)).toBe(true);
  });

  it.each<[unknown, string]>([
    ['much', 'history must be a plain object'],
    [{ perJob: -1 }, 'history.perJob must be a whole number of at least 0, got -1'],
    [{ total: 1.5 }, 'history.total must be a whole number of at least 0, got 1.5'],
    [{ maxAge: 'long' }, 'history.maxAge must be a duration'],
    [{ keep: 5 }, 'history.keep is not known here; known are perJob, total, maxAge'],
  ])('is refused with its fault named: %j', (history, message) => {
    expect(() => new Scheduler({ history: history as HistoryOptions })).toThrow(message);
  });
});

describe('Asking for runs', () => {
  it('shows the newest first, page by page, each once, while new ones come', async () => {
    const { scheduler, clock } = await worldAfter(10);
    const first = await scheduler.getRuns({ limit: 4 });
    expect(minutesOf(first.runs)).toEqual([10, 9, 8, 7]);
    await clock.advance('3m');
    const second = await scheduler.getRuns({ limit: 4, cursor: first.nextCursor as string });
    expect(minutesOf(second.runs)).toEqual([6, 5, 4, 3]);
    const third = await scheduler.getRuns({ limit: 4, cursor: second.nextCursor as string });
    expect(minutesOf(third.runs)).toEqual([2, 1]);
    expect(third.nextCursor).toBeNull();
  });

  it('promises no page that is empty', async () => {
    const { scheduler } = await worldAfter(4);
    const first = await scheduler.getRuns({ limit: 2 });
    const second = await scheduler.getRuns({ limit: 2, cursor: first.nextCursor as string });
    expect(minutesOf(second.runs)).toEqual([2, 1]);
    expect(second.nextCursor).toBeNull();
  });

  it('tells runs apart that were made at the same instant', async () => {
    const world = engineWorld();
    const id = (n: number): string => `job-${n}`;
    for (let n = 0; n < 25; n++) {
      await world.scheduler.addJob({ id: id(n), task: nothing, trigger: 'date', runDate: START });
    }
    await world.scheduler.start();
    await world.clock.advance(0);
    const runs = await allRuns(world.scheduler, { limit: 4 });
    expect(runs.map(({ jobId }) => jobId).toSorted()).toEqual(Array.from({ length: 25 }, (_, n) => id(n)).toSorted());
  });

  it('goes over all stores at once, or one', async () => {
    const world = engineWorld({ jobStores: { other: new MemoryJobStore() } });
    await world.scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 2 });
    await world.scheduler.addJob({ id: 'b', task: nothing, trigger: 'interval', minutes: 3, jobStore: 'other' });
    await world.scheduler.start();
    await world.clock.advance('9m');
    const runs = await allRuns(world.scheduler, { limit: 2 });
    expect(minutesOf(runs).toSorted((a, b) => b - a)).toEqual(minutesOf(runs));
    expect(minutesOf(runs).filter((_, index) => runs[index]?.jobStore === 'other')).toEqual([9, 6, 3]);
    expect(minutesOf(runs).filter((_, index) => runs[index]?.jobStore === 'default')).toEqual([8, 6, 4, 2]);
    expect((await world.scheduler.getRuns({ jobStore: 'other' })).runs.map(({ jobId }) => jobId)).toEqual([
      'b',
      'b',
      'b',
    ]);
  });

  it('finds runs by job, by state and by nominal time', async () => {
    const { scheduler, clock } = engineWorld();
    const task = (): void => {
      if ((clock.now() - START) % (2 * MINUTE) === 0) throw new Error('no');
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', minutes: 1 });
    await scheduler.addJob({ id: 'b', task: nothing, trigger: 'interval', minutes: 1 });
    await scheduler.start();
    await clock.advance('6m');
    const found = async (query: Parameters<Scheduler['getRuns']>[0]): Promise<readonly number[]> =>
      minutesOf((await scheduler.getRuns({ jobId: 'a', ...query })).runs);
    expect(await found({})).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await found({ state: 'failed' })).toEqual([6, 4, 2]);
    expect(await found({ state: ['failed', 'succeeded'] })).toHaveLength(6);
    expect(await found({ state: 'lost' })).toEqual([]);
    expect(await found({ state: [] })).toEqual([]);
    expect(await found({ from: START + 2 * MINUTE, to: START + 5 * MINUTE })).toEqual([4, 3, 2]);
    expect(await found({ from: new Date(START + 5 * MINUTE) })).toEqual([6, 5]);
    expect(await found({ to: '2030-01-01T00:02:00' })).toEqual([1]);
    expect(await found({ state: 'failed', from: START + 3 * MINUTE, limit: 1 })).toEqual([6]);
    expect((await scheduler.getRuns({ jobId: 'nobody' })).runs).toEqual([]);
  });

  it('finds a range where any of its times is among those asked for', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 1 });
    await scheduler.start({ paused: true });
    await clock.advance('10m');
    await scheduler.resume();
    await clock.advance(0);
    const within = async (from: number, to: number): Promise<number> =>
      (await scheduler.getRuns({ state: 'skipped', from: START + from, to: START + to })).runs.length;
    expect(await within(3 * MINUTE, 4 * MINUTE)).toBe(1);
    expect(await within(9 * MINUTE, 20 * MINUTE)).toBe(1);
    expect(await within(0, MINUTE + 1)).toBe(1);
    expect(await within(0, MINUTE)).toBe(0);
    expect(await within(9 * MINUTE + 1, 20 * MINUTE)).toBe(0);
  });

  it.each<[object | string, string]>([
    ['all', 'query must be a plain object'],
    [{ job: 'a' }, 'job is not known here'],
    [{ jobId: '' }, 'jobId must be a non-empty string'],
    [{ jobStore: 'none' }, 'jobStore "none" is not known; known are default'],
    [{ state: 'done' }, 'state must be one of running, handed_over, succeeded'],
    [{ state: ['failed', 5] }, 'state must be one of'],
    [{ from: 'yesterday' }, 'from '],
    [{ to: new Date(NaN) }, 'to '],
    [{ limit: 0 }, 'limit must be a whole number from 1 to 1000, got 0'],
    [{ limit: 1001 }, 'limit must be a whole number from 1 to 1000'],
    [{ limit: '5' }, 'limit must be a whole number'],
    [{ cursor: 5 }, 'cursor must be'],
  ])('is refused with its fault named: %j', async (query, message) => {
    const { scheduler } = engineWorld();
    // One that is refused rejects, and does not throw.
    await expect(scheduler.getRuns(query as object)).rejects.toThrow(message);
  });

  it('answers what is no handle: whoever changes it changes nothing', async () => {
    const { scheduler, clock } = engineWorld();
    const task = (context: { log: (text: string) => void }): object => {
      context.log('said');
      return { rows: [1] };
    };
    const failing = (): never => {
      throw new Error('no');
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', minutes: 1 });
    await scheduler.addJob({ id: 'b', task: failing, trigger: 'interval', minutes: 1 });
    await scheduler.start();
    await clock.advance('1m');
    const before = JSON.stringify(await allRuns(scheduler));
    const spoil = (run: Run | undefined): void => {
      Object.assign(run ?? {}, { state: 'lost', jobId: 'other' });
      (run?.result as { rows: number[] } | null)?.rows.push(2);
      Object.assign(run?.error ?? {}, { message: 'other' });
      Object.assign(run?.log[0] ?? {}, { message: 'other' });
      (run?.log as unknown[] | undefined)?.push('more');
    };
    for (const run of await allRuns(scheduler)) spoil(run);
    for (const { id } of await allRuns(scheduler)) spoil(await scheduler.getRun(id));
    for (const { lastRun } of await scheduler.getJobs()) spoil(lastRun as Run);
    expect(JSON.stringify(await allRuns(scheduler))).toBe(before);
  });

  it('finds no run by an id that there is not', async () => {
    expect(await engineWorld().scheduler.getRun('nobody')).toBeUndefined();
  });
});
