import { sql, type RawBuilder } from 'kysely';
import type { JobSpec } from '../../../engine/job.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import type { RunPlan, TakenJob, TakeRequest } from '../../../engine/stores/job-store.js';
import { tellsToRun } from '../cluster/cluster-row.js';
import { FixedStatement } from '../fixed-statement.js';
import { decodeJob, specHashOf } from '../jobs/job-codec.js';
import type { AnnouncedJob } from '../jobs/job-row.js';
import type { NodeLease } from '../nodes/node-lease.js';
import type { StoreTime } from '../nodes/store-time.js';
import { rowOf, type RunRow } from '../runs/run-row.js';
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

export interface AnnouncedParts {
  readonly session: SqlSession;
  readonly time: StoreTime;
  readonly lease: NodeLease;
  readonly runs: RunTable;
  readonly retries: DueRetries;
  readonly left: LeftAside;
}

/** What the statement is given: the job, its run, and where the job goes on. */
interface Given extends RunRow, Pick<AnnouncedJob, 'uid' | 'fireTime' | 'nominalTime'> {
  readonly spec_hash: string;
  readonly next_run_time: number | null;
  readonly next_nominal_time: number | null;
  readonly now: number;
  /** The keys of jobs that are not to be looked for: this one, and those that are left aside. */
  readonly passedOver: readonly string[];
  readonly leftRetries: readonly string[];
}

/** When something else is due. */
interface Later {
  readonly later: number | string | null;
  readonly retry_due: number | string | null;
}

/**
 * Takes jobs that are due as soon as another node has added them, in one way there and back: what they are came with the
 * news, so that they can be planned before the database is asked for them. Only PostgreSQL tells of jobs.
 */
export class AnnouncedJobs {
  private readonly taking: FixedStatement<Given, Later>;

  constructor(private readonly parts: AnnouncedParts) {
    this.taking = new FixedStatement((value) => this.write(value));
  }

  /** Null when the job is not what was told, or not simply to be taken: whoever looks for what is due sees to it. */
  async take({ now: nodeNow, plan }: TakeRequest, job: AnnouncedJob): Promise<TakenAnnounced | null> {
    const { lease, left, session, time } = this.parts;
    const spec = specOf(job);
    const times = { nominalTime: job.nominalTime, fireTime: job.fireTime };
    const decision = spec && plan(spec, times, time.toStore(nodeNow), 0);
    if (!spec || !decision || decision.leftOut.length > 0 || decision.parks) return null;
    const [run, ...others] = decision.runs;
    if (!run || others.length > 0) return null;
    left.reconsider(job.id);
    const under = lease.id;
    const taking = session.change(this.taking.with(this.givenOf(job, decision, run)));
    const [taken] = await taking.catch((error: unknown) => {
      // Where it was cut off from its answer, the run is recorded and nobody makes it.
      lease.doubts.add([run.id], true);
      throw error;
    });
    if (!taken || !lease.takeOn(under, [run.id])) return null;
    const next = Math.min(timeOf(taken.later), timeOf(taken.retry_due), decision.next?.fireTime ?? Infinity);
    return { taken: [{ job: spec, plan: decision }], next };
  }

  private givenOf(job: AnnouncedJob, { next }: RunPlan, run: RunEntry): Given {
    const { lease, left, retries, time } = this.parts;
    const { id, uid, fireTime, nominalTime, task, executor, spec } = job;
    return {
      ...rowOf(run, { jobUid: uid, lease: lease.id }, null),
      ...{ uid, fireTime, nominalTime },
      // Of what was told: who may read the key may tell what is not so.
      spec_hash: specHashOf(task, executor, spec),
      next_run_time: next?.fireTime ?? null,
      next_nominal_time: next?.nominalTime ?? null,
      now: time.ownNow,
      passedOver: [id, ...left.keys()],
      leftRetries: retries.left,
    };
  }

  /**
   * Moves the job on and adds its run, if all is as it was told and nothing speaks against it.
   *
   * It sees what was there when it began. So it holds both its node's row and the one that says what all nodes do: who changes
   * one of them waits for it, or it sees the change.
   */
  private write(value: (name: keyof Given) => RawBuilder<never>): RawBuilder<Later> {
    const { retries, runs, session, time } = this.parts;
    const { dialect, jobs, meta, namespace, nodes } = session;
    const now = time.sqlAt(value('now'));
    const isRetryMeant = sql`r.id <> ALL(${value('leftRetries')}::varchar[])`;
    return sql<Later>`
      WITH allowed AS (
        SELECT n.id FROM ${nodes} AS n JOIN ${meta} AS m ON m.namespace = n.namespace AND ${tellsToRun}
        WHERE n.namespace = ${namespace} AND n.id = ${value('lease')} AND n.expires_at > ${now} ${dialect.hold}
      ), taken AS (
        UPDATE ${jobs} SET next_run_time = ${value('next_run_time')}, next_nominal_time = ${value('next_nominal_time')}
        WHERE namespace = ${namespace} AND id = (
          SELECT id FROM ${jobs}
          WHERE namespace = ${namespace} AND id = ${value('job_id')} AND uid = ${value('uid')}
            AND spec_hash = ${value('spec_hash')} AND next_run_time = ${value('fireTime')} AND next_run_time <= ${now}
            AND next_nominal_time = ${value('nominalTime')} AND paused = 0 AND EXISTS (SELECT 1 FROM allowed)
            AND NOT EXISTS (SELECT 1 ${runs.underWayElsewhere(value('lease'), sql`r.job_id = ${value('job_id')}`)})
          ${dialect.lockFree}
        ) RETURNING id
      ), run AS (${runs.addingOne(value, sql`EXISTS (SELECT 1 FROM taken)`)} RETURNING id)
      SELECT (
        SELECT min(next_run_time) FROM ${jobs}
        WHERE namespace = ${namespace} AND next_run_time IS NOT NULL AND id <> ALL(${value('passedOver')}::varchar[])
      ) AS later, (${retries.firstDue(isRetryMeant)}) AS retry_due FROM run`;
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
