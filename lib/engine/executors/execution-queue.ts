import type { Execution } from './executor.js';

/** Runs that wait for their turn, in order. */
export class ExecutionQueue {
  private waiting: Execution[] = [];
  private head = 0;

  get size(): number {
    return this.waiting.length - this.head;
  }

  push(execution: Execution): void {
    this.waiting.push(execution);
  }

  shift(): Execution | undefined {
    if (this.size === 0) return undefined;
    const execution = this.waiting[this.head++];
    this.trim();
    return execution;
  }

  /** Drops all of them. */
  drop(): void {
    const dropped = this.waiting.slice(this.head);
    this.waiting = [];
    this.head = 0;
    for (const execution of dropped) execution.drop();
  }

  /** Taking the first of a long array moves all others, so that is done for many at once. */
  private trim(): void {
    if (this.head === this.waiting.length) {
      this.waiting.length = 0;
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.waiting.length) {
      this.waiting = this.waiting.slice(this.head);
      this.head = 0;
    }
  }
}
