import type { RunEntry } from './run-entry.js';
import type { StoreEntry } from './store-entry.js';

/** Runs that are being recorded before they start: no claim has recorded them. */
export class FirstRecords {
  private readonly pending = new Map<RunEntry, Promise<unknown>>();

  get runs(): Iterable<RunEntry> {
    return this.pending.keys();
  }

  /** Records a run. Answers whether this node may start it. @throws what the store throws. */
  async record(entry: StoreEntry, run: RunEntry): Promise<boolean> {
    const recorded = entry.store.record([run]);
    this.pending.set(run, recorded);
    try {
      const { refused = [] } = await recorded;
      return !refused.includes(run.id);
    } finally {
      this.pending.delete(run);
    }
  }

  /** Resolves when none is under way that was when it was asked. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.pending.values());
  }
}
