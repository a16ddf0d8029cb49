import { ConflictingIdError, JobLookupError } from '../errors.js';
import type { JobRecord } from '../job.js';
import { JobHeap, type HeapEntry } from './job-heap.js';
import type { JobStore, StoreCapabilities, TakenJob, TakeRequest, TakeResult } from './job-store.js';

/** Keeps jobs in this process. They are gone with it. */
export class MemoryJobStore implements JobStore {
  readonly capabilities: StoreCapabilities = { durable: false, shared: false, notifying: false };
  private readonly entries = new Map<string, HeapEntry>();
  private readonly due = new JobHeap();
  /** Due jobs that a plan left: out of the heap, or they would stand in the way of all others. */
  private readonly left = new Set<HeapEntry>();

  async add(job: JobRecord): Promise<void> {
    if (this.entries.has(job.id)) throw new ConflictingIdError(job.id);
    const entry: HeapEntry = { job, position: -1 };
    this.entries.set(job.id, entry);
    this.due.place(entry);
  }

  async get(id: string): Promise<JobRecord | undefined> {
    return this.entries.get(id)?.job;
  }

  async list(): Promise<readonly JobRecord[]> {
    return Array.from(this.entries.values(), ({ job }) => job).sort(byNextRunTime);
  }

  async update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
    const entry = this.find(id);
    entry.job = change(entry.job);
    this.left.delete(entry);
    this.due.place(entry);
    return entry.job;
  }

  async remove(id: string): Promise<void> {
    this.drop(this.find(id));
  }

  async removeIfEnded(id: string): Promise<boolean> {
    const entry = this.entries.get(id);
    if (!entry || entry.job.nextRunTime !== null || entry.job.paused) return false;
    this.drop(entry);
    return true;
  }

  async removeAll(): Promise<void> {
    this.entries.clear();
    this.left.clear();
    this.due.clear();
  }

  async takeDue({ now, limit, plan }: TakeRequest): Promise<TakeResult> {
    const taken: TakenJob[] = [];
    for (let entry = this.due.first; entry && taken.length < limit; entry = this.due.first) {
      const { nextRunTime } = entry.job;
      if (nextRunTime === null || nextRunTime > now) break;
      const decision = plan(entry.job);
      if (decision === null) {
        this.due.remove(entry);
        this.left.add(entry);
        continue;
      }
      entry.job = {
        ...entry.job,
        nextRunTime: decision.next?.fireTime ?? null,
        nextNominalTime: decision.next?.nominalTime ?? null,
        paused: decision.parks,
      };
      this.due.place(entry);
      taken.push({ job: entry.job, plan: decision });
    }
    return { taken, nextDue: this.due.first?.job.nextRunTime ?? null };
  }

  reconsider(): void {
    for (const entry of this.left) this.due.place(entry);
    this.left.clear();
  }

  private find(id: string): HeapEntry {
    const entry = this.entries.get(id);
    if (!entry) throw new JobLookupError(id);
    return entry;
  }

  private drop(entry: HeapEntry): void {
    this.entries.delete(entry.job.id);
    this.left.delete(entry);
    this.due.remove(entry);
  }
}

function byNextRunTime(a: JobRecord, b: JobRecord): number {
  if (a.nextRunTime === b.nextRunTime) return 0;
  if (a.nextRunTime === null) return 1;
  if (b.nextRunTime === null) return -1;
  return a.nextRunTime - b.nextRunTime;
}
