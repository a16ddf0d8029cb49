import { sql } from '../connection/kysely.js';
import { Stopwatch, type Clock } from '../../../engine/clock.js';
import { CANCEL_ROW } from '../meta-row.js';
import type { Connection, SqlSession } from '../sql-session.js';
import type { LostCount, LostRuns } from './lost-runs.js';
import type { StoreTime } from '../store-time.js';

/** The expiry of a lease that has been ended: its node cannot renew it while its runs are taken. */
export const ENDED = -8.64e15;

/** For how long the runs of one lease are taken at a time: heartbeats must go on. */
const PATIENCE_MS = 3_000;

/** Ends leases that are over: in short transactions, since a node may have any number of runs. */
export class LeaseEnder {
  constructor(
    private readonly session: SqlSession,
    private readonly time: StoreTime,
    private readonly lostRuns: LostRuns,
    private readonly clock: Clock,
  ) {}

  /** @returns what was taken; null if another node does it, or the lease has been renewed */
  async end(lease: string, reason: 'node lost' | 'shutdown'): Promise<LostCount | null> {
    const watch = new Stopwatch(this.clock);
    let [lost, retried] = [0, 0];
    for (let isFirst = true; ; isFirst = false) {
      const now = await this.time.ask();
      const taken = await this.session.transaction((db) => this.takeSome(db, lease, reason, now));
      if (taken === null) return isFirst ? null : { isMore: false, lost, retried };
      lost += taken.lost;
      retried += taken.retried;
      if (!taken.isMore || watch.elapsedMs > PATIENCE_MS) return { isMore: taken.isMore, lost, retried };
      // SQLite answers without letting anything else go first.
      await this.clock.yield();
    }
  }

  private async takeSome(
    db: Connection,
    lease: string,
    reason: 'node lost' | 'shutdown',
    now: number,
  ): Promise<LostCount | null> {
    const { dialect, meta, namespace, nodes } = this.session;
    const isIt = sql`namespace = ${namespace} AND id = ${lease}`;
    const { rows } = await sql`
      SELECT id FROM ${nodes} WHERE ${isIt} AND expires_at <= ${this.time.inSql} ${dialect.lockFree}
    `.execute(db);
    if (rows.length === 0) return null;
    const count = await this.lostRuns.take(db, lease, reason, now);
    if (count.isMore) {
      await sql`UPDATE ${nodes} SET expires_at = ${ENDED} WHERE ${isIt}`.execute(db);
      return count;
    }
    await sql`
      DELETE FROM ${meta} WHERE namespace = ${namespace} AND name LIKE ${`${CANCEL_ROW}%`} AND value = ${lease}
    `.execute(db);
    await sql`DELETE FROM ${nodes} WHERE ${isIt}`.execute(db);
    return count;
  }
}
