import type { RecordResult } from '../stores/job-store.js';
import type { RunEntry } from './run-entry.js';
import type { StoreEntry } from './store-entry.js';

interface FirstRecord {
  readonly entry: StoreEntry;
  readonly run: RunEntry;
  readonly recorded: Promise<RecordResult>;
  isRevoked: boolean;
}

/** Runs that are being recorded before they begin: nobody has handed them out. */
export class FirstRecords {
  private readonly pending = new Set<FirstRecord>();

  /** Records a run. Answers whether this node has a right to it then. @throws what the store throws. */
  async record(entry: StoreEntry, run: RunEntry): Promise<boolean> {
    const record: FirstRecord = { entry, run, recorded: entry.store.record([run]), isRevoked: false };
    this.pending.add(record);
    try {
      const { refused = [] } = await record.recorded;
      return !record.isRevoked && !refused.includes(run.id);
    } finally {
      this.pending.delete(record);
    }
  }

  /** This node has lost its right to runs of a store. */
  revoke(entry: StoreEntry, runIds: ReadonlySet<string>): void {
    for (const record of this.pending) if (record.entry === entry && runIds.has(record.run.id)) record.isRevoked = true;
  }

  /** Resolves when none is under way that was when it was asked. */
  async settled(): Promise<void> {
    await Promise.allSettled(Array.from(this.pending, ({ recorded }) => recorded));
  }
}
