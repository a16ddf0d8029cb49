import { MemoryJobStore, type Execution, type Executor, type Job, type JobStore } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { engineWorld, SECOND, type EngineWorld } from '../../../support/engine.js';

type Query = { offset: number; tags: string[] };
const query = (): Query => ({ offset: 0, tags: ['a'] });

/** What each run was called with, as it was then. */
function recording({ scheduler }: EngineWorld, fails = false): unknown[] {
  const seen: unknown[] = [];
  scheduler.registerTask('page', (...all: unknown[]) => {
    const given = all.slice(0, -1) as Query[];
    seen.push(structuredClone(given));
    for (const one of given) {
      one.offset += 100;
      one.tags.push('b');
    }
    if (fails) throw new Error('no network');
  });
  return seen;
}

const every = { task: 'page', trigger: 'interval', seconds: 1 } as const;

describe('The arguments of a job', () => {
  async function world(fails = false): Promise<EngineWorld & { seen: unknown[] }> {
    const made = engineWorld();
    const seen = recording(made, fails);
    await made.scheduler.start();
    return { ...made, seen };
  }

  it('are for each run what the job was given, whatever the runs before did to theirs', async () => {
    const { scheduler, clock, seen } = await world();
    await scheduler.addJob({ ...every, id: 'a', args: [query()], kwargs: query() });
    await clock.advance(2 * SECOND);
    await scheduler.runJob('a');
    expect(seen).toEqual(Array.from({ length: 3 }, () => [query(), query()]));
    expect(await scheduler.getJob('a')).toMatchObject({ args: [query()], kwargs: query() });
    await scheduler.modifyJob('a', { name: 'another' });
    expect(await scheduler.getJob('a')).toMatchObject({ args: [query()], kwargs: query() });
    await scheduler.shutdown();
  });

  it('are the same for each attempt, also those of a run by hand', async () => {
    const { scheduler, clock, seen } = await world(true);
    const retry = { attempts: 3, delay: 1, backoff: 'fixed' } as const;
    await scheduler.addJob({ ...every, seconds: 60, id: 'a', args: [query()], retry });
    await scheduler.runJob('a', { wait: false, args: [{ ...query(), offset: 5 }] });
    await clock.advance(70 * SECOND);
    const given = { ...query(), offset: 5 };
    expect(seen).toEqual([[given], [given], [given], [query()], [query()], [query()]]);
    await scheduler.shutdown();
  });

  it('are not changed by what the caller does to its objects afterwards', async () => {
    const { scheduler, clock, seen } = await world();
    const added = query();
    const changed = query();
    const byHand = query();
    const adding = scheduler.addJob({ ...every, id: 'a', args: [added] });
    added.offset = 1;
    added.tags.push('x');
    await adding;
    await clock.advance(SECOND);
    const changing = scheduler.modifyJob('a', { args: [changed], kwargs: changed });
    changed.tags.push('x');
    await changing;
    await clock.advance(SECOND);
    const running = scheduler.runJob('a', { args: [byHand], kwargs: {} });
    byHand.offset = 1;
    await running;
    expect(seen).toEqual([[query()], [query(), query()], [query()]]);
    await scheduler.shutdown();
  });

  it('are not changed by what is done to a job or a run that was read', async () => {
    const { scheduler, clock, seen } = await world();
    await scheduler.addJob({ ...every, id: 'a', args: [query()], kwargs: query() });
    await scheduler.runJob('a', { args: [query()] });
    const jobs = [await scheduler.getJob('a'), ...(await scheduler.getJobs())];
    for (const { args, kwargs } of jobs as Job[]) {
      (args as Query[])[0]!.offset = 1;
      (args as unknown[]).push('more');
      (kwargs as Query).tags.length = 0;
    }
    const [run] = (await scheduler.getRuns()).runs;
    (run!.given!.args as Query[])[0]!.offset = 1;
    expect((await scheduler.getRuns()).runs[0]?.given).toEqual({ args: [query()] });
    await clock.advance(SECOND);
    expect(seen.at(-1)).toEqual([query(), query()]);
    await scheduler.shutdown();
  });

  it.each<[string, () => JobStore]>([
    ['memory', () => new MemoryJobStore()],
    ['SQLite', () => new SqlJobStore({ url: 'sqlite::memory:' })],
  ])('stay in %s as they were given, whatever runs, readers and the caller do', async (_where, makeStore) => {
    const made = engineWorld({ jobStores: { default: makeStore() } });
    const seen = recording(made);
    const { scheduler } = made;
    await scheduler.start();
    await scheduler.addJob({ ...every, seconds: 3600, id: 'a', args: [query()] });
    const changed = query();
    const changing = scheduler.modifyJob('a', { kwargs: changed });
    changed.tags.push('x');
    await changing;
    await scheduler.runJob('a');
    const { args } = (await scheduler.getJob('a')) as Job;
    (args as Query[])[0]!.offset = 7;
    await scheduler.modifyJob('a', { name: 'another' });
    await scheduler.runJob('a');
    expect(seen).toEqual([
      [query(), query()],
      [query(), query()],
    ]);
    expect(await scheduler.getJob('a')).toMatchObject({ args: [query()], kwargs: query() });
    await scheduler.shutdown();
  });

  it('are not changed before the start either', async () => {
    const world = engineWorld();
    const seen = recording(world);
    const { scheduler, clock } = world;
    const given = query();
    const job = await scheduler.addJob({ ...every, id: 'a', args: [given] });
    given.offset = 1;
    (job.args as [Query])[0].offset = 2;
    await scheduler.start();
    await clock.advance(SECOND);
    expect(seen).toEqual([[query()]]);
    await scheduler.shutdown();
  });

  it('are a copy of its own for each run also where another executor reads them', async () => {
    const seen: unknown[] = [];
    const executor: Executor = {
      submit(execution: Execution) {
        if (!execution.begin()) return;
        const [first] = execution.args as [Query];
        seen.push(first.offset, (execution.kwargs as Query).offset);
        first.offset = 1;
        (execution.kwargs as Query).offset = 1;
        execution.settle({ state: 'succeeded', returnValue: null });
      },
      dropQueued: () => undefined,
    };
    const { scheduler, clock } = engineWorld({ executors: { other: executor } });
    scheduler.registerTask('page', () => undefined);
    await scheduler.start();
    await scheduler.addJob({ ...every, id: 'a', executor: 'other', args: [query()], kwargs: query() });
    await clock.advance(2 * SECOND);
    expect(seen).toEqual([0, 0, 0, 0]);
    await scheduler.shutdown();
  });

  it('may be functions and instances of classes, which every run gets themselves', async () => {
    class Counter {
      count = 0;
    }
    const { scheduler, clock } = engineWorld();
    const counter = new Counter();
    await scheduler.start();
    await scheduler.addJob({
      id: 'a',
      task: (given: Counter, call: (one: Counter) => void) => call(given),
      args: [counter, (one: Counter) => void one.count++],
      trigger: 'interval',
      seconds: 1,
    });
    await clock.advance(2 * SECOND);
    expect(counter.count).toBe(2);
    await scheduler.shutdown();
  });
});
