import fc from 'fast-check';
import { MemoryJobStore, type Job, type JobQuery } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, START, type EngineWorld } from '../../../support/engine.js';

const STORES = ['default', 'other', 'third'];

/** All jobs of a query, page by page. */
async function listed({ scheduler }: EngineWorld, query: JobQuery): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (let cursor: string | undefined | null; cursor !== null;) {
    const page = await scheduler.getJobs({ ...query, ...(cursor !== undefined && { cursor }) });
    expect(page.jobs.length).toBeLessThanOrEqual(query.limit ?? 100);
    jobs.push(...page.jobs);
    cursor = page.nextCursor;
  }
  return jobs;
}

const names = (jobs: readonly Job[]): string[] => jobs.map(({ id, jobStore }) => `${id}@${jobStore}`);

async function addJobs(world: EngineWorld, jobs: readonly JobLike[]): Promise<void> {
  for (const { hours, ...job } of jobs) {
    const definition = { task: 'work', trigger: 'interval', hours, ...job } as const;
    await world.scheduler.addJob(definition).catch(() => undefined);
  }
}

interface JobLike {
  readonly id: string;
  readonly name: string;
  readonly jobStore: string;
  readonly hours: number;
  readonly tags: readonly string[];
}

const jobLike = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  name: fc.constantFrom('x', 'Y', 'z'),
  jobStore: fc.constantFrom(...STORES),
  hours: fc.constantFrom(1, 2),
  tags: fc.subarray(['red', 'blue']),
});

const threeStores = (): EngineWorld => {
  const jobStores = Object.fromEntries(STORES.map((alias) => [alias, new MemoryJobStore()]));
  const world = engineWorld({ jobStores });
  world.scheduler.registerTask('work', () => undefined);
  return world;
};

