import type { AuditRecord } from '../../model/audit.js';
import { resolveAudit, type AuditLimits } from '../audit-options.js';
import type { AuditFilter } from '../job-store.js';

/** How many entries may be pruned before the array is copied. */
const SLACK = 1000;

/** The audit trail in this process. */
export class MemoryAudit {
  limits: AuditLimits = resolveAudit();
  /** By id. Those before `first` are pruned. */
  private entries: AuditRecord[] = [];
  private first = 0;

  append(added: readonly AuditRecord[]): void {
    const { limits } = this;
    for (const entry of added) this.insert(entry);
    const latest = this.entries.at(-1)?.time ?? 0;
    this.first = Math.max(this.first, this.entries.length - limits.maxCount);
    while ((this.entries[this.first]?.time ?? Infinity) < latest - limits.maxAgeMs) this.first++;
    if (this.first < SLACK && this.first < this.entries.length) return;
    this.entries = this.entries.slice(this.first);
    this.first = 0;
  }

  find(filter: AuditFilter): AuditRecord[] {
    const { actions, actor, before, from = -Infinity, jobId, limit, now, to = Infinity } = filter;
    const earliest = Math.max(from, now - this.limits.maxAgeMs);
    const found: AuditRecord[] = [];
    for (let at = this.entries.length - 1; at >= this.first && found.length < limit; at--) {
      const entry = this.entries[at] as AuditRecord;
      if (entry.time < earliest) break;
      if (entry.time >= to || (before !== undefined && entry.id >= before)) continue;
      if (jobId !== undefined && entry.jobId !== jobId) continue;
      if (actor !== undefined && entry.actor !== actor) continue;
      if (actions && !actions.includes(entry.action)) continue;
      found.push(entry);
    }
    return found;
  }

  /** Nearly always at the end: unless the clock was set back. */
  private insert(entry: AuditRecord): void {
    let at = this.entries.length;
    while (at > this.first && (this.entries[at - 1] as AuditRecord).id > entry.id) at--;
    if (at === this.entries.length) this.entries.push(entry);
    else this.entries.splice(at, 0, entry);
  }
}
