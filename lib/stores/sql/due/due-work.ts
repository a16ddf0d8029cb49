import type { RawBuilder } from 'kysely';
import type { Clock } from '../../../engine/clock.js';
import type { ClusterState } from '../../../engine/stores/cluster-state.js';
import type { ClaimedRetry, ClaimRequest, ClaimResult } from '../../../engine/stores/job-store.js';
import { sql } from '../connection/kysely.js';
import type { NodeLease } from '../nodes/node-lease.js';
import type { StoreTime } from '../store-time.js';
import type { Connection, SqlSession } from '../sql-session.js';
import { timeOf, type DueJobs, type ClaimedJobs } from './due-jobs.js';
import { type DueRetries, RETRIES_AT_ONCE } from './due-retries.js';
import type { DeferredJobs } from './deferred-jobs.js';
import { firstWanted, isAnyWantedAt, type WantedRow } from './wanted-jobs.js';

export interface DueParts {
  readonly session: SqlSession;
  readonly clock: Clock;
  readonly time: StoreTime;
  readonly lease: NodeLease;
  readonly jobs: DueJobs;
  readonly retries: DueRetries;
  readonly left: DeferredJobs;
  /** How long nothing may be asked, in milliseconds, for other processes change things unheard. */
  readonly pollMs: () => number;
  /** Called when nothing may be claimed. */
  readonly heedCluster: (state: ClusterState) => void;
}

/** What has been taken, and what else was seen. */
interface Taken extends ClaimedJobs {
  readonly retries: readonly ClaimedRetry[];
}

/** What a look found, by the store's clock. */
interface Seen {
  readonly now: number;
  readonly due: number;
  readonly retryDue: number;
}

interface RetryDue {
  readonly now: number | string;
  readonly retry_due: number | string | null;
}

interface Dues extends WantedRow {
  readonly retry_due: number | string | null;
}

/** When to ask again while another node has in its hands what is due. */
const BUSY_MS = 20;
/** When to ask again while nothing may be claimed, unless a notice comes earlier. */
const HELD_MS = 5_000;

const NO_WORK: Pick<ClaimResult, 'claimed' | 'retries'> = { claimed: [], retries: [] };
const NO_JOBS: ClaimedJobs = { claimed: [], next: null, isFull: false };

/** Takes due work: each job moves on, and its runs are recorded, in one transaction. */
export class DueWork {
  /** When a job is due that was heard of, by the store's clock; `Infinity` when none was. */
  private heardOf = Infinity;

  constructor(private readonly parts: DueParts) {}

  /** A job is due then, by the store's clock: it need not be asked whether one is. */
  expect(at: number): void {
    this.heardOf = Math.min(this.heardOf, at);
  }

  async take(request: ClaimRequest): Promise<ClaimResult> {
    const { jobs, lease, retries, session } = this.parts;
    const { executors } = request;
    let seen: Seen | null = this.isExpected(request.now) ? null : await this.look(request.now, executors);
    if (seen && Math.min(seen.due, seen.retryDue) > seen.now) {
      return { ...NO_WORK, nextDue: this.askAgain(seen.now, Math.min(seen.due, seen.retryDue), false) };
    }
    const step = async (db: Connection): Promise<Taken | ClusterState> => {
      seen = await this.hold(db, request.now, seen);
      const { now, due, retryDue } = seen;
      const again = retryDue <= now ? await retries.take(db, request, now) : [];
      if ('mode' in again) return again;
      const takenJobs = due <= now ? await jobs.take(db, request, now) : NO_JOBS;
      if ('mode' in takenJobs) return takenJobs;
      return { ...takenJobs, retries: again };
    };
    const result = await lease.under(() => session.transaction(step));
    if ('mode' in result) {
      this.parts.heedCluster(result);
      return { ...NO_WORK, nextDue: this.parts.clock.now() + HELD_MS };
    }
    const { claimed, retries: again, next, isFull: hasMostJobs } = result;
    const { now, retryDue } = seen as Seen;
    const isFull = hasMostJobs || again.length >= Math.min(request.limit, RETRIES_AT_ONCE);
    const isSeen = next !== null && retryDue > now;
    // What is taken is taken, and to be made: that the database is gone now is met by the next look.
    const nextDue = isSeen ? Math.min(next, retryDue) : await this.nextDue(executors).catch(() => now);
    return { claimed, retries: again, nextDue: this.askAgain(now, nextDue, !isFull) };
  }

  /** Whether a job was heard of since it was asked last that is due. */
  private isExpected(nodeNow: number): boolean {
    const { heardOf } = this;
    this.heardOf = Infinity;
    return heardOf <= this.parts.time.toStore(nodeNow);
  }

  /** A node that leaves runs to others looks on for jobs of its own, up to those that are not due yet. */
  private async look(nodeNow: number, executors: readonly string[] | undefined): Promise<Seen> {
    const { left, session, time } = this.parts;
    for (;;) {
      const { now, row } = await time.askWith(this.dues(executors), nodeNow);
      const [due, end] = [timeOf(row.due), timeOf(row.end_time)];
      const isFound = !executors || due < Infinity || end > now || (await isAnyWantedAt(session, left, executors, end));
      if (isFound) return { now, due: Math.min(due, end), retryDue: timeOf(row.retry_due) };
      left.leaveOthers(end);
    }
  }

  /** Ensures the lease. If no look was made before, a job is assumed to be due, and only retries are looked for. */
  private async hold(db: Connection, nodeNow: number, seen: Seen | null): Promise<Seen> {
    const { lease, retries, time } = this.parts;
    if (seen) {
      await lease.hold(db);
      return seen;
    }
    const columns = sql<RetryDue>`${time.sqlAt(nodeNow)} AS now, (${retries.firstDue()}) AS retry_due`;
    const { now, retry_due } = await lease.hold(db, columns);
    return { now: Number(now), due: -Infinity, retryDue: timeOf(retry_due) };
  }

  /** When the first job or retry is due, by the store's clock. */
  private async nextDue(executors: readonly string[] | undefined): Promise<number> {
    const { due, retryDue } = await this.look(this.parts.clock.now(), executors);
    return Math.min(due, retryDue);
  }

  private dues(executors: readonly string[] | undefined): RawBuilder<Dues> {
    const { left, retries, session } = this.parts;
    return sql<Dues>`${firstWanted(session, left, executors)}, (${retries.firstDue()}) AS retry_due`;
  }

  /**
   * When to ask again, by this node's clock.
   *
   * @param due - when something is due, by the store's clock.
   * @param isLocked - whether what is due still must be in another node's hands.
   */
  private askAgain(now: number, due: number, isLocked: boolean): number | null {
    const { clock, left, pollMs, retries, session, time } = this.parts;
    const isBusy = isLocked && due <= now && session.dialect.skipLocked;
    const wanted = isBusy ? clock.now() + BUSY_MS : time.toNode(due);
    const at = Math.min(wanted, left.next, retries.nextLeft, clock.now() + pollMs());
    return at === Infinity ? null : at;
  }
}