describe('A list of jobs', () => {
  it('has those of all stores in one order, those that wait for the start too, whatever the length of its pages', async () => {
    const query = fc.record(
      {
        tag: fc.constantFrom('red', 'blue'),
        text: fc.constantFrom('Y', 'a'),
        sort: fc.constantFrom('name', '-name', 'nextRun', '-nextRun', 'id', '-id'),
      },
      { requiredKeys: ['sort'] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(jobLike),
        fc.array(jobLike),
        query,
        fc.integer({ min: 1, max: 5 }),
        async (first, second, wanted, limit) => {
          const world = threeStores();
          await addJobs(world, first);
          // The other half of them is in a scheduler that has not started.
          if (limit % 2 === 0) await world.scheduler.start();
          await addJobs(world, second);
          const all = await world.scheduler.getJobs();
          const fits = ({ id, name, tags }: Job): boolean =>
            (!wanted.tag || tags.includes(wanted.tag)) &&
            (!wanted.text || `${id} ${name}`.toLowerCase().includes(wanted.text.toLowerCase()));
          const order = wanted.sort.replace('-', '') as 'name' | 'nextRun' | 'id';
          const key = (job: Job): string | number =>
            order === 'nextRun' ? (job.nextRunTime ?? Infinity) : order === 'name' ? job.name.toLowerCase() : '';
          const less = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
          const sign = wanted.sort.startsWith('-') ? -1 : 1;
          const expected = all
            .filter(fits)
            .toSorted(
              (a, b) =>
                sign * (less(key(a), key(b)) || less(a.id, b.id)) ||
                STORES.indexOf(a.jobStore) - STORES.indexOf(b.jobStore),
            );
          const found = await listed(world, { ...wanted, limit });
          expect(names(found)).toEqual(names(expected));
          expect(found).toEqual(expected);
          if (limit % 2 === 0) await world.scheduler.shutdown();
        },
      ),
    );
  });

  it('goes on after a job that has been removed', async () => {
    const world = threeStores();
    await world.scheduler.start();
    await addJobs(
      world,
      ['a', 'b', 'c'].map((id) => ({ id, name: id, jobStore: 'default', hours: 1, tags: [] })),
    );
    const { jobs, nextCursor } = await world.scheduler.getJobs({ limit: 2 });
    expect(names(jobs)).toEqual(['a@default', 'b@default']);
    await world.scheduler.removeJob('b');
    expect(names((await world.scheduler.getJobs({ limit: 2, cursor: nextCursor as string })).jobs)).toEqual([
      'c@default',
    ]);
  });

  it('has jobs in each of their states', async () => {
    const world = threeStores();
    const { scheduler } = world;
    const over = gate();
    scheduler.registerTask('long', () => over.promise);
    await scheduler.start();
    const everyHour = { trigger: 'interval', hours: 1 } as const;
    await scheduler.addJob({ id: 'scheduled', task: 'work', ...everyHour });
    await scheduler.addJob({ id: 'paused', task: 'work', ...everyHour });
    await scheduler.pauseJob('paused');
    await scheduler.addJob({ id: 'disabled', task: 'work', enabled: false, ...everyHour });
    await scheduler.addJob({ id: 'running', task: 'long', ...everyHour });
    const run = await scheduler.runJob('running', { wait: false });
    const ids = async (query: JobQuery): Promise<string[]> => (await listed(world, query)).map(({ id }) => id);
    expect(await ids({ state: 'scheduled' })).toEqual(['scheduled']);
    expect(await ids({ state: 'paused' })).toEqual(['disabled', 'paused']);
    expect(await ids({ state: ['running', 'scheduled'] })).toEqual(['running', 'scheduled']);
    expect(await ids({ state: 'waiting' })).toEqual([]);
    expect(await ids({ lastOutcome: 'running' })).toEqual(['running']);
    expect(await ids({ sort: '-lastRun', limit: 1 })).toEqual(['running', 'scheduled', 'paused', 'disabled']);
    await scheduler.cancelRun(run.id);
    over.open();
    expect(await ids({ nextFrom: START, nextTo: new Date(START + HOUR + MINUTE), trigger: 'interval' })).toEqual([
      'running',
      'scheduled',
    ]);
    expect(await ids({ nextTo: START + HOUR })).toEqual([]);
    await scheduler.shutdown();
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['an unknown member', { colour: 'red' }, /colour is not known here; known are text, state, trigger/],
    [
      'an unknown state',
      { state: ['paused', 'asleep'] },
      /state must be one of scheduled, paused, waiting, running, got "asleep"/,
    ],
    [
      'an unknown order',
      { sort: 'size' },
      /sort must be one of id, name, nextRun, lastRun, or one of them after "-", got "size"/,
    ],
    ['an empty text', { text: '' }, /text must be a text of 1 to 1000 characters/],
    ['too many values', { tag: Array.from({ length: 101 }, () => 'x') }, /tag must be at most 100 values, got 101/],
    ['an empty tag', { tag: '' }, /tag must be a text of 1 to 1000 characters, got ""/],
    ['a limit beyond the largest page', { limit: 1001 }, /limit must be a whole number from 1 to 1000, got 1001/],
    ['no date', { nextFrom: 'soon' }, /nextFrom/],
    ['an unknown store', { jobStore: 'none' }, /jobStore "none" is not known; known are default/],
    ['a word for a flag', { declared: 'yes' }, /declared must be true or false, got "yes"/],
    [
      'a cursor that is none',
      { cursor: 'abc' },
      /cursor must be the nextCursor of a page in the same order, got "abc"/,
    ],
  ])('refuses %s', async (_what, query, message) => {
    const { scheduler } = engineWorld();
    await expect(scheduler.getJobs(query as JobQuery)).rejects.toThrow(message);
    expect(() => scheduler.checkJobQuery(query as JobQuery)).toThrow(message);
  });

  it('refuses the cursor of another order, and what is no query', async () => {
    const world = threeStores();
    await world.scheduler.start();
    await addJobs(
      world,
      ['a', 'b'].map((id) => ({ id, name: id, jobStore: 'other', hours: 1, tags: [] })),
    );
    const { nextCursor: cursor } = await world.scheduler.getJobs({ limit: 1, sort: 'name' });
    for (const sort of ['-name', 'id', 'nextRun'] as const) {
      await expect(world.scheduler.getJobs({ sort, cursor: cursor as string })).rejects.toThrow(/cursor must be/);
    }
    await expect(world.scheduler.getJobs(null as never)).rejects.toThrow(/query must be a plain object, got null/);
  });
});

describe('All jobs, in parts', () => {
  it('are those of getJobs(), each once, though some are rescheduled meanwhile', async () => {
    const world = threeStores();
    const { scheduler } = world;
    await scheduler.start();
    const ids = Array.from({ length: 2500 }, (_, n) => `job-${n}`);
    await scheduler.addJobs(ids.map((id) => ({ id, task: 'work', trigger: 'interval', hours: 1 })));
    await scheduler.addJob({ id: 'elsewhere', task: 'work', jobStore: 'other', trigger: 'interval', hours: 1 });
    const parts: (readonly Job[])[] = [];
    for await (const part of scheduler.streamJobs()) {
      parts.push(part);
      // It moves behind all others.
      await scheduler.modifyJob(part[0]?.id ?? '', { nextRunTime: new Date(START + 100 * HOUR) });
    }
    expect(parts.map(({ length }) => length)).toEqual([1000, 1000, 500, 1]);
    const found = names(parts.flat());
    expect(new Set(found)).toEqual(new Set(names(await scheduler.getJobs())));
    expect(found.length).toBe(2501);
    await scheduler.shutdown();
  });
});
