import type { Logger } from '../../../engine/logger.js';
import type { JobReader } from '../jobs/job-reader.js';
import { numberOrNull, type JobRow } from '../jobs/job-row.js';
import type { JobTable } from '../jobs/job-table.js';
import { sql } from '../connection/kysely.js';
import type { Connection, SqlSession } from '../sql-session.js';

/** In place of a lease: a handed-over run that no node watches. It is under way, and waits to be adopted. */
export const UNWATCHED = 'unwatched';

/** How many runs one transaction takes: a dead node may have had any number. */
export const LOST_AT_ONCE = 1000;

interface LostRow {
  readonly id: string;
  readonly job_id: string;
  readonly job_uid: string | null;
  readonly attempt: number;
  readonly state: string;
  readonly reason: string | null;
  readonly finished_at: number | string | null;
}

type OwnerRow = JobRow & { readonly uid: string };

const OWNER = 'id, uid, task, executor, spec, spec_hash, next_run_time, next_nominal_time, paused, runs_left';

interface SettledRow {
  readonly id: string;
  readonly job_id: string;
  readonly job_uid: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly finished_at: number;
  readonly retry_at: number | null;
  readonly settled: 1;
  readonly lease: null;
}

const SETTLED_COLUMNS = {
  id: 'key',
  state: 'word',
  reason: 'word?',
  finished_at: 'bigint',
  retry_at: 'bigint?',
  settled: 'flag',
  lease: 'key?',
} as const;

/** The runs of an expired lease, by what happened to them. */
export interface LostCount {
  /** Whether the lease may have more. */
  readonly isMore: boolean;
  readonly lost: number;
  readonly retried: number;
}

/** Closes the runs of an expired lease, so that other nodes retry them. Those that were handed over wait to be adopted. */
export class LostRuns {
  /** @param attempts - how often a run whose nodes die is started at most, unless its job allows more. */
  constructor(
    private readonly session: SqlSession,
    private readonly reader: JobReader,
    private readonly jobs: JobTable,
    private readonly logger: Logger,
    private readonly attempts: number,
  ) {}

  /**
   * Marks runs of a lease as lost, at most {@link LOST_AT_ONCE}. Runs with attempts left are retried at once; a job that has nothing left then is paused,
   * since it is unknown whether its work is done.
   *
   * @param ids - the lost runs. Default: any of the lease.
   */
  async take(
    db: Connection,
    lease: string,
    reason: 'node lost' | 'shutdown',
    now: number,
    ids?: readonly string[],
  ): Promise<LostCount> {
    const { namespace, runs, dialect } = this.session;
    const among = ids ? sql`AND ${this.session.among('id', ids)}` : sql``;
    const { rows } = await sql<LostRow>`
      SELECT id, job_id, job_uid, attempt, state, reason, finished_at FROM ${runs}
      WHERE namespace = ${namespace} AND lease = ${lease} ${among} LIMIT ${LOST_AT_ONCE} ${dialect.lock}
    `.execute(db);
    const isMore = rows.length === LOST_AT_ONCE;
    const handedOver = rows.filter(({ state }) => state === 'handed_over');
    if (handedOver.length > 0) await this.leave(handedOver, db);
    const ended = rows.filter(({ state }) => state !== 'handed_over');
    if (ended.length === 0) return { isMore, lost: 0, retried: 0 };
    const owners = await this.ownersOf(ended, db);
    const settled = ended.map((row) => this.settle(row, owners.get(row.job_uid ?? ''), reason, now));
    const from = this.session.rows(settled, SETTLED_COLUMNS);
    const set = Object.keys(SETTLED_COLUMNS).filter((name) => name !== 'id');
    await dialect.updateFrom(runs, namespace, set, from).execute(db);
    const lost = settled.filter(({ state }) => state === 'lost');
    const given = lost.filter(({ retry_at }) => retry_at === null).map(({ job_uid }) => job_uid);
    await this.park(
      [...owners.values()].filter(({ uid }) => given.includes(uid)),
      db,
    );
    const over = settled.filter(({ state }) => state !== 'lost');
    if (over.length > 0)
      await this.jobs.removeEnded(
        db,
        over.map(({ job_id }) => job_id),
        uidsOf(over),
      );
    return { isMore, lost: lost.length, retried: lost.length - given.length };
  }

  private async leave(rows: readonly LostRow[], db: Connection): Promise<void> {
    const { namespace, runs } = this.session;
    const ids = rows.map(({ id }) => id);
    await sql`
      UPDATE ${runs} SET lease = ${UNWATCHED} WHERE namespace = ${namespace} AND ${this.session.among('id', ids)}
    `.execute(db);
  }

  private async ownersOf(rows: readonly LostRow[], db: Connection): Promise<ReadonlyMap<string, OwnerRow>> {
    const { session } = this;
    const ids = new Set(rows.map(({ job_id }) => job_id));
    const { lock } = session.dialect;
    const owners = await session.selectBy<OwnerRow>(session.jobs, 'id', ids, OWNER, { lock }).execute(db);
    return new Map(owners.rows.map((owner) => [owner.uid, owner]));
  }

  private settle(row: LostRow, owner: OwnerRow | undefined, reason: 'node lost' | 'shutdown', now: number): SettledRow {
    // A run whose outcome was recorded while its task was active keeps it.
    const isLost = row.state === 'running' || row.state === 'lost';
    const policy = owner && this.reader.specOf(owner)?.retry;
    const own = policy?.attempts ?? 1;
    // A run that timed out and continued is retried only if its job says so.
    const most = isLost ? Math.max(own, this.attempts) : row.state === 'timed_out' ? own : 0;
    const isRetried = owner !== undefined && row.attempt < most;
    return {
      id: row.id,
      job_id: row.job_id,
      job_uid: row.job_uid,
      state: isLost ? 'lost' : row.state,
      reason: isLost ? reason : row.reason,
      finished_at: numberOrNull(row.finished_at) ?? now,
      retry_at: isRetried ? now : null,
      settled: 1,
      lease: null,
    };
  }

  private async park(owners: readonly OwnerRow[], db: Connection): Promise<void> {
    const idle = owners.filter(({ next_run_time, paused }) => next_run_time === null && paused === 0);
    if (idle.length === 0) return;
    const { namespace, jobs } = this.session;
    const busyUids = await this.jobs.busy(
      db,
      idle.map(({ id }) => id),
    );
    const parked = idle.filter(({ uid }) => !busyUids.has(uid)).map(({ id }) => id);
    if (parked.length === 0) return;
    await sql`
      UPDATE ${jobs} SET paused = 1 WHERE namespace = ${namespace} AND ${this.session.among('id', parked)}
    `.execute(db);
    for (const id of parked) {
      this.logger.error(`Job "${id}" is paused: its last run was lost with its node, as often as it may be tried`);
    }
  }
}

const uidsOf = (rows: readonly { readonly job_uid: string | null }[]): ReadonlySet<string> =>
  new Set(rows.flatMap(({ job_uid }) => job_uid ?? []));
