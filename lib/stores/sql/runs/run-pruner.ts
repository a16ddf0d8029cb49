import type { RunRecord } from '../../../engine/model/run-record.js';
import type { RawBuilder } from 'kysely';
import { runIdAt } from '../../../engine/runs/run-ids.js';
import { weightOf } from '../../../engine/model/run-weight.js';
import { BackgroundWork } from '../../../engine/util/background-work.js';
import { messageOf } from '../../../engine/util/inspect.js';
import type { Logger } from '../../../engine/logger.js';
import type { HistoryLimits } from '../../../engine/stores/job-store.js';
import { sql } from '../connection/kysely.js';
import type { CompletedJobs } from '../jobs/completed-jobs.js';
import type { SqlSession } from '../sql-session.js';
import { BEGUN } from './run-row.js';

/** A limit may be passed by a tenth before the history is pruned: pruning at each end of a run would cost more than the run. */
const SLACK = 10;
/** How many rows one step looks at. It must be short: SQLite holds up the whole process for as long. */
const STEP = 500;
/** Runs are counted by a hash of their job's id, so that any number of jobs takes the same memory. */
const BUCKETS = 1 << 16;

interface Counted {
  readonly id: string;
  readonly job_id: string;
  readonly bytes: number | string;
}

interface Judged {
  readonly id: string;
  readonly is_over: number | string;
}

/**
 * Keeps the history within its limits, apart from recording: in the background, in steps that each look at a bounded number of
 * rows by an index. It begins with a sweep, for limits may be lower than before, and earlier processes may have left work.
 */
export class RunPruner {
  /** How many runs of each job have ended here since it was pruned. */
  private readonly endedByJob = new Map<string, number>();
  /** What has ended here since the last sweep began. */
  private ended = 0;
  private bytes = 0;
  private isSweepDue = true;
  /** All up to this one have been looked at. */
  private seen = '';
  /** How many of those had to stay, and how many runs have ended since they were looked at: each frees one of them at most. */
  private stayed = 0;
  private endedSince = 0;
  private isFailing = false;
  private readonly work = new BackgroundWork(
    () => this.steps(),
    (error) => this.note(error),
  );

  constructor(
    private readonly session: SqlSession,
    private readonly limits: HistoryLimits,
    private readonly completed: CompletedJobs,
    private readonly logger: Logger,
    /** By the store's clock, in epoch milliseconds. */
    private readonly now: () => number,
  ) {}

  start(): void {
    this.work.start();
  }

  /** Counts runs that have ended, and begins to prune once there are enough of them. */
  add(runs: readonly RunRecord[]): void {
    const { endedByJob, limits } = this;
    for (const run of runs) {
      endedByJob.set(run.jobId, (endedByJob.get(run.jobId) ?? 0) + 1);
      this.bytes += weightOf(run);
    }
    this.ended += runs.length;
    this.endedSince += runs.length;
    this.isSweepDue ||= this.ended > limits.total / SLACK || this.bytes > limits.maxBytes / SLACK;
    if (this.isSweepDue || runs.some(({ jobId }) => this.isLong(jobId))) this.start();
  }

  /** The next start goes on with what is left. */
  stop(): Promise<void> {
    return this.work.stop();
  }

  private isLong(jobId: string): boolean {
    return (this.endedByJob.get(jobId) ?? 0) > this.limits.perJob / SLACK;
  }

  private note(error: unknown): void {
    if (error !== null) {
      // Runs are recorded all the same; the next end of a run tries again.
      this.isSweepDue = true;
      if (!this.isFailing) this.logger.warn(`The history of runs is not pruned to its limits: ${messageOf(error)}`);
    }
    this.isFailing = error !== null;
  }

  private async *steps(): AsyncGenerator<void> {
    for (;;) {
      const long = [...this.endedByJob.keys()].filter((id) => this.isLong(id));
      if (this.isSweepDue) yield* this.sweep();
      else if (long.length > 0) yield* this.pruneJobs(long);
      else return;
    }
  }

  private async *sweep(): AsyncGenerator<void> {
    this.isSweepDue = false;
    this.ended = 0;
    this.bytes = 0;
    this.endedByJob.clear();
    const end = yield* this.findEnd();
    yield* this.pruneOldest(end);
    await this.completed.prune();
  }

