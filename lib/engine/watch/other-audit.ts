import type { AuditRecord } from '../model/audit.js';
import { storeTime, type StoreEntry } from '../runs/store-entry.js';
import { auditChangeOf, type SchedulerChange } from './scheduler-change.js';

/** How many entries are read at once, and in one look. */
const MOST_AT_ONCE = 50;
const MOST_ENTRIES = 200;

/** Finds the entries that other nodes add to the audit trail, by reading the latest entries of a shared store. */
export class OtherAudit {
  /** The ids of the last look; null before the first. */
  private seen: ReadonlySet<string> | null = null;
  /** The least id of the last look, if there were older entries. */
  private oldest = '';

  /** @param instance - ends the ids of this node's entries. */
  constructor(
    private readonly entry: StoreEntry,
    private readonly instance: string,
  ) {}

  /** The entries that have been added since the last look, the oldest first; nothing the first time. */
  async look(now: number): Promise<readonly SchedulerChange[]> {
    const { alias } = this.entry;
    const { seen, oldest } = this;
    const { ids, isWhole, records } = await this.latest(now);
    this.seen = new Set(ids);
    this.oldest = ids.length < MOST_AT_ONCE ? '' : (ids.at(-1) ?? '');
    if (seen === null) return [];
    const fresh = records.filter(({ id }) => id > oldest && !seen.has(id) && !id.endsWith(this.instance));
    const changes: SchedulerChange[] = fresh.toReversed().map((record) => auditChangeOf(record, alias));
    if (!isWhole) changes.unshift({ type: 'gap', of: 'audit', time: now, node: null, jobStore: alias });
    return changes;
  }

  /** The latest entries, newest first: back to those of the last look, unless these are too far. */
  private async latest(now: number): Promise<{
    readonly records: readonly AuditRecord[];
    /** Those of unreadable entries too. */
    readonly ids: readonly string[];
    readonly isWhole: boolean;
  }> {
    const records: AuditRecord[] = [];
    const ids: string[] = [];
    for (let before: string | undefined; ;) {
      const page: string[] = [];
      const filter = { limit: MOST_AT_ONCE, now: storeTime(this.entry, now), ...(before !== undefined && { before }) };
      for (const record of await this.entry.store.findAudit(filter, (id) => page.push(id))) {
        records.push(record);
        page.push(record.id);
      }
      page.sort().reverse();
      ids.push(...page);
      const isKnown = page.some((id) => id <= this.oldest || this.seen?.has(id));
      if (isKnown || this.seen === null || page.length < MOST_AT_ONCE) return { records, ids, isWhole: true };
      if (ids.length >= MOST_ENTRIES) return { records, ids, isWhole: false };
      before = page.at(-1);
    }
  }
}
