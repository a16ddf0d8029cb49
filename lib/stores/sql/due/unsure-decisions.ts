import type { Clock } from '../../../engine/clock.js';
import type { RunPlan, TakenJob } from '../../../engine/stores/job-store.js';
import type { RunRow } from '../runs/run-row.js';
import type { SqlSession } from '../sql-session.js';

/** For how long what was cut off from its answer may still be on its way to the database. */
const ON_ITS_WAY_MS = 60_000;

interface Decision extends TakenJob {
  readonly since: number;
  /** Until when each record of what was left out reached: it grows with what is left out after it. */
  readonly until: ReadonlyMap<string, number>;
}

type NotedRow = Pick<RunRow, 'id' | 'last_nominal_time'>;

/**
 * What was decided of jobs, beside their runs, when the database did not say whether it had noted it. Where it has, nobody
 * decides it again, and it has still to be told: what was left out, and that a job has ended.
 */
export class UnsureDecisions {
  private readonly byJob = new Map<string, Decision>();

  constructor(
    private readonly session: SqlSession,
    private readonly clock: Clock,
  ) {}

  get isEmpty(): boolean {
    return this.byJob.size === 0;
  }

  add(taken: readonly TakenJob[]): void {
    const since = this.clock.now();
    for (const { job, plan } of taken.flatMap(withoutRuns)) {
      const until = new Map(plan.leftOut.map(({ id, lastNominalTime }) => [id, lastNominalTime]));
      this.byJob.set(job.id, { job, plan, since, until });
    }
  }

  /** Jobs that were decided on anew: what was decided before was not noted. */
  forget(taken: readonly TakenJob[]): void {
    if (!this.isEmpty) for (const { job } of taken) this.byJob.delete(job.id);
  }

  /** Those that have been noted: they stand. */
  async settle(): Promise<readonly TakenJob[]> {
    const { byJob, session } = this;
    const ids = [...byJob.values()].flatMap(({ until }) => [...until.keys()]);
    const query = session.selectBy<NotedRow>(session.runs, 'id', ids, 'id, last_nominal_time');
    const rows = ids.length > 0 ? await session.read(query) : [];
    const noted = new Map(rows.map((row) => [row.id, Number(row.last_nominal_time)]));
    const standing: TakenJob[] = [];
    for (const { job, plan, since, until } of byJob.values()) {
      const isNoted = Array.from(until).every(([id, time]) => noted.get(id) === time);
      const isOld = Math.abs(this.clock.now() - since) > ON_ITS_WAY_MS;
      if (!isNoted && !isOld) continue;
      byJob.delete(job.id);
      // One whose records are not there may have ended all the same: they may have left the history by now.
      standing.push({ job, plan: isNoted ? plan : { ...plan, leftOut: [] } });
    }
    return standing;
  }
}

/** What was decided of a job beside its runs; nothing, where that was all. */
export function withoutRuns({ job, plan }: TakenJob): readonly TakenJob[] {
  const isMore = plan.leftOut.length > 0 || mayHaveEnded(plan);
  return isMore ? [{ job, plan: { ...plan, runs: [] } }] : [];
}

const mayHaveEnded = ({ next, parks, runs }: RunPlan): boolean => runs.length === 0 && next === null && !parks;
