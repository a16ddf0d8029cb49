import type { RawBuilder } from 'kysely';
import type { ClusterState } from '../../../engine/stores/cluster-state.js';
import type { ClaimedRetry, ClaimRequest } from '../../../engine/stores/job-store.js';
import { heldColumn, stateOf } from '../cluster/cluster-row.js';
import type { JobReader } from '../jobs/job-reader.js';
import type { JobRow } from '../jobs/job-row.js';
import { sql } from '../connection/kysely.js';
import type { NodeLease } from '../nodes/node-lease.js';
import type { LastRunRow, LastRuns } from '../runs/last-runs.js';
import { rowOf, RUN_COLUMNS, type RunRow } from '../runs/run-row.js';
import type { RunTable } from '../runs/run-table.js';
import type { Connection, SqlSession } from '../sql-session.js';
import type { DeferredJobs } from './deferred-jobs.js';

const NAMES = Object.keys(RUN_COLUMNS).join(', ');

/** How many retries one claim reads at most: each comes with what the failed run was given, logged and threw, 100 kB or more. */
export const RETRIES_AT_ONCE = 100;

type OwnerRow = JobRow & LastRunRow & { readonly uid: string };

/** Takes runs that are due to be tried again. */
export class DueRetries {
  constructor(
    private readonly session: SqlSession,
    private readonly lease: NodeLease,
    private readonly reader: JobReader,
    private readonly runs: RunTable,
    private readonly lastRuns: LastRuns,
    private readonly deferred: DeferredJobs,
  ) {}

  /** When the first that was left is to be looked at again; `Infinity` when none is. */
  get nextLeft(): number {
    return this.deferred.next;
  }

  /**
   * Asks when the first is due, by the store's clock.
   *
   * @param predicate - tells those that are left from others.
   */
  firstDue(predicate: RawBuilder<unknown> = this.isNotLeft): RawBuilder<unknown> {
    return sql`SELECT min(retry_at) FROM ${this.session.runs} AS r WHERE ${this.waiting(predicate)}`;
  }

  /** Claims what is due, unless all nodes are ordered to pause or stop; returns that order then. Call it once the lease holds. */
  async take(
    db: Connection,
    { limit, retry }: ClaimRequest,
    now: number,
  ): Promise<readonly ClaimedRetry[] | ClusterState> {
    const { namespace, runs, dialect } = this.session;
    const most = Math.min(limit, RETRIES_AT_ONCE);
    const { rows: due } = await sql<RunRow & { readonly held: string | null }>`
      SELECT ${sql.raw(NAMES)}, ${heldColumn(this.session)} AS held FROM ${runs} AS r WHERE ${this.waiting(this.isNotLeft)} AND retry_at <= ${now}
      ORDER BY retry_at, id LIMIT ${most} ${dialect.lockFree}
    `.execute(db);
    const [seen] = due;
    if (!seen) this.deferred.pass(undefined, true);
    if (!seen) return [];
    const order = stateOf(seen.held);
    if (order.mode !== 'running') return order;
    const owners = await this.lockOwners(db, due);
    const ids = Array.from(owners.values(), ({ id }) => id);
    const runningElsewhere = await this.runs.countElsewhere(db, this.lease.id, ids);
    const claimed: ClaimedRetry[] = [];
    const made: RunRow[] = [];
    const done: string[] = [];
    let lastLeft: RunRow | undefined;
    for (const row of due) {
      const owner = owners.get(row.job_uid ?? '');
      // Another node has its job in hands.
      if (!owner) continue;
      const job = this.reader.specOf(owner);
      const failed = this.runs.read(row);
      const run = job && failed && retry(job, failed, now, runningElsewhere.get(owner.id) ?? 0);
      if (!run) {
        this.deferred.leave(row.id);
        lastLeft = row;
        continue;
      }
      done.push(row.id);
      made.push(rowOf(run, { jobUid: row.job_uid, lease: this.lease.id }, null));
      claimed.push({ job, run });
    }
    this.deferred.pass(lastLeft && { time: Number(lastLeft.retry_at), id: lastLeft.id }, due.length < most);
    if (claimed.length === 0) return [];
    await sql`
      UPDATE ${runs} SET retry_at = NULL WHERE namespace = ${namespace} AND ${this.session.among('id', done)}
    `.execute(db);
    await this.runs.put(made, db);
    await this.lastRuns.advance(db, owners.values(), made);
    return claimed;
  }

  /** Those whose job is there, and not paused. No join: PostgreSQL would go through all jobs for the few that wait. */
  private waiting(predicate: RawBuilder<unknown>): RawBuilder<unknown> {
    const { namespace, jobs } = this.session;
    return sql`
      r.namespace = ${namespace} AND r.retry_at IS NOT NULL AND ${predicate} AND (
        SELECT j.paused FROM ${jobs} AS j WHERE j.namespace = r.namespace AND j.id = r.job_id AND j.uid = r.job_uid
      ) = 0`;
  }

  private get isNotLeft(): RawBuilder<unknown> {
    return this.deferred.isNot(this.session, 'r.retry_at', 'r.id');
  }

  /** The jobs of these runs that no other node has locked: only one node at a time may plan retries of a job. */
  private async lockOwners(db: Connection, due: readonly RunRow[]): Promise<ReadonlyMap<string, OwnerRow>> {
    const { session } = this;
    const ids = new Set(due.map(({ job_id }) => job_id));
    const shown = 'id, uid, task, executor, spec, spec_hash, last_run';
    const lock = session.dialect.lockFree;
    const { rows } = await session.selectBy<OwnerRow>(session.jobs, 'id', ids, shown, { lock }).execute(db);
    return new Map(rows.map((row) => [row.uid, row]));
  }
}
