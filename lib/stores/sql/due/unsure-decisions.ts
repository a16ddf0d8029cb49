import type { Clock } from '../../../engine/clock.js';
import type { ClaimedJob } from '../../../engine/stores/job-store.js';
import type { RunRow } from '../runs/run-row.js';
import type { SqlSession } from '../sql-session.js';
import type { DecidedJob } from './due-jobs.js';

/** For how long what was cut off from its answer may still be on its way to the database. */
const ON_ITS_WAY_MS = 60_000;

interface Decision extends DecidedJob {
  readonly since: number;
  /** Until when each record of what was left out reached: it grows with what is left out after it. */
  readonly until: ReadonlyMap<string, number>;
}

type NotedRow = Pick<RunRow, 'id' | 'last_nominal_time'>;

/**
 * What was left out, and told to nobody yet, for the database did not say whether it had noted it. Where it has, nobody decides
 * it again: it stands.
 */
export class UnsureDecisions {
  private readonly byJob = new Map<string, Decision>();
  private standing: ClaimedJob[] = [];

  constructor(
    private readonly session: SqlSession,
    private readonly clock: Clock,
  ) {}

  get isEmpty(): boolean {
    return this.byJob.size + this.standing.length === 0;
  }

  /** The database did not say whether it has noted these. */
  add(decided: readonly DecidedJob[]): void {
    this.replace(decided);
    const since = this.clock.now();
    for (const one of decided.flatMap(withoutRuns)) {
      const until = new Map(one.plan.leftOut.map(({ id, lastNominalTime }) => [id, lastNominalTime]));
      this.byJob.set(one.job.id, { ...one, since, until });
    }
  }

  /** Jobs have been decided on anew. One that has gone on since shows that what was decided before had been noted. */
  replace(decided: readonly DecidedJob[]): void {
    if (this.byJob.size === 0) return;
    for (const { job, nominalTime } of decided) {
      const before = this.byJob.get(job.id);
      this.byJob.delete(job.id);
      if (before && before.nominalTime < nominalTime) this.standing.push(before);
    }
  }

  /** What stands by now, once. */
  takeStanding(): readonly ClaimedJob[] {
    const { standing } = this;
    this.standing = [];
    return standing;
  }

  /** Looks for them in the database. Answers those that stand. */
  async settle(): Promise<readonly ClaimedJob[]> {
    const { byJob, session, standing } = this;
    const ids = [...byJob.values()].flatMap(({ until }) => [...until.keys()]);
    const query = session.selectBy<NotedRow>(session.runs, 'id', ids, 'id, last_nominal_time');
    const rows = ids.length > 0 ? await session.read(query) : [];
    const noted = new Map(rows.map((row) => [row.id, Number(row.last_nominal_time)]));
    for (const one of byJob.values()) {
      const { job, plan, since, until } = one;
      const isNoted = Array.from(until).every(([id, time]) => noted.get(id) === time);
      if (!isNoted && Math.abs(this.clock.now() - since) <= ON_ITS_WAY_MS) continue;
      byJob.delete(job.id);
      // A job may have ended though there is no record of it: that may have left the history by now.
      standing.push(isNoted ? one : { job, plan: { ...plan, leftOut: [] } });
    }
    return this.takeStanding();
  }
}

/** What was decided of a job beside its runs; nothing, where that was all. */
export function withoutRuns<T extends ClaimedJob>(one: T): readonly T[] {
  return one.plan.leftOut.length > 0 ? [{ ...one, plan: { ...one.plan, runs: [] } }] : [];
}
