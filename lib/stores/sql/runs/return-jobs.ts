import { sql } from 'kysely';
import { giveBack } from '../../../engine/stores/give-back.js';
import type { ReturnedRun } from '../../../engine/stores/job-store.js';
import { sameJson } from '../../../engine/triggers/same-trigger.js';
import type { JobReader } from '../jobs/job-reader.js';
import { numberOrNull, type JobRow } from '../jobs/job-row.js';
import type { Connection, SqlSession } from '../sql-session.js';

type OwnerRow = JobRow & { readonly uid: string };

/** Makes jobs due again for runs that could not begin. */
export class ReturnJobs {
  constructor(
    private readonly session: SqlSession,
    private readonly reader: JobReader,
  ) {}

  /**
   * Makes jobs due again, all or none of them: answers the runs whose jobs have gone on since.
   *
   * @param uids - by run, the jobs of those that are written with this.
   */
  async giveBack(
    db: Connection,
    returned: readonly ReturnedRun[],
    uids: ReadonlyMap<string, string | null>,
  ): Promise<readonly string[]> {
    if (returned.length === 0) return [];
    const { dialect, jobs, namespace } = this.session;
    const ids = new Set(returned.map(({ run }) => run.jobId));
    const shown = 'id, uid, task, executor, spec, spec_hash, next_run_time, next_nominal_time, paused';
    const rest = { where: sql`paused = 0`, lock: dialect.lock };
    const { rows } = await this.session.selectBy<OwnerRow>(jobs, 'id', ids, shown, rest).execute(db);
    const moves = [];
    const late: string[] = [];
    for (const owner of rows) {
      const spec = this.reader.specOf(owner);
      const isOf = ({ run, trigger }: ReturnedRun): boolean =>
        run.jobId === owner.id && owner.uid === uids.get(run.id) && spec !== null && sameJson(spec.trigger, trigger);
      const nextRunTime = numberOrNull(owner.next_run_time);
      const nextNominalTime = numberOrNull(owner.next_nominal_time);
      const { due, overtaken } = giveBack({ nextRunTime, nextNominalTime }, returned.filter(isOf));
      late.push(...overtaken);
      if (due) moves.push({ id: owner.id, next_run_time: due.fireTime, next_nominal_time: due.nominalTime });
    }
    if (moves.length === 0 || late.length > 0) return late;
    const columns = { id: 'key', next_run_time: 'bigint', next_nominal_time: 'bigint' } as const;
    const from = this.session.rows(moves, columns);
    await dialect.updateFrom(jobs, namespace, ['next_run_time', 'next_nominal_time'], from).execute(db);
    return [];
  }
}
