import { wasBegun, type RunRecord } from '../../../engine/model/run-record.js';
import type { RecordResult } from '../../../engine/stores/job-store.js';
import { weightOf } from '../../../engine/model/run-weight.js';
import { inWeighedChunks } from '../../../engine/util/chunks.js';
import type { NodeLease } from '../nodes/node-lease.js';
import type { StoreTime } from '../store-time.js';
import type { JobTable } from '../jobs/job-table.js';
import { STATEMENT_BOUNDS, type Connection, type SqlSession } from '../sql-session.js';
import type { LastRunRow, LastRuns } from './last-runs.js';
import type { RunPruner } from './run-pruner.js';
import { hasBegun, rowOf, type RunRow } from './run-row.js';
import type { RunTable, SettledRun } from './run-table.js';
import { sql } from '../connection/kysely.js';
import { InvalidInputError, RunActiveError, RunLookupError } from '../../../engine/errors.js';
import { findJsonFaults } from '../../../engine/util/json-faults.js';

export interface RecordParts {
  readonly session: SqlSession;
  readonly lease: NodeLease;
  readonly time: StoreTime;
  readonly jobs: JobTable;
  readonly runs: RunTable;
  readonly lastRuns: LastRuns;
  readonly pruner: RunPruner;
}

interface KnownRun {
  readonly id: string;
  readonly job_uid: string | null;
  readonly lease: string | null;
  readonly state: string;
  readonly finished_at: number | string | null;
}

type OwnerRow = LastRunRow & { readonly uid: string };

/** What one write makes of runs. */
interface Sorted {
  readonly written: readonly RunRecord[];
  readonly refused: readonly RunRecord[];
}

interface Written extends Sorted {
  /** Jobs that went. */
  readonly removed: readonly string[];
  /** Under which all of it was. */
  readonly lease: string;
}

const NOTHING = { written: [], refused: [], removed: [] };

/** Writes down what became of runs, as long as they are this node's. */
export class RecordRuns {
  constructor(private readonly parts: RecordParts) {}

  /**
   * Removes a run that has settled.
   *
   * @returns its job if it has nothing left without the run, and went.
   * @throws RunLookupError; RunActiveError
   */
  remove(id: string): Promise<readonly string[]> {
    const { jobs, lastRuns, session } = this.parts;
    const { namespace, runs } = session;
    return session.transaction(async (db) => {
      const { rows } = await sql<Pick<KnownRun, 'job_uid' | 'lease'> & { readonly job_id: string }>`
        SELECT job_id, job_uid, lease FROM ${runs} WHERE namespace = ${namespace} AND id = ${id} ${session.dialect.lock}
      `.execute(db);
      const [run] = rows;
      if (!run) throw new RunLookupError(id);
      if (run.lease !== null) throw new RunActiveError(id);
      await session.deleteByIds(runs, [id]).execute(db);
      await lastRuns.look(db, [run.job_id]);
      return run.job_uid === null ? [] : jobs.removeEnded(db, [run.job_id], new Set([run.job_uid]));
    });
  }

  async record(runs: readonly RunRecord[]): Promise<RecordResult> {
    const removed: string[] = [];
    const refused: string[] = [];
    for (const some of inWeighedChunks(runs, STATEMENT_BOUNDS, weightOf)) {
      const result = await this.recordSome(some);
      for (const id of result.removed) removed.push(id);
      for (const id of result.refused ?? []) refused.push(id);
    }
    return { removed, ...(refused.length > 0 && { refused }) };
  }

  private async recordSome(runs: readonly RunRecord[]): Promise<RecordResult> {
    const { lease, pruner, session } = this.parts;
    const byId = new Map(runs.map((run) => [run.id, run]));
    if (byId.size === 0) return { removed: [] };
    const result = await lease.under(() => session.transaction((db) => this.write(db, byId)));
    // The lease has been replaced since: what was begun under the one before is lost.
    const lost = result.lease === lease.id ? [] : result.written.filter(({ settled }) => !settled);
    const refused = [...result.refused, ...lost].map(({ id }) => id);
    pruner.add(result.written.filter(({ settled }) => settled));
    return { removed: result.removed, ...(refused.length > 0 && { refused }) };
  }

  private async write(db: Connection, byId: ReadonlyMap<string, RunRecord>): Promise<Written> {
    const settled = await this.settle(db, byId);
    const rest = new Map(Array.from(byId).filter(([id]) => !settled.has(id)));
    const { lease } = this.parts;
    const { removed, ...sorted } = rest.size > 0 ? await this.writeRest(db, rest) : { ...NOTHING, lease: lease.id };
    if (settled.size === 0) return { removed, ...sorted };
    const missed = [...settled.values()].filter(({ id }) => !wasBegun(byId.get(id) as RunRecord));
    if (missed.length > 0) {
      await this.parts.lastRuns.look(
        db,
        missed.map(({ job_id }) => job_id),
      );
    }
    const over = Array.from(settled.values()).filter(({ is_over }) => is_over !== null);
    const gone = [...removed];
    if (over.length > 0) {
      const removing = this.parts.jobs.removingIdle(new Set(over.map(({ job_id }) => job_id)));
      const { rows } = await removing.execute(db);
      for (const { id } of rows) gone.push(id);
    }
    const written = Array.from(settled.keys(), (id) => byId.get(id) as RunRecord);
    return { ...sorted, written: [...written, ...sorted.written], removed: gone };
  }

