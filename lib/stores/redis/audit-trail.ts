import { readStoredAudit } from '../../engine/audit/stored-audit.js';
import type { AuditRecord } from '../../engine/model/audit.js';
import { runIdAt } from '../../engine/runs/run-ids.js';
import type { AuditFilter } from '../../engine/stores/job-store.js';
import { inWeighedChunks } from '../../engine/util/chunks.js';
import { messageOf } from '../../engine/util/inspect.js';
import { OnceLogger } from '../../engine/util/once-logger.js';
import { SCRIPT_BOUNDS, type Backend } from './backend.js';
import { APPEND_AUDIT, PAGE_AUDIT } from './scripts/audit-scripts.js';

type PageOfEntries = [ids: string[], rows: string[], isMore: number];

/** How many entries are looked through at once. */
const PAGE = 500;
/** A script that has pruned so many may have left some. */
const PRUNED_AT_ONCE = 1000;
/** Each entry is a command for each of its indexes. */
const BOUNDS = { items: SCRIPT_BOUNDS.items / 2, bytes: SCRIPT_BOUNDS.bytes };

/** The audit trail of a namespace. */
export class AuditTrail {
  private readonly reports = new OnceLogger(() => this.backend.context?.logger);

  constructor(private readonly backend: Backend) {}

  async append(entries: readonly AuditRecord[]): Promise<void> {
    const { attached, time } = this.backend;
    const { audit, clock } = attached;
    const rows = entries.map((entry) => ({ id: entry.id, row: rowOf(entry) }));
    const prune = [audit.maxCount, runIdAt(time.toStore(clock.now()) - audit.maxAgeMs)];
    let pruned = 0;
    for (const some of inWeighedChunks(rows, BOUNDS, ({ row }) => row.length)) {
      pruned = await this.backend.run<number>(APPEND_AUDIT, ...prune, ...some.flatMap(({ id, row }) => [id, row]));
    }
    // The limits may be lower than before.
    while (pruned >= PRUNED_AT_ONCE) pruned = await this.backend.run<number>(APPEND_AUDIT, ...prune);
  }

  async find(filter: AuditFilter, onUnreadable?: (id: string) => void): Promise<readonly AuditRecord[]> {
    const { actions, actor, from = 0, jobId, limit, now, to } = filter;
    const { maxAgeMs } = this.backend.attached.audit;
    const [prefix, isFiltered] = prefixOf(filter);
    const after = runIdAt(Math.max(from, now - maxAgeMs));
    const end = to === undefined ? '~' : runIdAt(to);
    let before = filter.before !== undefined && filter.before < end ? filter.before : end;
    const found: AuditRecord[] = [];
    let unreadable = 0;
    const matches = (entry: AuditRecord): boolean =>
      (jobId === undefined || entry.jobId === jobId) &&
      (actor === undefined || entry.actor === actor) &&
      (!actions || actions.includes(entry.action));
    for (;;) {
      const page = isFiltered ? PAGE : Math.min(PAGE, limit - found.length - unreadable);
      const [ids, rows, isMore] = await this.backend.run<PageOfEntries>(PAGE_AUDIT, prefix, after, before, page);
      for (const [index, id] of ids.entries()) {
        const entry = this.read(id, rows[index] ?? '');
        if (entry && matches(entry)) found.push(entry);
        // Whether a filter would find it cannot be said.
        else if (!entry && !isFiltered) {
          unreadable++;
          onUnreadable?.(id);
        }
        if (found.length + unreadable === limit) return found;
      }
      const last = ids.at(-1);
      if (last === undefined || isMore === 0) return found;
      before = last;
    }
  }

  private read(id: string, row: string): AuditRecord | undefined {
    try {
      return readStoredAudit(row.slice(0, row.indexOf('\0')));
    } catch (error) {
      this.reports.add(id, `Entry "${id}" of the audit trail cannot be read by this release: ${messageOf(error)}`);
      return undefined;
    }
  }
}

/** JSON has no NUL of its own, and ids and names that are stored have none. */
function rowOf(entry: AuditRecord): string {
  return [JSON.stringify(entry), entry.jobId ?? '', entry.actor ?? '', entry.action].join('\0');
}

/** What the members of the best index begin with, and whether something else is asked for besides. */
function prefixOf({ actions, actor, jobId }: AuditFilter): [prefix: string, isFiltered: boolean] {
  const isOneAction = actions?.length === 1;
  if (jobId !== undefined) return [`j${jobId}\0`, actor !== undefined || actions !== undefined];
  if (actor !== undefined) return [`a${actor}\0`, actions !== undefined];
  return isOneAction ? [`x${actions[0]}\0`, false] : ['', actions !== undefined];
}
