import { Scheduler, type Run, type SchedulerOptions } from 'nestjs-apscheduler/engine';
import { threadExecutor, type ThreadExecutorOptions } from 'nestjs-apscheduler/threads';
import { afterEach, describe, expect, it } from 'vitest';
import { memoryLogger, type MemoryLogger } from '../../support/engine.js';
import { buildWorkers } from '../../support/threads/build-worker.js';

const workers = await buildWorkers(['work.worker', 'broken.worker', 'module.worker']);
const TASKS = ['where', 'greet', 'spin', 'chatter', 'exit', 'throw-later', 'reject-later', 'hoard', 'function', 'long'];
const started: Scheduler[] = [];

interface World {
  readonly scheduler: Scheduler;
  readonly logger: MemoryLogger;
  /** Runs a task once, and answers its run when it is over. */
  run(task: string, args?: readonly unknown[], job?: object): Promise<Run>;
}

/** A scheduler on worker threads, whose clock is the computer's: a thread's is, too. */
async function world(options: Partial<ThreadExecutorOptions> = {}, more: SchedulerOptions = {}): Promise<World> {
  const logger = memoryLogger();
  const executor = threadExecutor({ worker: workers['work.worker'], threads: 1, grace: 0.2, ...options });
  const scheduler = new Scheduler({ logger, executors: { default: executor }, ...more });
  for (const task of [...TASKS, 'date', 'add-job', 'unknown']) {
    scheduler.registerTask(task, () => {
      throw new Error('It runs in the main thread');
    });
  }
  await scheduler.start();
  started.push(scheduler);
  let jobs = 0;
  return {
    scheduler,
    logger,
    async run(task, args = [], job = {}) {
      const id = `${task} ${++jobs}`;
      await scheduler.addJob({ id, task, args, ...job });
      return over(scheduler, id);
    },
  };
}

async function over(scheduler: Scheduler, jobId: string): Promise<Run> {
  const latest = async () => (await scheduler.getRuns({ jobId })).runs[0];
  await expect.poll(async () => (await latest())?.settled, { timeout: 20_000, interval: 20 }).toBe(true);
  return (await latest()) as Run;
}

async function spins(scheduler: Scheduler, jobId: string): Promise<string> {
  const latest = async () => (await scheduler.getRuns({ jobId })).runs[0];
  await expect.poll(async () => (await latest())?.log[0]?.message, { timeout: 20_000, interval: 20 }).toBe('spins');
  return (await latest())?.id as string;
}

const hello = { state: 'succeeded', result: 'Hello, world!' };

afterEach(async () => {
  const running = started.splice(0).filter((scheduler) => scheduler.running);
  await Promise.all(running.map((scheduler) => scheduler.shutdown({ timeout: 0 })));
});

describe('A busy loop in a worker thread', () => {
  it('is ended when its run is cancelled, and the next run gets another thread', async () => {
    const { scheduler, run } = await world();
    const first = (await run('where')).result as { threadId: number };
    await scheduler.addJob({ id: 'busy', task: 'spin' });
    const cancelled = await scheduler.cancelRun(await spins(scheduler, 'busy'));
    expect(cancelled).toMatchObject({ state: 'cancelled', settled: true, log: [{ message: 'spins' }] });
    const { threadId } = (await run('where')).result as { threadId: number };
    expect(threadId).not.toBe(first.threadId);
  });

  it('is ended when it times out, is recorded once, and tried again as the job says', async () => {
    const { run, logger, scheduler } = await world();
    await run('greet', ['warm']);
    await scheduler.addJob({ id: 'busy', task: 'spin', timeout: 0.3, retry: { attempts: 2, delay: 0 } });
    const runs = async () => (await scheduler.getRuns({ jobId: 'busy' })).runs;
    await expect.poll(async () => (await runs()).filter(({ settled }) => settled).length, { timeout: 20_000 }).toBe(2);
    expect(await runs()).toMatchObject([
      { state: 'timed_out', attempt: 2 },
      { state: 'timed_out', attempt: 1 },
    ]);
    expect(logger.lines.join('\n')).not.toContain('goes on though');
    expect(await run('greet', ['world'])).toMatchObject(hello);
  });

  it('is ended when the scheduler stops', async () => {
    const { scheduler } = await world();
    await scheduler.addJob({ id: 'busy', task: 'spin' });
    await spins(scheduler, 'busy');
    await scheduler.shutdown({ timeout: 0 });
    const [run] = (await scheduler.getRuns({ jobId: 'busy' })).runs;
    expect(run).toMatchObject({ state: 'cancelled', reason: 'shutdown', settled: true });
  });
});

