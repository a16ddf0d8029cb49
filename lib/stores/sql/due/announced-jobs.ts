import { sql, type RawBuilder } from 'kysely';
import type { JobSpec } from '../../../engine/job.js';
import type { RunPlan, TakenJob, TakeRequest } from '../../../engine/stores/job-store.js';
import { heldColumn } from '../cluster/cluster-row.js';
import { decodeJob, specHashOf } from '../jobs/job-codec.js';
import type { AnnouncedJob } from '../jobs/job-row.js';
import type { NodeLease } from '../nodes/node-lease.js';
import type { StoreTime } from '../nodes/store-time.js';
import { rowOf } from '../runs/run-row.js';
import type { RunTable } from '../runs/run-table.js';
import type { SqlSession } from '../sql-session.js';
import { timeOf } from './due-jobs.js';
import type { DueRetries } from './due-retries.js';
import type { LeftAside } from './left-aside.js';

/** A job that has been taken, and what else was seen. */
export interface TakenAnnounced {
  readonly taken: readonly TakenJob[];
  /** When the next job or retry is due, by the store's clock; `Infinity` when none is. */
  readonly next: number;
}

interface Later {
  readonly later: number | string | null;
}

interface RetryDue {
  readonly retry_due: number | string | null;
}

/**
 * Takes jobs that are due as soon as another node has added them, in one way there and back: what they are came with the
 * news, so that they can be planned before the database is asked for them.
 */
export class AnnouncedJobs {
  constructor(
    private readonly session: SqlSession,
    private readonly time: StoreTime,
    private readonly lease: NodeLease,
    private readonly runs: RunTable,
    private readonly retries: DueRetries,
    private readonly left: LeftAside,
  ) {}

  /** Null when the job is not what was told, or not simply to be taken: whoever looks for what is due sees to it. */
  async take({ now: nodeNow, plan }: TakeRequest, job: AnnouncedJob): Promise<TakenAnnounced | null> {
    const { lease } = this;
    const spec = specOf(job);
    const times = { nominalTime: job.nominalTime, fireTime: job.fireTime };
    const decision = spec && plan(spec, times, this.time.toStore(nodeNow), 0);
    if (!spec || !decision || decision.runs.length === 0 || decision.leftOut.length > 0 || decision.parks) return null;
    const runIds = decision.runs.map(({ id }) => id);
    this.left.reconsider(job.id);
    const next = await lease
      .under(() => this.tryTo(job, decision))
      .catch((error: unknown) => {
        // Where the commit was cut off from its answer, they are recorded and nobody makes them.
        lease.doubts.add(runIds, true);
        throw error;
      });
    if (next === null) return null;
    for (const id of runIds) lease.live.add(id);
    return { taken: [{ job: spec, plan: decision }], next: Math.min(next, decision.next?.fireTime ?? Infinity) };
  }

  /** Answers when something else is due; null when the job was not taken. */
  private async tryTo(job: AnnouncedJob, decision: RunPlan): Promise<number | null> {
    const { lease, retries, session } = this;
    let later: number | null = null;
    const { held } = await session.transaction(async (db) => {
      later = null;
      // Nobody waits for its answer: what comes after it looks for the lease itself.
      const held = lease.hold(db, sql<RetryDue>`(${retries.firstDue()}) AS retry_due`);
      held.catch(() => undefined);
      await db.conclude(this.taking(job, decision), ([row]) => {
        if (row) later = timeOf(row.later);
      });
      return { held };
    });
    const { retry_due } = await held;
    return later === null ? null : Math.min(later, timeOf(retry_due));
  }

  /** Moves the job on and adds its runs, if all is as it was told and nothing speaks against it. */
  private taking(job: AnnouncedJob, { next, runs }: RunPlan): RawBuilder<Later> {
    const { left, session } = this;
    const { dialect, jobs, namespace } = session;
    const move = sql`
      UPDATE ${jobs} SET next_run_time = ${next?.fireTime ?? null}, next_nominal_time = ${next?.nominalTime ?? null}
      WHERE namespace = ${namespace} AND id = (${this.locked(job)}) RETURNING id`;
    const owner = { jobUid: job.uid, lease: this.lease.id };
    const rows = runs.map((run) => rowOf(run, owner, null));
    const add = this.runs.adding(rows, sql`EXISTS (SELECT 1 FROM first)`);
    const others = session.among('id', [job.id, ...left.keys()]);
    return sql<Later>`${dialect.together(move, add)} RETURNING (
      SELECT min(next_run_time) FROM ${jobs} WHERE namespace = ${namespace} AND next_run_time IS NOT NULL AND NOT ${others}
    ) AS later`;
  }

  /** The id of the job, if this node may take it. */
  private locked({ id, uid, task, executor, spec, fireTime, nominalTime }: AnnouncedJob): RawBuilder<unknown> {
    const { lease, runs, session, time } = this;
    const { dialect, jobs, namespace, nodes } = session;
    return sql`
      SELECT id FROM ${jobs}
      WHERE namespace = ${namespace} AND id = ${id} AND uid = ${uid} AND spec_hash = ${specHashOf(task, executor, spec)}
        AND next_run_time = ${fireTime} AND next_nominal_time = ${nominalTime} AND paused = 0
        AND next_run_time <= ${time.inSql} AND ${heldColumn(session)} IS NULL
        AND EXISTS (
          SELECT 1 FROM ${nodes} AS n WHERE n.namespace = ${namespace} AND n.id = ${lease.id} AND n.expires_at > ${time.inSql}
        ) AND NOT EXISTS (SELECT 1 ${runs.underWayElsewhere(lease.id, sql`r.job_id = ${id}`)})
      ${dialect.lockFree}`;
  }
}

/** What a job is; null when it cannot be read: whoever finds it in its row tells of it. */
function specOf(job: AnnouncedJob): JobSpec | null {
  try {
    return decodeJob(job);
  } catch {
    return null;
  }
}
