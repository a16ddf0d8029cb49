import type { JobSpec } from '../../../engine/model/job.js';
import type { RunRecord } from '../../../engine/model/run-record.js';
import type { ClusterState } from '../../../engine/stores/cluster-state.js';
import { completionTime } from '../../../engine/stores/completion-time.js';
import { type ClaimedJob, type ClaimRequest, claimSize, type DueJob } from '../../../engine/stores/job-store.js';
import { inWeighedChunks } from '../../../engine/util/chunks.js';
import { heldColumn, stateOf } from '../cluster/cluster-row.js';
import type { CompletedJobs } from '../jobs/completed-jobs.js';
import type { JobReader } from '../jobs/job-reader.js';
import type { JobRow } from '../jobs/job-row.js';
import type { JobTable } from '../jobs/job-table.js';
import { sql } from '../connection/kysely.js';
import { UNWATCHED } from '../nodes/lost-runs.js';
import type { NodeLease } from '../nodes/node-lease.js';
import { bytesOf, rowOf, type RunRow } from '../runs/run-row.js';
import type { RunTable } from '../runs/run-table.js';
import { STATEMENT_BOUNDS, type Connection, type SqlSession } from '../sql-session.js';
import type { DeferredJobs } from './deferred-jobs.js';

export type DueRow = Omit<JobRow, 'task' | 'executor' | 'spec'> & {
  /** Where jobs are expected that are new here, what they are. */
  readonly task?: string;
  readonly executor?: string;
  readonly spec?: string;
  readonly uid: string;
  readonly last_run: string | null;
  /** When the first job is due that is not yet; the same in each row. */
  readonly later: number | string | null;
  /** How many are due, those that others have locked among them; the same in each row. */
  readonly due_count: number | string;
  /** The order for all nodes, when it is not to run; the same in each row. */
  readonly held: string | null;
  /** How many other nodes there are; the same in each row. */
  readonly others: number | string;
};

/** Jobs that have been taken, and what else was seen. */
export interface ClaimedJobs {
  readonly claimed: readonly ClaimedJob[];
  /** When the next is due, by the store's clock; null when that has to be looked for. */
  readonly next: number | null;
  /** Whether there was no room for more. */
  readonly isFull: boolean;
}

/** Where a job goes on. */
interface Move {
  readonly id: string;
  readonly next_run_time: number | null;
  readonly next_nominal_time: number | null;
  readonly paused: 0 | 1;
  readonly runs_left: number | null;
  readonly last_run: string | null;
}

const MOVE_COLUMNS = {
  id: 'key',
  next_run_time: 'bigint?',
  next_nominal_time: 'bigint?',
  paused: 'flag',
  runs_left: 'bigint?',
  last_run: 'key?',
} as const;

const NONE: ReadonlyMap<string, number> = new Map();

/** How many pages of due jobs one transaction looks at. */
const MOST_PAGES = 5;

const SPEC = 'task, executor, spec,';

/** A time as drivers give it; `Infinity` for none. */
export const timeOf = (value: number | string | null | undefined): number => Number(value ?? Infinity);

/** The last run of a job that has had one, or none, and has these now. */
function lastOf(runs: readonly RunRecord[], before: string | null): string | null {
  return runs.reduce((last, { id }) => (id > (last ?? '') ? id : last), before);
}

/** Takes jobs that are due. */
export class DueJobs {
  /** Whether the last jobs that were due were not all known here: those that follow may be new too. */
  private hadNew = false;

  constructor(
    private readonly session: SqlSession,
    private readonly lease: NodeLease,
    private readonly reader: JobReader,
    private readonly jobs: JobTable,
    private readonly completed: CompletedJobs,
    private readonly runs: RunTable,
    private readonly left: DeferredJobs,
  ) {}

