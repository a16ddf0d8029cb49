import type { RawBuilder } from 'kysely';
import { readStoredAudit } from '../../../engine/audit/stored-audit.js';
import type { AuditRecord } from '../../../engine/model/audit.js';
import { runIdAt } from '../../../engine/runs/run-ids.js';
import type { AuditLimits } from '../../../engine/stores/audit-options.js';
import type { AuditFilter } from '../../../engine/stores/job-store.js';
import { inWeighedChunks } from '../../../engine/util/chunks.js';
import { messageOf } from '../../../engine/util/inspect.js';
import type { OnceLogger } from '../../../engine/util/once-logger.js';
import { sql } from '../connection/kysely.js';
import { STATEMENT_BOUNDS, type SqlSession } from '../sql-session.js';

const COLUMNS = { id: 'key', job_id: 'key?', actor: 'key?', action: 'word', entry: 'text' } as const;

interface AuditRow {
  readonly id: string;
  readonly entry: string;
}

/** The audit trail in its table. */
export class AuditTable {
  constructor(
    private readonly session: SqlSession,
    private readonly limits: AuditLimits,
    private readonly reports: OnceLogger,
  ) {}

  /** An entry that is there is written again: the answer of a statement may have been lost. */
  async append(entries: readonly AuditRecord[]): Promise<void> {
    const { audit, dialect, namespace } = this.session;
    const values = entries.map((entry) => {
      const { action, actor, id, jobId: job_id } = entry;
      return { id, job_id, actor, action, entry: JSON.stringify(entry) };
    });
    const otherwise = sql.raw(dialect.onConflictUpdate(['namespace', 'id'], ['entry']));
    for (const some of inWeighedChunks(values, STATEMENT_BOUNDS, ({ entry }) => entry.length)) {
      await this.session.change(sql`
        INSERT INTO ${audit} (namespace, id, job_id, actor, action, entry)
        SELECT ${namespace}, id, job_id, actor, action, entry FROM ${this.session.rows(some, COLUMNS)} WHERE 1 = 1 ${otherwise}
      `);
    }
  }

  async find(filter: AuditFilter, onUnreadable?: (id: string) => void): Promise<readonly AuditRecord[]> {
    const { column, where, latestFirst } = this.search(filter);
    const rows = await this.session.read(sql<AuditRow>`
      SELECT id, entry FROM ${this.session.auditBy(column)} WHERE ${where} ORDER BY ${latestFirst} LIMIT ${filter.limit}
    `);
    return rows.flatMap((row) => this.read(row, onUnreadable) ?? []);
  }

  /** By the index of what leaves the fewest entries; what else is asked for is looked at in each of them. */
  private search({ actions, actor, jobId, ...filter }: AuditFilter): {
    /** The one whose index is to be used; undefined for the primary key. */
    readonly column: string | undefined;
    readonly where: RawBuilder<unknown>;
    readonly latestFirst: RawBuilder<unknown>;
  } {
    const { dialect, namespace } = this.session;
    const after = runIdAt(Math.max(filter.from ?? 0, filter.now - this.limits.maxAgeMs));
    const { before: cursor = '~', to } = filter;
    const end = to === undefined ? '~' : runIdAt(to);
    const before = cursor < end ? cursor : end;
    const [action, ...others] = actions ?? [];
    const asked = Object.entries({ job_id: jobId, actor, action: others.length === 0 ? action : undefined });
    const [first, ...rest] = asked.flatMap(([column, value]) => (value === undefined ? [] : [{ column, value }]));
    // In a way that tells the planner nothing: without statistics PostgreSQL would take another index for a better one.
    const isSo = (condition: RawBuilder<unknown>): RawBuilder<unknown> =>
      first ? sql`CASE WHEN ${condition} THEN 1 ELSE 0 END = 1` : condition;
    const conditions = rest.map(({ column, value }) => isSo(sql`${sql.raw(column)} = ${value}`));
    if (actions && actions.length !== 1) {
      conditions.push(actions.length === 0 ? sql`1 = 0` : isSo(sql`action IN (${sql.join(actions)})`));
    }
    const { where, latestFirst } = first
      ? dialect.runsOf({ namespace, column: first.column, jobId: first.value, after, before })
      : {
          where: sql`namespace = ${namespace} AND id > ${after} AND id < ${before}`,
          latestFirst: sql.raw('id DESC'),
        };
    return { column: first?.column, where: sql.join([where, ...conditions], sql` AND `), latestFirst };
  }

  private read({ entry, id }: AuditRow, onUnreadable?: (id: string) => void): AuditRecord | undefined {
    try {
      return readStoredAudit(entry);
    } catch (error) {
      this.reports.add(id, `Entry "${id}" of the audit trail cannot be read by this release: ${messageOf(error)}`);
      onUnreadable?.(id);
      return undefined;
    }
  }
}