describe('A thread that crashes', () => {
  it.each([
    ['calls process.exit', 'exit', [3], 'Its thread ended before its task, with exit code 3'],
    [
      'has an error that nothing catches',
      'throw-later',
      [],
      'An error that nothing caught has ended its thread: thrown by a timer',
    ],
    [
      'has a rejection that nothing handles',
      'reject-later',
      [],
      'An error that nothing caught has ended its thread: that nobody handles',
    ],
  ])('because a task %s is a failed run, and the next one gets another', async (_why, task, args, message) => {
    const { run } = await world();
    expect(await run(task, args)).toMatchObject({ state: 'failed', error: { name: 'ThreadFailedError', message } });
    expect(await run('greet', ['world'])).toMatchObject(hello);
  });

  it('because it is out of memory is a failed run that names the limit, and the process goes on', async () => {
    const { run } = await world({ resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 } });
    const message = 'Its thread ran out of memory; resourceLimits.maxOldGenerationSizeMb is 64';
    expect(await run('hoard')).toMatchObject({ state: 'failed', error: { name: 'ThreadFailedError', message } });
    expect(await run('greet', ['world'])).toMatchObject(hello);
  });

  it('before it can take a run fails that run, instead of letting it wait for ever', async () => {
    const { run } = await world({ execArgv: ['--import', 'data:text/javascript,process.exit(7)'] });
    expect(await run('greet', ['world'])).toMatchObject({
      state: 'failed',
      error: { name: 'ThreadFailedError', message: expect.stringContaining('Its thread could not start') },
    });
    expect(await run('greet', ['again'])).toMatchObject({ state: 'failed' });
  });

  it('again and again under many runs leaves none without an outcome', async () => {
    const { scheduler } = await world({ threads: 2 });
    const ids = Array.from({ length: 40 }, (_, n) => `job ${n}`);
    const fails = (n: number): boolean => n % 8 === 3;
    await scheduler.addJobs(
      ids.map((id, n) => (fails(n) ? { id, task: 'exit', args: [1] } : { id, task: 'greet', args: [id] })),
    );
    const runs = await Promise.all(ids.map((id) => over(scheduler, id)));
    expect(runs.map(({ state }) => state)).toEqual(ids.map((_, n) => (fails(n) ? 'failed' : 'succeeded')));
    const results = runs.flatMap(({ result }, n) => (fails(n) ? [] : [result]));
    expect(results).toEqual(ids.filter((_, n) => !fails(n)).map((id) => `Hello, ${id}!`));
  });
});

describe('A worker that cannot be used fails its runs', () => {
  it('with what keeps its application from starting', async () => {
    const { run } = await world({ worker: workers['broken.worker'] });
    const message = 'The application of its thread does not start: no database for this thread';
    for (let time = 0; time < 2; time++) {
      expect(await run('greet')).toMatchObject({
        state: 'failed',
        error: { name: 'ThreadFailedError', message, cause: { message: 'no database for this thread' } },
      });
    }
  });

  it('with what it should export', async () => {
    const { run } = await world({ worker: workers['module.worker'] });
    const message = expect.stringMatching(/module\.worker\.mjs .*It needs: export default threadWorker\(YourModule\)/);
    expect(await run('greet')).toMatchObject({ state: 'failed', error: { name: 'ThreadFailedError', message } });
  });

  it('with the task that it does not have', async () => {
    const { run } = await world();
    expect(await run('unknown')).toMatchObject({
      state: 'failed',
      error: {
        name: 'ConfigurationError',
        message: expect.stringMatching(/^Task "unknown" is not known in the worker thread; its module has greet, /),
      },
    });
  });
});

