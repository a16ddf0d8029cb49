import { ManualClock } from '../../../engine/clock.js';
import type { Execution } from '../../../engine/executors/executor.js';
import type { Logger } from '../../../engine/logger.js';
import type { RunOutcome } from '../../../engine/model/run-record.js';
import { callWithin } from '../../../engine/runs/current-run.js';
import { RunEntry, type RunMaker } from '../../../engine/runs/run-entry.js';
import { TaskRunContext } from '../../../engine/runs/run-context.js';
import { resolveRunLimits } from '../../../engine/runs/run-limits.js';
import { copyData } from '../../../engine/util/copy-data.js';
import { EXECUTOR_TASKS } from './executor-tasks.js';

/** What a test gives to a run. */
export interface ExecutionGiven {
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** What `begin()` answers. @default true */
  readonly mayBegin?: boolean;
  /** @default false */
  readonly isAdopted?: boolean;
  /** The run that was handed over before, when `isAdopted` is set. Default: a new one. */
  readonly run?: RunEntry;
}

export interface TestExecutionParts {
  readonly clock: ManualClock;
  readonly logger: Logger;
  readonly maker: RunMaker;
  /** Called with each thing that happens to the run. */
  readonly changed: () => void;
}

/** A run that records what an executor does with it. */
export class TestExecution implements Execution {
  readonly context: TaskRunContext;
  readonly deadline = null;
  readonly timeoutMs = null;
  /** When and where its task was called, as an executor says that hands runs over. */
  readonly starts: { readonly at: number; readonly worker: string | null }[] = [];
  readonly run: RunEntry;
  readonly outcomes: RunOutcome[] = [];
  begins = 0;
  drops = 0;
  private isOver = false;

  constructor(
    private readonly parts: TestExecutionParts,
    readonly task: string,
    private readonly given: ExecutionGiven = {},
  ) {
    const now = parts.clock.now();
    const job = { id: `job of ${task}`, task, executor: 'tested' };
    this.run = given.run ?? new RunEntry(parts.maker, job, 'schedule', now, now, now);
    this.context = new TaskRunContext(this.run, { ...parts, limits: resolveRunLimits() });
  }

  get args(): readonly unknown[] {
    return copyData(this.given.args ?? []);
  }

  get kwargs(): Readonly<Record<string, unknown>> {
    return copyData(this.given.kwargs ?? {});
  }

  get isAdopted(): boolean {
    return this.given.isAdopted ?? false;
  }

  get outcome(): RunOutcome | undefined {
    return this.outcomes[0];
  }

  /** Whether its task has said that it runs. */
  get holds(): boolean {
    return this.run.log.some(({ message }) => message === 'holds');
  }

  begin(): boolean {
    if (this.isOver || this.given.mayBegin === false) return false;
    this.begins++;
    this.parts.changed();
    return true;
  }

  started(at: number, worker: string | null): void {
    this.starts.push({ at, worker });
    this.parts.changed();
  }

  invoke(): unknown {
    const { [this.task]: task } = EXECUTOR_TASKS;
    if (!task) throw new Error(`Task "${this.task}" is not registered`);
    return callWithin(this, task, this.given.kwargs ? [...this.args, this.kwargs] : this.args);
  }

  settle(outcome: RunOutcome): void {
    this.isOver = true;
    this.outcomes.push(outcome);
    this.parts.changed();
  }

  drop(): void {
    this.isOver = true;
    this.drops++;
    this.parts.changed();
  }
}
