import { ManualClock, SystemClock, type Timer } from '../../../engine/clock.js';
import type { Executor } from '../../../engine/executors/executor.js';
import type { Logger } from '../../../engine/logger.js';
import { RunIds } from '../../../engine/runs/run-ids.js';
import { Scheduler } from '../../../engine/scheduler.js';
import type { RunOutcome } from '../../../engine/model/run-record.js';
import { fail } from '../checks.js';
import { EXECUTOR_TASKS } from './executor-tasks.js';
import type { ExecutorUnderTest, MakeExecutorUnderTest } from './executor-under-test.js';
import { TestExecution, type ExecutionGiven } from './test-execution.js';

/** 2030-01-01, a Tuesday, at midnight UTC. */
const START = Date.UTC(2030, 0, 1);
/** How often it is looked whether something has happened of which nothing is heard, in milliseconds. */
const LOOK_MS = 10;

/** An executor, with a manual clock, and the runs that a test gives it. */
export class ExecutorWorld {
  /** What runs have written to the application's log. */
  readonly lines: string[] = [];
  private readonly maker = { node: 'kit', ids: new RunIds() };
  private readonly executions: TestExecution[] = [];
  private readonly schedulers: Scheduler[] = [];
  private onChange: () => void = () => undefined;

  private constructor(
    readonly executor: Executor,
    readonly clock: ManualClock,
    private readonly patienceMs: number,
    private readonly dispose: ExecutorUnderTest['dispose'],
  ) {}

  static async open(make: MakeExecutorUnderTest, patienceMs: number): Promise<ExecutorWorld> {
    const clock = new ManualClock(START, { patienceMs: 0 });
    const made = await make(clock);
    const { executor, dispose } = 'executor' in made ? made : { executor: made };
    return new ExecutorWorld(executor, clock, patienceMs, dispose);
  }

  /** Gives the executor to a test that uses it without a scheduler. */
  async start(): Promise<this> {
    this.executor.attach?.({ alias: 'tested', clock: this.clock, logger: this.logger });
    await this.executor.start?.();
    return this;
  }

  /** A scheduler whose default executor is the tested one. */
  async scheduler(): Promise<Scheduler> {
    const { clock, executor, logger } = this;
    const scheduler = new Scheduler({ clock, logger, timezone: 'UTC', executors: { default: executor } });
    for (const [name, task] of Object.entries(EXECUTOR_TASKS)) scheduler.registerTask(name, task);
    this.schedulers.push(scheduler);
    await scheduler.start();
    return scheduler;
  }

  execution(task: string, given?: ExecutionGiven): TestExecution {
    const { clock, logger, maker } = this;
    const execution = new TestExecution({ clock, logger, maker, changed: () => this.onChange() }, task, given);
    this.executions.push(execution);
    return execution;
  }

  submit(task: string, given?: ExecutionGiven): TestExecution {
    const execution = this.execution(task, given);
    this.executor.submit(execution);
    return execution;
  }

  /** Submits a run and waits for its outcome. */
  async outcomeOf(task: string, given?: ExecutionGiven): Promise<RunOutcome> {
    const execution = this.submit(task, given);
    await this.until(() => execution.outcomes.length > 0, `the outcome of ${task}`);
    return execution.outcome as RunOutcome;
  }

  /** Waits for something that happens elsewhere, in real time. */
  async until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const real = new SystemClock();
    const end = real.now() + this.patienceMs;
    while (!(await holds())) {
      if (real.now() > end) fail(`${what}: waited ${this.patienceMs} ms for it`, 'nothing happened', 'it happens');
      let timer: Timer | undefined;
      await new Promise<void>((resolve) => {
        this.onChange = resolve;
        timer = real.setTimer(resolve, LOOK_MS);
      });
      timer?.cancel();
    }
  }

  /** Gives what would come too often the time to come. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await this.clock.yield();
  }

  async close(): Promise<void> {
    for (const scheduler of this.schedulers) if (scheduler.running) await this.shutdown(scheduler);
    for (const { begins, context, outcomes } of this.executions) {
      if (begins > outcomes.length) context.abort(new Error('The test is over'));
    }
    await this.settle();
    await this.turningUntil(this.stop(), 'stop()');
    await this.dispose?.();
  }

  async stop(): Promise<void> {
    await this.executor.stop?.();
  }

  shutdown(scheduler: Scheduler): Promise<void> {
    return this.turningUntil(scheduler.shutdown({ timeout: 0 }), 'the shutdown of the scheduler');
  }

  /** Turns the clock until work is done: what an executor ends by a timer waits for it. */
  async turningUntil<T>(work: Promise<T>, what: string): Promise<T> {
    let isOver = false;
    const end = (): void => void (isOver = true);
    work.then(end, end);
    await this.until(async () => {
      if (!isOver) await this.clock.advance(100);
      return isOver;
    }, what);
    return work;
  }

  private get logger(): Logger {
    const keep = (message: string): void => void this.lines.push(message);
    return { debug: keep, info: keep, warn: keep, error: keep };
  }
}
