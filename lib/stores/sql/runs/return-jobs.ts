import { sql } from 'kysely';
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

  /** @param uids - by run, the jobs of those that were written just now. */
  async giveBack(
    db: Connection,
    returned: readonly ReturnedRun[],
    uids: ReadonlyMap<string, string | null>,
  ): Promise<void> {
    if (returned.length === 0) return;
    const { dialect, jobs, namespace } = this.session;
    const ids = new Set(returned.map(({ run }) => run.jobId));
    const shown = 'id, uid, task, executor, spec, spec_hash, next_run_time, next_nominal_time, paused';
    const rest = { where: sql`paused = 0`, lock: dialect.lock };
    const { rows } = await this.session.selectBy<OwnerRow>(jobs, 'id', ids, shown, rest).execute(db);
    const owners = new Map(rows.map((row) => [row.id, row]));
    const moves = new Map<string, { id: string; next_run_time: number; next_nominal_time: number }>();
    for (const { run, trigger } of returned) {
      const owner = owners.get(run.jobId);
      if (!owner || owner.uid !== uids.get(run.id)) continue;
      const spec = this.reader.specOf(owner);
      const due = moves.get(owner.id)?.next_run_time ?? numberOrNull(owner.next_run_time) ?? Infinity;
      if (!spec || due <= run.fireTime || !sameJson(spec.trigger, trigger)) continue;
      moves.set(owner.id, { id: owner.id, next_run_time: run.fireTime, next_nominal_time: run.nominalTime });
    }
    if (moves.size === 0) return;
    const columns = { id: 'key', next_run_time: 'bigint', next_nominal_time: 'bigint' } as const;
    const from = this.session.rows([...moves.values()], columns);
    await dialect.updateFrom(jobs, namespace, ['next_run_time', 'next_nominal_time'], from).execute(db);
  }
}
