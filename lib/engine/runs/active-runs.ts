import type { JobExecution } from './job-execution.js';

/** What is under way, the oldest first: a list that runs through the executions themselves, for it is kept with every fire. */
export class ActiveRuns {
  private oldest: JobExecution | null = null;
  private newest: JobExecution | null = null;
  private count = 0;

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
  }

  /** All of them as they are now: who goes through them may end some. */
  list(): readonly JobExecution[] {
    const all: JobExecution[] = [];
    for (let execution = this.oldest; execution; execution = execution.after) all.push(execution);
    return all;
  }
}
