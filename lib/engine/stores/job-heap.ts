import type { JobRecord } from '../job.js';

/** A job and its place in the heap; -1 when it is in none. */
export interface HeapEntry {
  job: JobRecord;
  position: number;
}

const timeOf = (entry: HeapEntry): number => entry.job.nextRunTime ?? Infinity;

/** A binary heap of jobs by next run time: the first is found at once, any other is moved in logarithmic time. */
export class JobHeap {
  private readonly entries: HeapEntry[] = [];

  get first(): HeapEntry | undefined {
    return this.entries[0];
  }

  /** Puts an entry where its next run time says, whether it was here before or not; without one it is taken out. */
  place(entry: HeapEntry): void {
    if (entry.job.nextRunTime === null) {
      this.remove(entry);
      return;
    }
    if (entry.position < 0) {
      entry.position = this.entries.length;
      this.entries.push(entry);
    }
    this.settle(entry);
  }

  remove(entry: HeapEntry): void {
    const { position } = entry;
    if (position < 0) return;
    entry.position = -1;
    const last = this.entries.pop();
    if (last === undefined || last === entry) return;
    last.position = position;
    this.entries[position] = last;
    this.settle(last);
  }

  clear(): void {
    this.entries.length = 0;
  }

  private settle(entry: HeapEntry): void {
    const { entries } = this;
    const time = timeOf(entry);
    let position = entry.position;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = entries[parent] as HeapEntry;
      if (timeOf(above) <= time) break;
      entries[position] = above;
      above.position = position;
      position = parent;
    }
    for (;;) {
      let child = 2 * position + 1;
      if (child >= entries.length) break;
      const right = child + 1;
      if (right < entries.length && timeOf(entries[right] as HeapEntry) < timeOf(entries[child] as HeapEntry)) {
        child = right;
      }
      const below = entries[child] as HeapEntry;
      if (timeOf(below) >= time) break;
      entries[position] = below;
      below.position = position;
      position = child;
    }
    entries[position] = entry;
    entry.position = position;
  }
}
