import { Worker } from 'bullmq';
import { bullmqExecutor, type BullmqExecutorOptions } from 'nestjs-apscheduler/bullmq';
import { SystemClock, type Executor, type RunContext } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { RunIds } from '../../../lib/engine/runs/run-ids.js';
import { TestExecution } from '../../../lib/testing/conformance/executors/test-execution.js';
import { connectionOf } from '../../support/bullmq/kit.worker-app.js';
import { handOver, queueWorlds, runsOf, settledRuns, type QueueWorld } from '../../support/bullmq/queue-world.js';
import { memoryLogger } from '../../support/engine.js';
import { testServer } from '../../support/servers/test-server.js';

const server = await testServer('redis');

describe.runIf(server.available)('A run that is handed over to BullMQ', { timeout: 60_000 }, () => {
  const world = queueWorlds(() => server.room());

  /** A started executor without a scheduler. */
  async function executorOf(here: QueueWorld, options: Partial<BullmqExecutorOptions> = {}): Promise<Executor> {
    const executor: Executor = bullmqExecutor({ ...here.options, ...options });
    executor.attach?.({ alias: 'heavy', clock: here.clock, logger: here.logger });
    await executor.start?.();
    here.closeAtEnd(async () => executor.stop?.());
    return executor;
  }

  function executionOf(here: QueueWorld, given: ConstructorParameters<typeof TestExecution>[2] = {}): TestExecution {
    const maker = { node: 'kit', ids: new RunIds() };
    const parts = { clock: here.clock, logger: here.logger, maker, changed: () => undefined };
    return new TestExecution(parts, 'work', given);
  }

  it('is carried out once when another node adopts it, which looks up how it ended', async () => {
    const here = await world();
    const first = await executorOf(here);
    const execution = executionOf(here);
    first.submit(execution);
    const queue = here.queue();
    await expect.poll(() => queue.getWaitingCount()).toBe(1);
    first.release?.(execution);
    await here.worker();
    await expect.poll(() => queue.getCompletedCount(), { timeout: 10_000 }).toBe(1);
    const adopted = executionOf(here, { run: execution.run, isAdopted: true });
    (await executorOf(here)).submit(adopted);
    await expect
      .poll(() => adopted.outcomes, { timeout: 10_000 })
      .toEqual([{ state: 'succeeded', returnValue: 'done' }]);
    expect(adopted.starts).toMatchObject([{ worker: expect.stringMatching(/:\d+$/) }]);
    expect(execution.outcomes).toEqual([]);
    expect(here.carriedOut).toEqual([execution.context.runId]);
  });

  it('is out of the queue when it is cancelled as soon as it is adopted', async () => {
    const here = await world();
    const first = await executorOf(here);
    const execution = executionOf(here);
    first.submit(execution);
    const queue = here.queue();
    await expect.poll(() => queue.getWaitingCount()).toBe(1);
    first.release?.(execution);
    const adopted = executionOf(here, { run: execution.run, isAdopted: true });
    (await executorOf(here)).submit(adopted);
    adopted.context.abort(new RangeError('not needed'));
    await expect.poll(() => adopted.outcomes).toMatchObject([{ state: 'failed', error: { name: 'RangeError' } }]);
    expect(await queue.getWaitingCount()).toBe(0);
  });

  it('is not cancelled by a node that has released it', async () => {
    const here = await world();
    const executor = await executorOf(here, { grace: 1 });
    const execution = executionOf(here);
    executor.submit(execution);
    const queue = here.queue();
    await expect.poll(() => queue.getWaitingCount()).toBe(1);
    executor.release?.(execution);
    execution.context.abort(new Error('too late'));
    await here.clock.advance('1m');
    expect(execution.outcomes).toEqual([]);
    expect(await queue.getWaitingCount()).toBe(1);
  });

  it('is out of the queue when it is cancelled while it waits', async () => {
    const here = await world();
    const scheduler = await here.scheduler();
    const [id = ''] = await handOver(scheduler, here.clock, 1);
    const queue = here.queue();
    await expect.poll(() => queue.getWaitingCount()).toBe(1);
    const [run] = await runsOf(scheduler, id);
    const cancelled = scheduler.cancelRun(run?.id ?? '');
    await settledRuns(scheduler, [id]);
    await here.clock.advance('1s');
    expect(await cancelled).toMatchObject({ state: 'cancelled', startedAt: null });
    expect(await queue.getWaitingCount()).toBe(0);
  });

  it('has the priority that the executor gives it, and fails alone where that is none', async () => {
    const here = await world();
    const priority = ({ jobId }: { jobId: string }): number => (jobId === 'job 1' ? -1 : Number(jobId.slice(4)) + 5);
    const scheduler = await here.scheduler({ priority });
    await handOver(scheduler, here.clock, 3);
    const queue = here.queue();
    await expect.poll(() => queue.getPrioritizedCount()).toBe(2);
    const jobs = await queue.getPrioritized();
    expect(jobs.map(({ data, opts }) => [data.jobId, opts.priority, opts.attempts])).toEqual([
      ['job 0', 5, 1],
      ['job 2', 7, 1],
    ]);
    expect(await settledRuns(scheduler, ['job 1'])).toMatchObject([
      { state: 'failed', error: { message: expect.stringContaining('jobOptions.priority must be a whole number') } },
    ]);
  });

  it('fails alone when it is larger than BullMQ is to take', async () => {
    const here = await world();
    const scheduler = await here.scheduler({ jobOptions: { sizeLimit: 1000 } });
    await scheduler.addJob({ id: 'large', task: 'work', executor: 'heavy', args: ['x'.repeat(2000)] });
    await scheduler.addJob({ id: 'small', task: 'work', executor: 'heavy' });
    await here.clock.advance(1);
    await here.worker();
    expect(await settledRuns(scheduler, ['large', 'small'])).toMatchObject([
      { state: 'failed', error: { message: expect.stringContaining('exceeds the limit 1000') } },
      { state: 'succeeded' },
    ]);
  });

  it('can be carried out by a worker that is none of this package', async () => {
    const here = await world();
    const { prefix, queue, url } = here.place;
    const seen: { jobId: string }[] = [];
    const worker = new Worker(
      queue,
      async (job) => {
        seen.push(job.data);
        await job.updateProgress({ progress: 0.5, lines: ['half of it'] });
        if (job.data.jobId === 'job 1') throw new Error('no luck');
        if (job.data.jobId === 'job 2') throw new Error('');
        return { rows: 3 };
      },
      { prefix, connection: connectionOf(url) },
    );
    here.closeAtEnd(() => worker.close());
    const scheduler = await here.scheduler();
    const ids = await handOver(scheduler, here.clock, 3, { args: [1], kwargs: { deep: true }, timeout: 60 });
    expect(await settledRuns(scheduler, ids)).toMatchObject([
      { state: 'succeeded', result: { rows: 3 }, progress: 0.5, log: [{ message: 'half of it' }] },
      { state: 'failed', error: { message: 'no luck', stack: expect.stringContaining('bullmq-runs.test') } },
      { state: 'failed', error: { message: '' } },
    ]);
    expect(seen.toSorted((a, b) => a.jobId.localeCompare(b.jobId))).toMatchObject([
      { jobId: 'job 0', task: 'work', args: [1], kwargs: { deep: true }, attempt: 1, timeout: 60_000, trace: null },
      { jobId: 'job 1' },
      { jobId: 'job 2' },
    ]);
  });

  it('says everything with its outcome where nothing was heard before', async () => {
    const here = await world();
    const scheduler = await here.scheduler();
    await here.worker({
      work: ({ log, progress }: RunContext) => {
        for (let n = 1; n <= 1200; n++) log(`line ${n}`);
        progress(1);
      },
    });
    const ids = await handOver(scheduler, here.clock, 1);
    const [run] = await settledRuns(scheduler, ids);
    expect(run).toMatchObject({ state: 'succeeded', progress: 1, worker: expect.stringMatching(/:\d+$/) });
    expect(run?.log.at(-1)).toMatchObject({ message: 'line 1200' });
    expect(run?.startedAt).toBeGreaterThanOrEqual(run?.fireTime ?? Infinity);
  });
});

