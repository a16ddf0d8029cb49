import type { AdoptedRun, AdoptionRequest } from '../../../engine/stores/job-store.js';
import { inChunks } from '../../../engine/util/chunks.js';
import type { JobReader } from '../jobs/job-reader.js';
import type { JobRow } from '../jobs/job-row.js';
import { sql } from '../connection/kysely.js';
import { LOST_AT_ONCE, UNWATCHED } from '../nodes/lost-runs.js';
import type { NodeLease } from '../nodes/node-lease.js';
import type { Connection, SqlSession } from '../sql-session.js';
import type { RunRow } from './run-row.js';
import { RUN_NAMES, type RunTable } from './run-table.js';

type OwnerRow = Omit<JobRow, 'next_run_time' | 'next_nominal_time' | 'paused' | 'runs_left'> & { readonly uid: string };

/** Puts handed-over runs under this node's lease. */
export class AdoptedRuns {
  constructor(
    private readonly session: SqlSession,
    private readonly lease: NodeLease,
    private readonly runs: RunTable,
    private readonly reader: JobReader,
  ) {}

  adopt(request: AdoptionRequest): Promise<readonly AdoptedRun[]> {
    return this.lease.under(() => this.session.transaction((db) => this.take(db, request)));
  }

  /** Puts runs under no lease. */
  async leave(runIds: readonly string[]): Promise<void> {
    const { namespace, runs } = this.session;
    for (const ids of inChunks(runIds, LOST_AT_ONCE)) {
      await this.session.change(sql`
        UPDATE ${runs} SET lease = ${UNWATCHED}
        WHERE namespace = ${namespace} AND ${this.session.among('id', ids)} AND state = 'handed_over' AND lease = ${this.lease.id}
      `);
    }
  }

  private async take(db: Connection, request: AdoptionRequest): Promise<readonly AdoptedRun[]> {
    const { namespace, runs } = this.session;
    await this.lease.hold(db);
    const rows = await this.lock(db, request);
    const found = rows.flatMap((row) => {
      const run = this.runs.read(row);
      return run ? [{ row, run }] : [];
    });
    if (found.length === 0) return [];
    const ids = found.map(({ run }) => run.id);
    await sql`
      UPDATE ${runs} SET lease = ${this.lease.id} WHERE namespace = ${namespace} AND ${this.session.among('id', ids)}
    `.execute(db);
    const owners = await this.ownersOf(db, found);
    return found.map(({ row, run }) => {
      const owner = owners.get(row.job_uid ?? '');
      return { run, job: owner ? this.reader.specOf(owner) : null };
    });
  }

  private async lock(db: Connection, request: AdoptionRequest): Promise<readonly RunRow[]> {
    const { dialect, namespace, runs } = this.session;
    const names = sql.raw(RUN_NAMES);
    const query =
      'runId' in request
        ? sql<RunRow>`
            SELECT ${names} FROM ${runs}
            WHERE namespace = ${namespace} AND id = ${request.runId} AND state = 'handed_over' AND settled = 0
              AND lease <> ${this.lease.id} ${dialect.lock}`
        : sql<RunRow>`
            SELECT ${names} FROM ${runs}
            WHERE lease = ${UNWATCHED} AND namespace = ${namespace}
              AND ${this.session.among('executor', request.executors)} LIMIT ${request.limit} ${dialect.lockFree}`;
    return (await query.execute(db)).rows;
  }

  /** By what tells them from other jobs that get their ids. */
  private async ownersOf(
    db: Connection,
    found: readonly { readonly row: RunRow }[],
  ): Promise<ReadonlyMap<string, OwnerRow>> {
    const ids = new Set(found.map(({ row }) => row.job_id));
    const shown = 'id, uid, task, executor, spec, spec_hash';
    const { rows } = await this.session.selectBy<OwnerRow>(this.session.jobs, 'id', ids, shown).execute(db);
    return new Map(rows.map((row) => [row.uid, row]));
  }
}
