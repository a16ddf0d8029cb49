import {
  EVENT_JOB_ERROR,
  LocalExecutor,
  type Execution,
  type Executor,
  type ExecutorContext,
  type RunOutcome,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, SECOND, START } from '../../../support/engine.js';

/** An executor that ends a run some seconds after its signal is aborted. */
class EndingExecutor implements Executor {
  readonly endsWithinMs = 5 * SECOND;
  readonly executions: Execution[] = [];
  context: ExecutorContext | undefined;
  starts = 0;
  stops = 0;

  constructor(
    private readonly endsAfterMs: number,
    private readonly outcome: RunOutcome = { state: 'failed', error: new Error('ended') },
    private readonly problem?: Error,
  ) {}

  attach(context: ExecutorContext): void {
    this.context = context;
  }

  async start(): Promise<void> {
    this.starts++;
    if (this.problem) throw this.problem;
  }

  submit(execution: Execution): void {
    this.executions.push(execution);
    if (!execution.begin()) return;
    execution.context.signal.addEventListener('abort', () => {
      this.context?.clock.setTimer(() => execution.settle(this.outcome), this.endsAfterMs);
    });
  }

  dropQueued(): void {
    // Nothing waits.
  }

  async stop(): Promise<void> {
    this.stops++;
  }
}

const job = { id: 'job', task: 'work', timeout: 10 };

async function running(executor: EndingExecutor) {
  const world = engineWorld({ executors: { default: executor } });
  world.scheduler.registerTask('work', () => undefined);
  await world.scheduler.start();
  await world.scheduler.addJob(job);
  await world.clock.advance(0);
  expect(executor.executions).toHaveLength(1);
  const run = async () => (await world.scheduler.getRuns({ jobId: 'job' })).runs[0]!;
  return { ...world, run };
}

describe('A run that its executor ends after an abort', () => {
  it('is recorded once, when it has ended, and nothing is said of a task that goes on', async () => {
    const { clock, run, logger, happened } = await running(new EndingExecutor(2 * SECOND));
    await clock.advance(10 * SECOND);
    expect(await run()).toMatchObject({ state: 'running', finishedAt: null });
    await clock.advance(2 * SECOND);
    expect(await run()).toMatchObject({ state: 'timed_out', settled: true, finishedAt: START + 12 * SECOND });
    expect(happened(EVENT_JOB_ERROR)).toHaveLength(1);
    expect(logger.lines.join()).not.toContain('goes on');
  });

  it('is recorded as aborted when it has not ended within the time that its executor gives', async () => {
    const { clock, run, logger } = await running(new EndingExecutor(60 * SECOND));
    await clock.advance(15 * SECOND);
    expect(await run()).toMatchObject({ state: 'timed_out', settled: false, finishedAt: START + 15 * SECOND });
    expect(logger.lines.join()).toContain('A run of job "job" goes on though its signal is aborted');
    await clock.advance(60 * SECOND);
    expect(await run()).toMatchObject({ state: 'timed_out', settled: true, finishedAt: START + 15 * SECOND });
  });

  it('has succeeded when its task finishes its work after a cancellation, which waits for that', async () => {
    const { clock, run, scheduler } = await running(
      new EndingExecutor(SECOND, { state: 'succeeded', returnValue: 'done' }),
    );
    const cancelled = scheduler.cancelRun((await run()).id);
    await clock.advance(2 * SECOND);
    expect(await cancelled).toMatchObject({ state: 'succeeded', result: 'done' });
  });

  it('is waited for when the scheduler stops, and its outcome recorded', async () => {
    const executor = new EndingExecutor(2 * SECOND);
    const { clock, run, scheduler } = await running(executor);
    const stopped = scheduler.shutdown({ timeout: 0 });
    await clock.advance(5 * SECOND);
    await stopped;
    expect(await run()).toMatchObject({ state: 'cancelled', reason: 'shutdown', finishedAt: START + 2 * SECOND });
    expect(executor.stops).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('An executor', () => {
  it("is given its alias, the scheduler's clock and its logger, and is started with each start", async () => {
    const executor = new EndingExecutor(0);
    const { clock, logger, scheduler } = engineWorld({ executors: { own: executor } });
    expect(executor.context?.alias).toBe('own');
    expect(executor.context?.clock.now()).toBe(clock.now());
    executor.context?.logger.info('hello');
    expect(logger.lines).toContain('info: hello');
    await scheduler.start();
    await scheduler.shutdown();
    await scheduler.start();
    await scheduler.shutdown();
    expect([executor.starts, executor.stops]).toEqual([2, 2]);
  });

  it('that cannot start fails the start of the scheduler, by name, and leaves nothing started', async () => {
    const fine = new EndingExecutor(0);
    const broken = new EndingExecutor(0, undefined, new Error('no such queue'));
    const { scheduler } = engineWorld({ executors: { fine, broken } });
    const message = 'Executor "broken" cannot start: no such queue';
    await expect(scheduler.start()).rejects.toMatchObject({ code: 'CONFIGURATION', message });
    expect(scheduler.running).toBe(false);
    expect(fine.stops).toBe(1);
  });

  it('that is added while the scheduler runs is started; that it cannot is logged', async () => {
    const { logger, scheduler } = engineWorld();
    await scheduler.start();
    const broken = new EndingExecutor(0, undefined, new Error('no such queue'));
    scheduler.addExecutor(broken, 'late');
    expect(broken.starts).toBe(1);
    await scheduler.shutdown();
    expect(logger.lines).toContain('error: Executor "late" has been added and does not work');
  });

  it('that only has what it must have is used as it is', async () => {
    const { scheduler } = engineWorld({ executors: { plain: new LocalExecutor() } });
    await scheduler.start();
    await scheduler.shutdown();
    expect(scheduler.running).toBe(false);
  });
});
