import type { RecordResult, ReturnedRun } from '../../../engine/stores/job-store.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import type { NodeLease } from '../nodes/node-lease.js';
import type { StoreTime } from '../nodes/store-time.js';
import type { JobTable } from '../jobs/job-table.js';
import type { Transaction } from '../dialects/transaction.js';
import type { Connection, SqlSession } from '../sql-session.js';
import type { ReturnJobs } from './return-jobs.js';
import type { RunPruner } from './run-pruner.js';
import { assertJson } from './assert-json.js';
import { rowOf, type RunRow } from './run-row.js';
import type { RunTable, SettledRun } from './run-table.js';

export interface RecordParts {
  readonly session: SqlSession;
  readonly lease: NodeLease;
  readonly time: StoreTime;
  readonly jobs: JobTable;
  readonly runs: RunTable;
  readonly returns: ReturnJobs;
  readonly pruner: RunPruner;
}

interface KnownRun {
  readonly id: string;
  readonly job_uid: string | null;
  readonly lease: string | null;
  readonly state: string;
}

/** What one write makes of runs. */
interface Sorted {
  readonly written: readonly RunEntry[];
  readonly absorbed: readonly RunEntry[];
  readonly refused: readonly RunEntry[];
}

interface Written extends Sorted {
  /** Jobs that went. */
  readonly removed: readonly string[];
  /** Runs that were given back too late, for whose sake nothing was written. */
  readonly overtaken: readonly string[];
  /** Under which all of it was. */
  readonly lease: string;
}

const NOTHING = { written: [], absorbed: [], refused: [], removed: [], overtaken: [] };

/** Writes down what became of runs, as long as they are this node's. */
export class RecordRuns {
  constructor(private readonly parts: RecordParts) {}

  async record(runs: readonly RunEntry[], returned: readonly ReturnedRun[]): Promise<RecordResult> {
    const { lease, pruner, session } = this.parts;
    const byId = new Map(runs.map((run) => [run.id, run]));
    if (byId.size === 0) return { removed: [] };
    const result = await lease
      .under(() => session.transaction((db) => this.write(db, byId, returned)))
      .catch((error: unknown) => {
        // Who asked for such a run is told that it failed, and it may be there all the same.
        const begun = runs.filter(
          ({ id, settled, startedAt }) => !settled && startedAt === null && !lease.live.has(id),
        );
        lease.doubts.add(
          begun.map(({ id }) => id),
          false,
        );
        throw error;
      });
    const begun = result.written.filter(({ settled }) => !settled).map(({ id }) => id);
    // Under another lease by now: they were lost with the one before, and are due again where they are to be made.
    const lost = lease.adoptRuns(result.lease, begun) ? [] : begun;
    const refused = [...result.refused.map(({ id }) => id), ...lost];
    for (const { id, settled } of result.written) if (settled) lease.live.delete(id);
    for (const id of refused) lease.live.delete(id);
    pruner.add(result.written.filter(({ settled }) => settled));
    return {
      removed: result.removed,
      ...(refused.length > 0 && { refused }),
      ...(result.overtaken.length > 0 && { overtaken: result.overtaken }),
    };
  }

  private async write(
    db: Transaction,
    byId: ReadonlyMap<string, RunEntry>,
    returned: readonly ReturnedRun[],
  ): Promise<Written> {
    const settled = returned.length === 0 ? await this.settle(db, byId) : new Map<string, SettledRun>();
    const rest = new Map(Array.from(byId).filter(([id]) => !settled.has(id)));
    const { lease } = this.parts;
    const { removed, ...sorted } =
      rest.size > 0 ? await this.writeRest(db, rest, returned) : { ...NOTHING, lease: lease.id };
    if (settled.size === 0) return { removed, ...sorted };
    const over = Array.from(settled.values()).filter(({ is_over }) => is_over !== null);
    const gone = [...removed];
    if (over.length > 0) {
      const removing = this.parts.jobs.removingIdle(new Set(over.map(({ job_id }) => job_id)));
      await db.conclude(removing, (rows) => gone.push(...rows.map(({ id }) => id)));
    }
    const written = Array.from(settled.keys(), (id) => byId.get(id) as RunEntry);
    return { ...sorted, written: [...written, ...sorted.written], removed: gone };
  }