  /** The common case: runs of this lease that have ended, in one statement. Returns which they were. */
  private async settle(db: Connection, byId: ReadonlyMap<string, RunRecord>): Promise<ReadonlyMap<string, SettledRun>> {
    const { lease, runs, session } = this.parts;
    const isPlain = ({ settled, retryAt, state }: RunRecord): boolean =>
      settled && retryAt === null && state !== 'lost';
    const rows = session.dialect.returning
      ? Array.from(byId.values())
          .filter(isPlain)
          .map((run) => rowOf(run, { jobUid: null, lease: lease.id }, null))
      : [];
    if (rows.length === 0) return new Map();
    const settled = await runs.settle(rows, lease.id, db);
    return new Map(settled.map((row) => [row.id, row]));
  }

  private async writeRest(db: Connection, byId: ReadonlyMap<string, RunRecord>): Promise<Written> {
    const { lastRuns, lease, runs } = this.parts;
    const known = await this.find(db, byId.keys());
    const sorted = this.sort(byId, known);
    const fresh = sorted.written.filter(({ id }) => !known.has(id));
    if (fresh.some(({ settled }) => !settled)) await lease.hold(db);
    const { id: under } = lease;
    const asked = [...fresh, ...sorted.written.filter(({ retryAt }) => retryAt !== null)];
    const owners = await this.ownersOf(db, asked);
    const rows = sorted.written.map((run) => this.rowFor(run, known.get(run.id), owners.get(run.jobId)?.uid));
    await runs.put(rows, db);
    const isNew = ({ id }: RunRow): boolean => !known.has(id);
    await lastRuns.advance(
      db,
      owners.values(),
      rows.filter((row) => isNew(row) && hasBegun(row)),
    );
    await lastRuns.look(
      db,
      rows.filter((row) => !isNew(row) && !hasBegun(row)).map(({ job_id }) => job_id),
    );
    // A lost run does not complete its job.
    const done = rows.filter(({ lease, retry_at, state }) => lease === null && retry_at === null && state !== 'lost');
    return { ...sorted, removed: await this.removeEnded(db, done), lease: under };
  }

  /** Removes the jobs of these runs, as far as they have nothing left. */
  private async removeEnded(
    db: Connection,
    runs: readonly { readonly job_id: string; readonly job_uid: string | null }[],
  ): Promise<readonly string[]> {
    const ended = new Map(
      runs.flatMap(({ job_id, job_uid }) => (job_uid === null ? [] : [[job_uid, job_id] as const])),
    );
    if (ended.size === 0) return [];
    return this.parts.jobs.removeEnded(db, new Set(ended.values()), new Set(ended.keys()));
  }

  private async find(db: Connection, ids: Iterable<string>): Promise<ReadonlyMap<string, KnownRun>> {
    const { session } = this.parts;
    const { lock } = session.dialect;
    const { rows } = await session
      .selectBy<KnownRun>(session.runs, 'id', ids, 'id, job_uid, lease, state, finished_at', { lock })
      .execute(db);
    return new Map(rows.map((row) => [row.id, row]));
  }

  private sort(byId: ReadonlyMap<string, RunRecord>, known: ReadonlyMap<string, KnownRun>): Sorted {
    const { lease } = this.parts;
    const written: RunRecord[] = [];
    const refused: RunRecord[] = [];
    for (const [id, run] of byId) {
      const row = known.get(id);
      if (row === undefined || row.lease === lease.id) written.push(run);
      else if (row.lease !== null || isOtherEnd(row, run)) refused.push(run);
    }
    return { written, refused };
  }

  /** @throws InvalidInputError when what a run by hand was given cannot be kept. */
  private rowFor(run: RunRecord, known: KnownRun | undefined, jobUid: string | undefined): RunRow {
    if (!known && run.given) assertJson(run);
    const uid = known ? known.job_uid : (jobUid ?? null);
    // Another job may have its id by now.
    const isSameJob = jobUid !== undefined && uid === jobUid;
    const retryAt = run.retryAt === null || !isSameJob ? null : this.parts.time.toStore(run.retryAt);
    return rowOf(run, { jobUid: uid, lease: this.parts.lease.id }, retryAt);
  }

  /** The jobs of these runs, with what tells them from others that get their ids. They stay until the transaction ends. */
  private async ownersOf(db: Connection, runs: readonly RunRecord[]): Promise<ReadonlyMap<string, OwnerRow>> {
    if (runs.length === 0) return new Map();
    const { session } = this.parts;
    const ids = new Set(runs.map(({ jobId }) => jobId));
    const { lock } = session.dialect;
    const { rows } = await session
      .selectBy<OwnerRow>(session.jobs, 'id', ids, 'id, uid, last_run', { lock })
      .execute(db);
    return new Map(rows.map((row) => [row.id, row]));
  }
}

/** Whether a run that has settled ended otherwise than it is said: another node has adopted it, and has recorded its outcome. */
function isOtherEnd(row: KnownRun, run: RunRecord): boolean {
  if (row.state !== run.state) return true;
  return wasBegun(run) && run.state !== 'lost' && Number(row.finished_at) !== run.finishedAt;
}

/** @throws InvalidInputError if a run's own arguments cannot be stored as JSON, which its retries need */
function assertJson({ jobId, given }: Pick<RunRecord, 'jobId' | 'given'>): void {
  const faults = Object.entries({ ...given }).flatMap(([name, value]) => findJsonFaults(value, name));
  if (faults.length > 0) throw new InvalidInputError(`Run of job "${jobId}" cannot be kept in a database`, faults);
}
