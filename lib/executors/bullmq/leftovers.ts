/** How long the job of a settled run is kept at least: its outcome must be recorded first, since the id is free without it. */
const KEPT_MS = 60_000;
/** How many are removed at once. */
const BATCH = 1000;

interface Leftover {
  readonly id: string;
  readonly since: number;
}

/** The jobs of runs that have been settled, until they are removed from the queue. */
export class Leftovers {
  /** The oldest first. */
  private jobs: Leftover[] = [];
  private isRemoving = false;

  constructor(private readonly removeOne: (id: string) => Promise<unknown>) {}

  /** May remove older ones: without a timer, what is left after the last run waits for the next, or for BullMQ's own age limit. */
  add(id: string, now: number): void {
    this.jobs.push({ id, since: now });
    if (this.jobs.length % BATCH === 0) void this.remove(now);
  }

  /** Removes those that are old enough. Never rejects. */
  async remove(now: number): Promise<void> {
    if (this.isRemoving) return;
    this.isRemoving = true;
    try {
      for (let due = this.due(now); due.length > 0; due = this.due(now)) {
        await Promise.all(due.map(({ id }) => this.removeOne(id)));
        this.jobs = this.jobs.slice(due.length);
      }
    } catch {
      // The next time, or by age.
    } finally {
      this.isRemoving = false;
    }
  }

  private due(now: number): readonly Leftover[] {
    const due = this.jobs.slice(0, BATCH);
    const end = due.findIndex(({ since }) => now - since < KEPT_MS);
    return end < 0 ? due : due.slice(0, end);
  }
}