  /** Claims what is due, unless all nodes are ordered to pause or stop; returns that order then. Call it once the lease holds. */
  async take(
    db: Connection,
    { executors, limit, plan }: ClaimRequest,
    now: number,
  ): Promise<ClaimedJobs | ClusterState> {
    const { left, lease } = this;
    const claimed: ClaimedJob[] = [];
    const ended: DueRow[] = [];
    const lastTimes = new Map<string, number>();
    const moves: Move[] = [];
    const rows: RunRow[] = [];
    const leftOut: RunRow[] = [];
    let nextAt = Infinity;
    let isSeen = true;
    // What is left makes room for what is not.
    let size = 0;
    let isOverdue = false;
    for (let [isMore, pages] = [true, 0]; isMore && size < limit; pages++) {
      // What is left may be endless, and the transaction is to be short.
      if ((isOverdue = pages === MOST_PAGES)) break;
      const due = await this.lockDue(db, now, limit - size, new Set(moves.map(({ id }) => id)), executors);
      isMore = due.length === limit - size;
      const [seen] = due;
      const isAll = seen !== undefined && Number(seen.due_count) === due.length;
      // What others have locked is looked for once more.
      isSeen &&= isAll || isMore;
      if (!seen) left.pass(undefined, true);
      if (!seen) break;
      const order = stateOf(seen.held);
      if (order.mode !== 'running') return order;
      nextAt = Math.min(nextAt, isAll ? timeOf(seen.later) : now);
      const ids = Number(seen.others) > 0 ? due.map(({ id }) => id) : [];
      const runningElsewhere = ids.length > 0 ? await this.runs.countElsewhere(db, lease.id, ids) : NONE;
      let lastLeft: DueRow | undefined;
      for (const { row, spec } of await this.withSpecs(db, due)) {
        const fireTime = Number(row.next_run_time);
        if (size >= limit) {
          // Its lock ends with the transaction: the next claim has room for it.
          nextAt = Math.min(nextAt, fireTime);
          break;
        }
        const times: DueJob = {
          nominalTime: Number(row.next_nominal_time ?? fireTime),
          fireTime,
          runsLeft: row.runs_left === null ? undefined : Number(row.runs_left),
        };
        const isReadable = spec !== null && this.reader.scheduleOf(row) !== null;
        const decision = isReadable ? plan(spec, times, now, runningElsewhere.get(row.id) ?? 0) : null;
        if (!decision || !spec) {
          left.leave(row.id);
          lastLeft = row;
          continue;
        }
        const { next } = decision;
        const lastTime = completionTime(spec, decision, times);
        if (lastTime !== null) lastTimes.set(row.id, lastTime);
        const [next_run_time, next_nominal_time] = [next?.fireTime ?? null, next?.nominalTime ?? null];
        nextAt = Math.min(nextAt, next_run_time ?? Infinity);
        const [paused, runs_left] = [decision.pausesJob ? 1 : 0, decision.runsLeft ?? null] as const;
        const last_run = lastOf(decision.runs, row.last_run);
        moves.push({ id: row.id, next_run_time, next_nominal_time, paused, runs_left, last_run });
        const owner = { jobUid: row.uid, lease: lease.id };
        for (const run of decision.runs) rows.push(rowOf(run, owner, null));
        for (const run of decision.leftOut) leftOut.push(rowOf(run, owner, null));
        claimed.push({ job: spec, plan: decision });
        size += claimSize(decision);
        if (next === null && decision.runs.length === 0 && !decision.pausesJob) ended.push(row);
      }
      left.pass(lastLeft && { time: Number(lastLeft.next_run_time), id: lastLeft.id }, !isMore);
    }
    await this.completed.note(db, lastTimes);
    await this.runs.put(leftOut, db);
    const removed = new Set(ended.length > 0 ? await this.jobs.removeIdle(db, ended) : []);
    await this.write(db, moves, rows);
    return {
      claimed: claimed.map((one) => (removed.has(one.job.id) ? { ...one, isRemoved: true } : one)),
      next: isOverdue ? now : isSeen ? nextAt : null,
      isFull: isOverdue || size >= limit,
    };
  }