describe('What cannot cross threads is a failed run:', () => {
  it('arguments that are not JSON, by name', async () => {
    const { run } = await world();
    expect(await run('greet', [() => 1])).toMatchObject({
      state: 'failed',
      error: { name: 'InvalidInputError', message: expect.stringContaining('args.0 must be plain JSON') },
    });
  });

  it('a result that cannot be cloned', async () => {
    const { run } = await world();
    expect(await run('function')).toMatchObject({
      state: 'failed',
      error: {
        message: expect.stringMatching(
          /^Task "function" has returned what cannot leave its thread: .*could not be cloned/,
        ),
      },
    });
  });

  it('a result of more than ten megabytes; one beyond limits.resultBytes is left out of the record', async () => {
    const { run } = await world({}, { limits: { resultBytes: 1000 } });
    expect(await run('long', [998])).toMatchObject({ state: 'succeeded', result: 'x'.repeat(998) });
    expect(await run('long', [999])).toMatchObject({
      state: 'succeeded',
      result: null,
      resultOmitted: 'its JSON is too long: 1001 bytes, and limits.resultBytes is 1000',
    });
    expect(await run('long', [10_000_000])).toMatchObject({
      state: 'failed',
      error: { name: 'RangeError', message: expect.stringContaining('and 10000000 may leave a thread') },
    });
  });
});

describe('A run in a thread', () => {
  it('gives who waits for it what its task returned, dates too', async () => {
    const { scheduler } = await world();
    await scheduler.addJob({ id: 'date', task: 'date', trigger: 'interval', hours: 1 });
    expect(await scheduler.runJob('date')).toEqual(new Date(0));
  });

  it('that writes without end keeps its latest lines, and the main thread its pace', async () => {
    const { run } = await world();
    const { log, progress, result } = await run('chatter', [200_000]);
    expect({ lines: log.length, last: log.at(-1)?.message, progress, result }).toEqual({
      ...{ lines: 1000, last: 'line 200000', progress: 1, result: 200_000 },
    });
  });

  it('has no scheduler that would take jobs: what is asked of it is refused, with what to do', async () => {
    const { run } = await world();
    expect(await run('where')).toMatchObject({ state: 'succeeded', result: { isMainThread: false, isRunning: false } });
    expect(await run('add-job')).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('SchedulerService.addJob() was called in a worker thread') },
    });
  });

  it('goes on when its executor is removed, which waits for it', async () => {
    const { scheduler } = await world();
    await scheduler.addJob({ id: 'long', task: 'chatter', args: [1_000_000] });
    const latest = async () => (await scheduler.getRuns({ jobId: 'long' })).runs[0];
    await expect.poll(async () => (await latest())?.log.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0);
    expect(await latest()).toMatchObject({ state: 'running' });
    await scheduler.removeExecutor('default');
    expect(await latest()).toMatchObject({ state: 'succeeded', result: 1_000_000 });
  });

  it('shares its application with the runs before it in the same thread', async () => {
    const { run } = await world();
    const first = await run('where');
    expect(first.result).toMatchObject({ applications: 1 });
    expect((await run('where')).result).toEqual(first.result);
  });
});

describe('The options of a thread executor', () => {
  const worker = workers['work.worker'];
  it.each<[fault: string, given: unknown]>([
    ['options must be an object with worker, got undefined', undefined],
    [
      "worker must be the file that threads load, new URL('./reports.worker.js', import.meta.url) for example; got undefined",
      {},
    ],
    ['worker must be the file that threads load', { worker: new URL('https://example.org/a.js') }],
    ['worker is not a file: /no/such.worker.js', { worker: '/no/such.worker.js' }],
    ['threads must be a whole number of at least 1, got 0', { worker, threads: 0 }],
    ['threads must be at most 256, got 257', { worker, threads: 257 }],
    ['grace must be at most 3600 seconds', { worker, grace: '2h' }],
    ['resourceLimits must be an object of megabytes, got 64', { worker, resourceLimits: 64 }],
    ['resourceLimits.heap is not known; known are maxOldGenerationSizeMb', { worker, resourceLimits: { heap: 1 } }],
    ['resourceLimits.stackSizeMb must be megabytes', { worker, resourceLimits: { stackSizeMb: 0 } }],
    ['execArgv must be an array of options of Node.js, got "--import tsx"', { worker, execArgv: '--import tsx' }],
    ['size is not known; known are worker, threads, grace, resourceLimits, execArgv', { worker, size: 2 }],
  ])('are refused: %s', (fault, given) => {
    expect(() => threadExecutor(given as ThreadExecutorOptions)).toThrow(fault);
  });

  it('have bounds that its threads obey', () => {
    const { concurrency, endsWithinMs } = threadExecutor({ worker, threads: 3, grace: '500ms' });
    expect({ concurrency, endsWithinMs }).toEqual({ concurrency: 3, endsWithinMs: 2500 });
  });
});
