import type { Job } from '../model/job.js';
import type { Timeline, TimelineCount, TimelineEntry } from '../model/timeline.js';

const INTERVALS = 60;

/** Fire times of a job, the same distance from one another. */
export interface FoundTimes {
  /** The first one, in epoch milliseconds. */
  readonly time: number;
  readonly count: number;
  /** In milliseconds. */
  readonly apart: number;
}

export interface CollectorOptions {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly cellMs: number | null;
}

interface Collected extends TimelineEntry {
  /** Which of the jobs it is of: those of one job come one after the other. */
  readonly job: number;
}

/** Keeps the first fire times, or the first of each job in each cell, and counts all of them. */
export class TimelineCollector {
  private entries: Collected[] = [];
  private readonly counts = Array.from({ length: INTERVALS }, () => 0);
  private cellMs: number | null;
  private jobs = 0;
  private last: Job | null = null;

  constructor(private readonly options: CollectorOptions) {
    const { cellMs, from, limit, to } = options;
    this.cellMs = cellMs;
    // One job alone may need as many entries as there are cells.
    while (this.cellMs !== null && (to - from) / this.cellMs > limit) this.cellMs *= 2;
  }

  /** Where the cell ends that a time is in: there, where there are no cells. */
  cellEnd(time: number): number {
    return this.cellMs === null ? time : (Math.floor(time / this.cellMs) + 1) * this.cellMs;
  }

  /** Jobs are added one after the other, each with its times in order. */
  add(job: Job, times: FoundTimes): void {
    if (job !== this.last) this.jobs++;
    this.last = job;
    this.count(times);
    const { id: jobId, jobStore } = job;
    put(this.entries, { jobId, jobStore, time: times.time, count: times.count, job: this.jobs }, this.cellMs);
    const { from, limit, to } = this.options;
    while (this.cellMs !== null && this.entries.length > limit && this.cellMs < to - from) this.coarsen(this.cellMs);
    if (this.entries.length >= 2 * limit + 1000) this.keepFirst();
  }

  result(countedTo: number): Pick<Timeline, 'entries' | 'counts' | 'resolution'> {
    this.keepFirst();
    const counts = this.counts.map((count, interval): TimelineCount => ({ from: this.startOf(interval), count }));
    const entries = this.entries.filter(({ time }) => time < countedTo).map(({ job: _job, ...entry }) => entry);
    return { entries, counts, resolution: this.cellMs === null ? null : this.cellMs / 1000 };
  }

  /** Makes cells twice as long, so that two become one. */
  private coarsen(cellMs: number): void {
    const longer = cellMs * 2;
    const merged: Collected[] = [];
    for (const entry of this.entries) put(merged, entry, longer);
    this.entries = merged;
    this.cellMs = longer;
  }

  private count({ apart, count, time }: FoundTimes): void {
    const { from, to } = this.options;
    for (let [left, at] = [count, time]; left > 0;) {
      const interval = Math.min(INTERVALS - 1, Math.floor(((at - from) * INTERVALS) / (to - from)));
      const room = interval === INTERVALS - 1 ? Infinity : Math.ceil((this.startOf(interval + 1) - at) / apart);
      const here = Math.min(left, Math.max(1, room));
      this.counts[interval] = (this.counts[interval] ?? 0) + here;
      left -= here;
      at += here * apart;
    }
  }

  private startOf(interval: number): number {
    const { from, to } = this.options;
    return from + Math.floor(((to - from) * interval) / INTERVALS);
  }

  private keepFirst(): void {
    this.entries.sort((a, b) => a.time - b.time);
    this.entries.length = Math.min(this.entries.length, this.options.limit);
  }
}

/** Adds an entry to the last one where both are of the same job and cell. */
function put(entries: Collected[], entry: Collected, cellMs: number | null): void {
  const last = entries.at(-1);
  const isOfSameCell =
    cellMs !== null && last?.job === entry.job && Math.floor(last.time / cellMs) === Math.floor(entry.time / cellMs);
  if (isOfSameCell) entries[entries.length - 1] = { ...last, count: last.count + entry.count };
  else entries.push(entry);
}