  private async lockDue(
    db: Connection,
    now: number,
    limit: number,
    planned: ReadonlySet<string>,
    executors: readonly string[] | undefined,
  ): Promise<readonly DueRow[]> {
    const { left, lease, session } = this;
    const { dialect, jobs, namespace, nodes, runs } = session;
    const isNotLeft = left.isNot(session, 'next_run_time', 'id', planned);
    // Jobs of others must not be locked: their nodes would pass over them.
    const isWanted = executors ? sql` AND ${session.among('executor', executors)}` : sql.raw('');
    const due = sql`FROM ${jobs} AS jobs WHERE ${session.ordered} AND next_run_time <= ${now} AND ${isNotLeft}${isWanted}`;
    // One more than wanted: where more are due, the next is not what comes later.
    const { rows } = await sql<DueRow>`
      SELECT id, uid, spec_hash, next_run_time, next_nominal_time, paused, runs_left, last_run, ${sql.raw(this.hadNew ? SPEC : '')}
        (SELECT count(*) FROM ${nodes} WHERE namespace = ${namespace} AND id <> ${lease.id})
          + (SELECT count(*) FROM (
            SELECT 1 AS one FROM ${runs} WHERE lease = ${UNWATCHED} AND namespace = ${namespace} LIMIT 1
          ) AS unwatched) AS others,
        ${heldColumn(session)} AS held,
        (SELECT min(next_run_time) FROM ${jobs} WHERE ${session.ordered} AND next_run_time > ${now}) AS later,
        (SELECT count(*) FROM (SELECT 1 AS one ${due} LIMIT ${limit + 1}) AS d) AS due_count
      ${due} ORDER BY ${left.order} LIMIT ${limit} ${dialect.lockFree}
    `.execute(db);
    return rows;
  }

  private async withSpecs(
    db: Connection,
    due: readonly DueRow[],
  ): Promise<readonly { readonly row: DueRow; readonly spec: JobSpec | null }[]> {
    const { reader, session } = this;
    const specs = new Map<string, JobSpec | null | undefined>(due.map((row) => [row.id, reader.recall(row)]));
    const isKnown = ({ id }: DueRow): boolean => specs.get(id) !== undefined;
    this.hadNew = !due.every(isKnown);
    for (const { task = '', executor = '', spec, ...row } of this.hadNew ? due : []) {
      if (spec !== undefined) specs.set(row.id, reader.specOf({ ...row, task, executor, spec }));
    }
    const unknown = this.hadNew ? due.filter((row) => !isKnown(row)).map(({ id }) => id) : [];
    if (unknown.length > 0) {
      const shown = 'id, task, executor, spec, spec_hash';
      const { rows } = await session.selectBy<JobRow>(session.jobs, 'id', unknown, shown).execute(db);
      for (const row of rows) specs.set(row.id, reader.specOf(row));
    }
    return due.map((row) => ({ row, spec: specs.get(row.id) ?? null }));
  }

  /** Moves jobs on and adds their runs. */
  private async write(db: Connection, moves: readonly Move[], rows: readonly RunRow[]): Promise<void> {
    if (moves.length === 0) return;
    const { runs, session } = this;
    const { dialect, jobs, namespace } = session;
    const columns = Object.keys(MOVE_COLUMNS).filter((name) => name !== 'id');
    const move = dialect.updateFrom(jobs, namespace, columns, session.rows(moves, MOVE_COLUMNS));
    const parts = [...inWeighedChunks(rows, STATEMENT_BOUNDS, bytesOf)];
    const last = parts.pop();
    for (const part of parts) await runs.adding(part).execute(db);
    const add = last ? runs.adding(last) : null;
    const both = add && dialect.together(move, add);
    if (!both) await add?.execute(db);
    await (both ?? move).execute(db);
  }
}
