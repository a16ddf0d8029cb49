import type { JobExecution } from './job-execution.js';

/** What is under way, the oldest first: a list that runs through the executions themselves, for it is kept with every fire. */
export class ActiveRuns {
  private oldest: JobExecution | null = null;
  private newest: JobExecution | null = null;
  private count = 0;
  private readonly idleWaiters = new Set<() => void>();
  /** Those that wait for the scheduler to stop: it cannot wait for them. */
  readonly exempted = new Set<JobExecution>();

  get size(): number {
    return this.count;
  }

  add(execution: JobExecution): void {
    execution.before = this.newest;
    if (this.newest) this.newest.after = execution;
    else this.oldest = execution;
    this.newest = execution;
    this.count++;
  }

  remove(execution: JobExecution): void {
    const { before, after } = execution;
    if (before) before.after = after;
    else this.oldest = after;
    if (after) after.before = before;
    else this.newest = before;
    execution.before = null;
    execution.after = null;
    this.count--;
    if (this.exempted.size > 0) this.exempted.delete(execution);
  }

  /** Those that are waited for when the scheduler stops. */
  get waited(): readonly JobExecution[] {
    return this.list().filter((execution) => !this.exempted.has(execution));
  }

  /** @returns what takes the exemption back. */
  exempt(executions: readonly JobExecution[]): () => void {
    for (const execution of executions) if (!execution.isOver) this.exempted.add(execution);
    this.answerIfIdle();
    return () => {
      // One that has been recorded as succeeded is not waited for again.
      for (const execution of executions) if (execution.run.finishedAt === null) this.exempted.delete(execution);
    };
  }

  /** Resolves once nothing is under way any more but what is exempted. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.idleWaiters.add(resolve);
      this.answerIfIdle();
    });
  }

  answerIfIdle(): void {
    if (this.idleWaiters.size === 0 || this.count > this.exempted.size) return;
    for (const resolve of this.idleWaiters) resolve();
    this.idleWaiters.clear();
  }

  /** All of them as they are now: who goes through them may end some. */
  list(): readonly JobExecution[] {
    const all: JobExecution[] = [];
    for (let execution = this.oldest; execution; execution = execution.after) all.push(execution);
    return all;
  }
}
