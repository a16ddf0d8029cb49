import { sql } from 'kysely';
import type { Clock } from '../../../engine/clock.js';
import type { JobSpec } from '../../../engine/job.js';
import type { ClusterState } from '../../../engine/stores/cluster-state.js';
import type { TakenJob, TakeRequest, TakeResult } from '../../../engine/stores/job-store.js';
import type { JobReader } from '../jobs/job-reader.js';
import type { JobRow } from '../jobs/job-row.js';
import type { NodeLease } from '../nodes/node-lease.js';
import type { StoreTime } from '../nodes/store-time.js';
import { rowOf, type RunRow } from '../runs/run-row.js';
import type { RunTable } from '../runs/run-table.js';
import type { Connection, SqlSession } from '../sql-session.js';
import type { DueRetries } from './due-retries.js';
import type { LeftAside } from './left-aside.js';

export interface DueParts {
  readonly session: SqlSession;
  readonly clock: Clock;
  readonly time: StoreTime;
  readonly lease: NodeLease;
  readonly reader: JobReader;
  readonly runs: RunTable;
  readonly retries: DueRetries;
  readonly left: LeftAside;
  /** How long nothing may be asked, in milliseconds, for other processes change things unheard. */
  readonly pollMs: () => number;
  /** Told when nothing may be taken. */
  readonly heedCluster: (state: ClusterState) => void;
}

type DueRow = Omit<JobRow, 'task' | 'executor' | 'spec'> & { readonly uid: string };

/** Where a job goes on. */
interface Move {
  readonly id: string;
  readonly next_run_time: number | null;
  readonly next_nominal_time: number | null;
  readonly paused: 0 | 1;
}

/** When to ask again while another node has in its hands what is due. */
const BUSY_MS = 20;
/** When to ask again while nothing may be taken, if nobody says earlier that it may. */
const HELD_MS = 5_000;

const MOVE_COLUMNS = { id: 'key', next_run_time: 'bigint?', next_nominal_time: 'bigint?', paused: 'flag' } as const;

/** Takes due jobs: each moves on, and its runs are recorded, in one transaction. */
export class DueWork {
  /** When something was due at the last look, by the store's clock. */
  private dueAt = Infinity;

  constructor(private readonly parts: DueParts) {}

  async take(request: TakeRequest): Promise<TakeResult> {
    const { lease, retries, session, time } = this.parts;
    const now = await time.ask(request.now);
    if (lease.doubts.isFresh) await lease.settleDoubts();
    const isIdle = this.dueAt > now && (await this.nextDue()) > now;
    if (isIdle) return { taken: [], retries: [], nextDue: await this.askAgain(now, false) };
    const planned: string[] = [];
    const step = async (db: Connection): Promise<Pick<TakeResult, 'taken' | 'retries'> | ClusterState> => {
      await lease.hold(db);
      const { others, cluster } = await lease.survey(db);
      if (cluster.mode !== 'running') return cluster;
      const again = await retries.take(db, request, now);
      const taken = await this.takeJobs(db, request, now, others);
      for (const { run } of again) planned.push(run.id);
      for (const { plan } of taken) for (const { id } of plan.runs) planned.push(id);
      return { taken, retries: again };
    };
    const result = await lease
      .under(() => session.transaction(step))
      .catch((error: unknown) => {
        // Where the commit was cut off from its answer, they are recorded and nobody makes them.
        lease.doubts.add(planned, true);
        throw error;
      });
    if ('mode' in result) {
      this.parts.heedCluster(result);
      return { taken: [], retries: [], nextDue: this.parts.clock.now() + HELD_MS };
    }
    for (const { run } of result.retries) lease.live.add(run.id);
    for (const { plan } of result.taken) for (const { id } of plan.runs) lease.live.add(id);
    const isFull = Math.max(result.taken.length, result.retries.length) >= request.limit;
    // What is taken is taken, and to be made: that the database is gone now is met by the next look.
    const nextDue = await this.askAgain(now, !isFull).catch(() => this.parts.clock.now());
    return { ...result, nextDue };
  }

