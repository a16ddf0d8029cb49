import type { Clock } from '../clock.js';
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry, type AuditPage } from '../model/audit.js';
import { isRunId } from '../runs/run-ids.js';
import { storeTime, type StoreEntry } from '../runs/store-entry.js';
import type { AuditFilter } from '../stores/job-store.js';
import { parseDate, type DateInput } from '../time/iso-date.js';
import { FaultList } from '../triggers/fault-list.js';
import { UPPER_BOUNDS } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import type { AuditTrail } from './audit-trail.js';

const DEFAULT_ENTRIES = 100;

const NAMES: readonly string[] = ['jobId', 'jobStore', 'actor', 'action', 'from', 'to', 'limit', 'cursor'];

/** What a store has: an entry, or one that cannot be read. */
interface Found {
  readonly id: string;
  readonly entry?: AuditEntry;
}

export interface AuditDirectoryParts {
  readonly clock: Clock;
  /** The time zone of dates without an offset. */
  readonly timezone: string;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly trail: AuditTrail;
}

/** Queries the audit trails of all stores of a scheduler. */
export class AuditDirectory {
  constructor(private readonly parts: AuditDirectoryParts) {}

  /** @throws InvalidInputError with every fault; StoreFailedError */
  async list(query: unknown): Promise<AuditPage> {
    const { filter, jobStore } = this.parse(query);
    await this.parts.trail.flushed();
    const found: Found[] = [];
    for (const entry of this.parts.stores.values()) {
      if (entry.open && (jobStore === undefined || entry.alias === jobStore)) {
        found.push(...(await this.find(entry, filter)));
      }
    }
    found.sort((a, b) => (a.id < b.id ? 1 : -1));
    const page = found.slice(0, filter.limit);
    return {
      entries: page.flatMap(({ entry }) => entry ?? []),
      nextCursor: found.length > page.length ? (page.at(-1)?.id ?? null) : null,
    };
  }

  /** @throws InvalidInputError with every fault. */
  check(query: unknown): void {
    this.parse(query);
  }

  /** A page and one entry more, which tells whether there is another page. */
  private async find(entry: StoreEntry, filter: AuditFilter): Promise<readonly Found[]> {
    const { alias, store } = entry;
    const found: Found[] = [];
    const one = { ...filter, now: storeTime(entry, filter.now), limit: filter.limit + 1 };
    const records = await store.findAudit(one, (id) => found.push({ id }));
    for (const record of records) found.push({ id: record.id, entry: { ...record, jobStore: alias } });
    return found;
  }

  private parse(query: unknown): { readonly filter: AuditFilter; readonly jobStore: string | undefined } {
    const { clock, stores, timezone } = this.parts;
    const faults = new FaultList();
    const given = isPlainObject(query) ? query : {};
    if (given !== query) faults.add('query', `must be a plain object, got ${show(query)}`);
    for (const field of Object.keys(given)) {
      if (!NAMES.includes(field)) faults.add(field, `is not known here; known are ${NAMES.join(', ')}`);
    }
    const { action, actor, cursor, from, jobId, jobStore, limit = DEFAULT_ENTRIES, to } = given;
    for (const [field, value] of Object.entries({ jobId, jobStore, actor, cursor })) {
      if (value === undefined || (typeof value === 'string' && value !== '')) continue;
      faults.add(field, `must be a non-empty string, got ${show(value)}`);
    }
    if (typeof cursor === 'string' && cursor !== '' && !isRunId(cursor)) {
      faults.add('cursor', `must be the nextCursor of a page, got ${show(cursor)}`);
    }
    if (typeof jobStore === 'string' && jobStore !== '' && !stores.has(jobStore)) {
      faults.add('jobStore', `"${jobStore}" is not known; known are ${[...stores.keys()].join(', ') || 'none'}`);
    }
    const actions = action === undefined ? undefined : [action].flat();
    for (const one of actions ?? []) {
      if (AUDIT_ACTIONS.includes(one as AuditAction)) continue;
      faults.add('action', `must be one of ${AUDIT_ACTIONS.join(', ')}, got ${show(one)}`);
    }
    const most = UPPER_BOUNDS.auditPerPage;
    if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > most) {
      faults.add('limit', `must be a whole number from 1 to ${most}, got ${show(limit)}`);
    }
    const instantOf = (value: unknown, field: string): number | undefined =>
      value === undefined ? undefined : faults.attempt(() => parseDate(value as DateInput, field, timezone).epochMs);
    const instants = { from: instantOf(from, 'from'), to: instantOf(to, 'to') };
    faults.throwIfAny('Invalid query for the audit trail');
    return {
      jobStore: jobStore as string | undefined,
      filter: {
        now: clock.now(),
        limit: limit as number,
        ...(jobId !== undefined && { jobId: jobId as string }),
        ...(actor !== undefined && { actor: actor as string }),
        ...(actions && { actions: actions as AuditAction[] }),
        ...(instants.from !== undefined && { from: instants.from }),
        ...(instants.to !== undefined && { to: instants.to }),
        ...(cursor !== undefined && { before: cursor as string }),
      },
    };
  }
}
