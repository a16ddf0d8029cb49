import { InvalidInputError } from '../errors.js';
import { countProblem, UPPER_BOUNDS } from '../util/bounds.js';
import { isThenable } from '../util/is-thenable.js';
import type { RunOutcome } from '../model/run-record.js';
import { ExecutionQueue } from './execution-queue.js';
import type { Execution, Executor } from './executor.js';

/** Options of {@link LocalExecutor}. */
export interface LocalExecutorOptions {
  /** How many runs may be active at once; the others wait. At most 100,000. @default 100000 */
  concurrency?: number;
}

/** Executes runs in this process: calls the task and awaits its promise. */
export class LocalExecutor implements Executor {
  readonly concurrency: number;
  private readonly queue = new ExecutionQueue();
  private active = 0;
  private draining = false;

  /** @throws InvalidInputError when `concurrency` is not a whole number from 1 to 100,000. */
  constructor({ concurrency = UPPER_BOUNDS.concurrency }: LocalExecutorOptions = {}) {
    const problem = countProblem(concurrency, 'concurrency');
    if (problem !== undefined) throw new InvalidInputError('Invalid executor', [{ field: 'concurrency', problem }]);
    this.concurrency = concurrency;
  }

  submit(execution: Execution): void {
    // The common case: no queue, so the run starts at once.
    const isNext = !this.draining && this.queue.size === 0 && this.active < this.concurrency;
    if (!isNext) this.queue.push(execution);
    this.drain(isNext ? execution : null);
  }

  dropQueued(): void {
    this.queue.drop();
  }

  /** Not reentrant: a run that ends synchronously must not start the next one on its own stack. */
  private drain(next: Execution | null = null): void {
    if (this.draining) return;
    this.draining = true;
    try {
      if (next) this.carryOut(next);
      while (this.active < this.concurrency && this.queue.size > 0) this.carryOut(this.queue.shift() as Execution);
    } finally {
      this.draining = false;
    }
  }

  private carryOut(execution: Execution): void {
    if (!execution.begin()) return;
    this.active++;
    let outcome: RunOutcome;
    try {
      const answer = execution.invoke();
      if (isThenable(answer)) {
        this.follow(execution, answer);
        return;
      }
      outcome = { state: 'succeeded', returnValue: answer };
    } catch (error) {
      outcome = { state: 'failed', error };
    }
    this.settle(execution, outcome);
  }

  private follow(execution: Execution, answer: PromiseLike<unknown>): void {
    // Promise.resolve also tames a thenable that would call back twice, or throw from `then`.
    void Promise.resolve(answer).then(
      (returnValue) => this.settle(execution, { state: 'succeeded', returnValue }),
      (error: unknown) => this.settle(execution, { state: 'failed', error }),
    );
  }

  private settle(execution: Execution, outcome: RunOutcome): void {
    this.active--;
    execution.settle(outcome);
    this.drain();
  }
}