describe.runIf(server.available)('The BullMQ executor', { timeout: 60_000 }, () => {
  const world = queueWorlds(() => server.room());

  it('uses a queue that it is given, and does not close it', async () => {
    const here = await world();
    const queue = here.queue();
    await here.worker();
    const { connection: _unused, prefix: _same, ...rest } = here.options;
    const options = { ...rest, queue, connection: undefined, prefix: undefined } as unknown as BullmqExecutorOptions;
    const scheduler = await here.scheduler(options);
    const ids = await handOver(scheduler, here.clock, 1);
    await settledRuns(scheduler, ids);
    await scheduler.shutdown({ wait: false });
    expect(await queue.getCompletedCount()).toBe(1);
  });

  it('removes the jobs of runs that were settled a minute ago', async () => {
    const here = await world();
    const scheduler = await here.scheduler();
    await here.worker({ hold: () => new Promise(() => undefined) });
    await settledRuns(scheduler, await handOver(scheduler, here.clock, 5));
    const queue = here.queue();
    expect(await queue.getCompletedCount()).toBe(5);
    await here.clock.advance('61s');
    scheduler.registerTask('hold', () => undefined);
    await scheduler.addJob({ id: 'holds', task: 'hold', executor: 'heavy' });
    await here.clock.advance('30s');
    await expect.poll(() => queue.getCompletedCount()).toBe(0);
  });

  it('fails the start when there is no server, and names it', async () => {
    const executor = bullmqExecutor({ queue: 'heavy', connection: 'redis://127.0.0.1:1' });
    executor.attach?.({ alias: 'heavy', clock: new SystemClock(), logger: memoryLogger() });
    await expect(executor.start?.()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(/^The Redis of queue "heavy" cannot be used: .*ECONNREFUSED/),
    });
    await executor.stop?.();
  });

  it('warns of a server that may throw runs away', async () => {
    const here = await world();
    const redis = here.redis();
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      await here.scheduler();
    } finally {
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
    }
    expect(here.logger.lines).toContainEqual(expect.stringMatching(/^warn: .*"maxmemory-policy noeviction"/));
  });
});