  private async takeJobs(
    db: Connection,
    { limit, plan }: TakeRequest,
    now: number,
    others: readonly string[],
  ): Promise<TakenJob[]> {
    const { left, lease } = this.parts;
    const taken: TakenJob[] = [];
    const moves: Move[] = [];
    const rows: RunRow[] = [];
    const leftOut: RunRow[] = [];
    // What is left makes room for what is not.
    for (let isMore = true; isMore && taken.length < limit;) {
      const due = await this.lockDue(db, now, limit - taken.length, new Set(moves.map(({ id }) => id)));
      isMore = due.length === limit - taken.length;
      if (due.length === 0) break;
      const elsewhere = await this.countElsewhere(db, due, others);
      for (const { row, spec } of await this.withSpecs(db, due)) {
        const fireTime = Number(row.next_run_time);
        const times = { nominalTime: Number(row.next_nominal_time ?? fireTime), fireTime };
        const decision = spec && plan(spec, times, now, elsewhere.get(row.id) ?? 0);
        if (!decision) {
          left.leave(row.id);
          continue;
        }
        const { next } = decision;
        const [next_run_time, next_nominal_time] = [next?.fireTime ?? null, next?.nominalTime ?? null];
        moves.push({ id: row.id, next_run_time, next_nominal_time, paused: decision.parks ? 1 : 0 });
        const owner = { jobUid: row.uid, lease: lease.id };
        for (const run of decision.runs) rows.push(rowOf(run, owner, null));
        for (const run of decision.leftOut) leftOut.push(rowOf(run, owner, null));
        taken.push({ job: spec, plan: decision });
      }
    }
    await this.move(db, moves);
    await this.parts.runs.put(leftOut, db);
    await this.parts.runs.add(rows, db);
    return taken;
  }

  private async lockDue(
    db: Connection,
    now: number,
    limit: number,
    planned: ReadonlySet<string>,
  ): Promise<readonly DueRow[]> {
    const { left, session } = this.parts;
    const passedOver = [...left.keys(), ...planned];
    const others = passedOver.length > 0 ? sql`AND NOT ${session.among('id', passedOver)}` : sql``;
    const { rows } = await sql<DueRow>`
      SELECT id, uid, spec_hash, next_run_time, next_nominal_time, paused FROM ${session.jobs}
      WHERE namespace = ${session.namespace} AND next_run_time <= ${now} ${others}
      ORDER BY next_run_time LIMIT ${limit} ${session.dialect.lockFree}
    `.execute(db);
    return rows;
  }

  private async withSpecs(
    db: Connection,
    due: readonly DueRow[],
  ): Promise<readonly { readonly row: DueRow; readonly spec: JobSpec | null }[]> {
    const { reader, session } = this.parts;
    const unknown = due.filter((row) => reader.recall(row) === undefined).map(({ id }) => id);
    const read = new Map<string, JobSpec | null>();
    if (unknown.length > 0) {
      const shown = 'id, task, executor, spec, spec_hash';
      const { rows } = await session.selectBy<JobRow>(session.jobs, 'id', unknown, shown).execute(db);
      for (const row of rows) read.set(row.id, reader.specOf(row));
    }
    return due.map((row) => ({ row, spec: read.get(row.id) ?? reader.recall(row) ?? null }));
  }

  /** How many runs of these jobs other nodes have under way. */
  private async countElsewhere(
    db: Connection,
    due: readonly DueRow[],
    others: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const { session } = this.parts;
    if (others.length === 0) return new Map();
    const ids = due.map(({ id }) => id);
    const { rows } = await sql<{ job_id: string; count: number | string }>`
      SELECT job_id, count(*) AS count FROM ${session.runs}
      WHERE namespace = ${session.namespace} AND ${session.among('lease', others)} AND ${session.among('job_id', ids)}
      GROUP BY job_id
    `.execute(db);
    return new Map(rows.map(({ job_id, count }) => [job_id, Number(count)]));
  }

  private async move(db: Connection, moves: readonly Move[]): Promise<void> {
    if (moves.length === 0) return;
    const { dialect, jobs, namespace } = this.parts.session;
    const columns = ['next_run_time', 'next_nominal_time', 'paused'];
    const rows = this.parts.session.rows(moves, MOVE_COLUMNS);
    await dialect.updateFrom(jobs, namespace, columns, rows).execute(db);
  }

  /** When the first job or retry is due, by the store's clock. */
  private async nextDue(): Promise<number> {
    const { left, retries, session } = this.parts;
    const leftKeys = left.keys();
    const others = leftKeys.length > 0 ? sql`AND NOT ${session.among('id', leftKeys)}` : sql``;
    const [row] = await session.read(sql<{ due: number | string | null; retry_due: number | string | null }>`
      SELECT (
        SELECT min(next_run_time) FROM ${session.jobs}
        WHERE namespace = ${session.namespace} AND next_run_time IS NOT NULL ${others}
      ) AS due, (${retries.firstDue()}) AS retry_due
    `);
    return Math.min(Number(row?.due ?? Infinity), Number(row?.retry_due ?? Infinity));
  }

  /** @param isLocked - whether what is due still must be in another node's hands. */
  private async askAgain(now: number, isLocked: boolean): Promise<number | null> {
    const { clock, left, pollMs, retries, session, time } = this.parts;
    const due = (this.dueAt = await this.nextDue());
    const isBusy = isLocked && due <= now && session.dialect.skipLocked;
    const wanted = isBusy ? clock.now() + BUSY_MS : time.toNode(due);
    const at = Math.min(wanted, left.next, retries.nextLeft, clock.now() + pollMs());
    return at === Infinity ? null : at;
  }
}