  /** Nearly all that is told: runs of this lease that have ended, in one statement. Answers which they were. */
  private async settle(db: Connection, byId: ReadonlyMap<string, RunEntry>): Promise<ReadonlyMap<string, SettledRun>> {
    const { lease, runs, session } = this.parts;
    const isPlain = ({ settled, isAbsorbed, retryAt, state }: RunEntry): boolean =>
      settled && !isAbsorbed && retryAt === null && state !== 'lost';
    const rows = session.dialect.returning
      ? Array.from(byId.values())
          .filter(isPlain)
          .map((run) => rowOf(run, { jobUid: null, lease: lease.id }, null))
      : [];
    if (rows.length === 0) return new Map();
    const settled = await runs.settle(rows, lease.id, db);
    return new Map(settled.map((row) => [row.id, row]));
  }

  private async writeRest(
    db: Connection,
    byId: ReadonlyMap<string, RunEntry>,
    returned: readonly ReturnedRun[],
  ): Promise<Written> {
    const { lease, returns, runs } = this.parts;
    const known = await this.find(db, byId.keys());
    const sorted = this.sort(byId, known);
    const fresh = sorted.written.filter(({ id }) => !known.has(id));
    if (fresh.some(({ settled }) => !settled)) await lease.hold(db);
    const { id: under } = lease;
    const asked = [...fresh, ...sorted.written.filter(({ retryAt }) => retryAt !== null)];
    const uids = await this.uidsOf(db, asked);
    const rows = sorted.written.map((run) => this.rowFor(run, known.get(run.id), uids.get(run.jobId)));
    const uidByRun = new Map(rows.map(({ id, job_uid }) => [id, job_uid]));
    const overtaken = await returns.giveBack(db, returned, uidByRun);
    if (overtaken.length > 0) return { ...NOTHING, overtaken, lease: under };
    await runs.put(rows, db);
    if (sorted.absorbed.length > 0) await this.forget(db, sorted.absorbed);
    // One whose end nobody knows is no outcome.
    const done = rows.filter(({ lease, retry_at, state }) => lease === null && retry_at === null && state !== 'lost');
    const over = [
      ...done,
      ...sorted.absorbed.flatMap(({ id, jobId }) => {
        const uid = known.get(id)?.job_uid ?? null;
        return uid === null ? [] : [{ job_id: jobId, job_uid: uid }];
      }),
    ];
    return { ...sorted, removed: await this.removeEnded(db, over), overtaken: [], lease: under };
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
      .selectBy<KnownRun>(session.runs, 'id', ids, 'id, job_uid, lease, state', { lock })
      .execute(db);
    return new Map(rows.map((row) => [row.id, row]));
  }

  private sort(byId: ReadonlyMap<string, RunEntry>, known: ReadonlyMap<string, KnownRun>): Sorted {
    const { lease } = this.parts;
    const written: RunEntry[] = [];
    const absorbed: RunEntry[] = [];
    const refused: RunEntry[] = [];
    for (const [id, run] of byId) {
      const row = known.get(id);
      if (row === undefined || row.lease === lease.id) {
        if (!run.isAbsorbed) written.push(run);
        else if (row) absorbed.push(run);
      } else if (row.lease !== null || row.state !== run.state) {
        refused.push(run);
      }
    }
    return { written, absorbed, refused };
  }

  /** @throws InvalidInputError when what a run by hand was given cannot be kept. */
  private rowFor(run: RunEntry, known: KnownRun | undefined, jobUid: string | undefined): RunRow {
    if (!known && run.given) assertJson(run);
    const uid = known ? known.job_uid : (jobUid ?? null);
    // Another job may have its id by now.
    if (run.retryAt !== null && (jobUid === undefined || uid !== jobUid)) run.retryAt = null;
    const retryAt = run.retryAt === null ? null : this.parts.time.toStore(run.retryAt);
    return rowOf(run, { jobUid: uid, lease: this.parts.lease.id }, retryAt);
  }

  /** What tells the jobs of these runs from others that get their ids. They stay until the transaction ends. */
  private async uidsOf(db: Connection, runs: readonly RunEntry[]): Promise<ReadonlyMap<string, string>> {
    if (runs.length === 0) return new Map();
    const { session } = this.parts;
    const ids = new Set(runs.map(({ jobId }) => jobId));
    const { lock } = session.dialect;
    const { rows } = await session
      .selectBy<{ id: string; uid: string }>(session.jobs, 'id', ids, 'id, uid', { lock })
      .execute(db);
    return new Map(rows.map(({ id, uid }) => [id, uid]));
  }

  private forget(db: Connection, absorbed: readonly RunEntry[]): Promise<unknown> {
    const { session } = this.parts;
    const ids = absorbed.map(({ id }) => id);
    return session.deleteByIds(session.runs, ids).execute(db);
  }
}