  /** Goes through the history that may stay, the latest first, and prunes jobs that have too many runs in it. */
  private async *findEnd(): AsyncGenerator<void, string> {
    const { limits, session } = this;
    const sizes = ['given', 'result', 'error', 'log'].map((name) => `coalesce(octet_length(${name}), 0)`);
    const bytesOf = sql.raw(sizes.join(' + '));
    const buckets = new Uint32Array(BUCKETS);
    let [before, count, bytes] = ['', 0, 0];
    for (;;) {
      const older = before === '' ? sql`` : sql`AND id < ${before}`;
      const rows = await session.read(sql<Counted>`
        SELECT id, job_id, ${bytesOf} AS bytes FROM ${session.runs}
        WHERE namespace = ${session.namespace} AND lease IS NULL ${older} ORDER BY id DESC LIMIT ${STEP}
      `);
      yield;
      const long = new Set<string>();
      for (const row of rows) {
        const bucket = bucketOf(row.job_id);
        if (++(buckets[bucket] as number) > limits.perJob) long.add(row.job_id);
        bytes += Number(row.bytes);
        if (++count > limits.total || bytes > limits.maxBytes) return row.id;
      }
      for (const jobId of long) buckets[bucketOf(jobId)] = 0;
      yield* this.pruneJobs([...long]);
      if (rows.length < STEP) return '';
      before = (rows.at(-1) as Counted).id;
    }
  }

  /** Deletes what is too old, and all up to `end`, the oldest first. What has to stay is not looked at each time. */
  private async *pruneOldest(end: string): AsyncGenerator<void> {
    const { limits } = this;
    const { namespace } = this.session;
    if (this.endedSince >= this.stayed) [this.seen, this.stayed, this.endedSince] = ['', 0, 0];
    const oldest = this.now() - limits.maxAgeMs;
    const lastOld = oldest > 0 ? runIdAt(oldest) : '';
    const last = lastOld > end ? lastOld : end;
    const isTooOld = oldest > 0 ? sql`(r.id <= ${end} OR r.finished_at < ${oldest})` : sql`1 = 1`;
    for (let found = STEP; found === STEP && this.seen < last;) {
      const { seen } = this;
      const next = sql`r.namespace = ${namespace} AND r.id > ${seen} AND r.id <= ${last} ORDER BY r.id LIMIT ${STEP}`;
      const rows = await this.judge(isTooOld, next);
      const deleted = await this.delete(rows);
      this.stayed += rows.length - deleted;
      this.seen = rows.at(-1)?.id ?? last;
      found = rows.length;
      yield;
    }
  }

  /** Deletes what single jobs have too many of. */
  private async *pruneJobs(jobIds: readonly string[]): AsyncGenerator<void> {
    const { perJob } = this.limits;
    const { dialect, namespace } = this.session;
    for (const jobId of jobIds) {
      const { where, latestFirst } = dialect.runsOf({ namespace, jobId, alias: 'r' });
      this.endedByJob.delete(jobId);
      for (let deleted = STEP; deleted > 0;) {
        const which = sql`${where} AND r.lease IS NULL ORDER BY ${latestFirst} LIMIT ${STEP} OFFSET ${perJob}`;
        const rows = await this.judge(sql`1 = 1`, which);
        deleted = rows.length > 0 ? await this.delete(rows) : 0;
        if (rows.length < STEP) deleted = 0;
        yield;
      }
    }
  }

  /** What stays whatever the limits: the latest run of each job, and those that are under way or to be tried again. */
  private judge(predicate: RawBuilder<unknown>, which: RawBuilder<unknown>): Promise<readonly Judged[]> {
    const { dialect, namespace, runs, jobs } = this.session;
    const after = sql.raw('r.id');
    const newer = dialect.runsOf({ namespace, jobId: sql.raw('r.job_id'), after, alias: 'newer' });
    return this.session.read(sql<Judged>`
      SELECT r.id, CASE WHEN ${predicate} AND r.lease IS NULL AND r.retry_at IS NULL AND (
        NOT ${sql.raw(BEGUN)} OR (
          SELECT newer.id FROM ${runs} AS newer
          WHERE ${newer.where} AND (newer.started_at IS NOT NULL OR newer.state IN ('running', 'handed_over', 'lost'))
          ORDER BY ${newer.latestFirst} LIMIT 1
        ) IS NOT NULL OR (
          SELECT j.id FROM ${jobs} AS j WHERE j.namespace = ${namespace} AND j.id = r.job_id AND j.uid = r.job_uid
        ) IS NULL
      ) THEN 1 ELSE 0 END AS is_over
      FROM ${runs} AS r WHERE ${which}
    `);
  }

  private async delete(rows: readonly Judged[]): Promise<number> {
    const { runs } = this.session;
    const ids = rows.filter(({ is_over }) => Number(is_over) === 1).map(({ id }) => id);
    if (ids.length > 0) await this.session.change(this.session.deleteByIds(runs, ids));
    return ids.length;
  }
}

function bucketOf(jobId: string): number {
  let hash = 0;
  for (let index = 0; index < jobId.length; index++) hash = (Math.imul(hash, 31) + jobId.charCodeAt(index)) | 0;
  return hash & (BUCKETS - 1);
}
