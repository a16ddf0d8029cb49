import type { RunRecord } from '../../model/run-record.js';
import { DueHeap } from './due-heap.js';
import { MemoryRetry, type JobRuns, type MemoryEntry } from './memory-entry.js';

/** The jobs and retries that fall due, and those that are due and were left where they are. */
export class DueWork {
  private readonly jobs = new DueHeap<MemoryEntry>();
  /** Due jobs that a plan left: out of the heap, or they would stand in the way of all others. */
  private readonly left = new Set<MemoryEntry>();
  private readonly retries = new DueHeap<MemoryRetry>();
  private readonly leftRetries = new Set<MemoryRetry>();

  get firstJob(): MemoryEntry | undefined {
    return this.jobs.first;
  }

  /** When the next job or retry falls due, in epoch milliseconds; null if none does. */
  get nextDue(): number | null {
    const nextDue = Math.min(this.jobs.first?.dueAt ?? Infinity, this.retries.first?.dueAt ?? Infinity);
    return nextDue === Infinity ? null : nextDue;
  }

  place(entry: MemoryEntry): void {
    this.jobs.place(entry);
  }

  /** The job has changed: what was left of it may be taken now. */
  placeAgain(entry: MemoryEntry): void {
    this.left.delete(entry);
    this.jobs.place(entry);
    for (const retry of entry.runs?.retries?.values() ?? []) {
      if (this.leftRetries.delete(retry)) this.retries.place(retry);
    }
  }

  leave(entry: MemoryEntry): void {
    this.jobs.remove(entry);
    this.left.add(entry);
  }

  reconsider(): void {
    for (const entry of this.left) this.jobs.place(entry);
    for (const retry of this.leftRetries) this.retries.place(retry);
    this.left.clear();
    this.leftRetries.clear();
  }

  /** With its retries. */
  remove(entry: MemoryEntry): void {
    for (const retry of entry.runs?.retries?.values() ?? []) this.forgetRetry(retry);
    this.left.delete(entry);
    this.jobs.remove(entry);
  }

  clear(): void {
    this.left.clear();
    this.jobs.clear();
    this.retries.clear();
    this.leftRetries.clear();
  }

  addRetry(entry: MemoryEntry, run: RunRecord, dueAt: number): void {
    const retry = new MemoryRetry(entry, run, dueAt);
    ((entry.runs as JobRuns).retries ??= new Map()).set(run, retry);
    this.retries.place(retry);
  }

  removeRetry(entry: MemoryEntry, run: RunRecord): void {
    const retry = entry.runs?.retries?.get(run);
    if (!retry) return;
    entry.runs?.retries?.delete(run);
    this.forgetRetry(retry);
  }

  /** Takes retries that are due, the earliest first. One that is not claimed then is left by {@link leaveRetry}. */
  takeRetries(now: number, limit: number): readonly MemoryRetry[] {
    const taken: MemoryRetry[] = [];
    for (let due = this.retries.first; due && due.dueAt <= now && taken.length < limit; due = this.retries.first) {
      this.retries.remove(due);
      taken.push(due);
    }
    // The heap keeps no order among equals, and runs of one job that could not start are all due at once.
    return taken.sort((a, b) => a.dueAt - b.dueAt || a.run.nominalTime - b.run.nominalTime);
  }

  leaveRetry(retry: MemoryRetry): void {
    this.leftRetries.add(retry);
  }

  private forgetRetry(retry: MemoryRetry): void {
    this.retries.remove(retry);
    this.leftRetries.delete(retry);
  }
}
