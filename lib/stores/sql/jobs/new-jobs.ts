import { randomBytes } from 'node:crypto';
import type { RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import { ConflictingIdError, JobCompletedError } from '../../../engine/errors.js';
import { inChunks, inWeighedChunks } from '../../../engine/util/chunks.js';
import type { JobRecord } from '../../../engine/model/job.js';
import type { StoreTime } from '../store-time.js';
import type { Announcement } from '../notices/change-notifier.js';
import { STATEMENT_BOUNDS, type Connection, type SqlSession } from '../sql-session.js';
import type { CompletedJobs } from './completed-jobs.js';
import { encodeJob } from './job-codec.js';
import type { JobReader } from './job-reader.js';
import { NEW_JOB_COLUMNS, type NewJobRow } from './job-row.js';
import { tagRowsOf, type JobTags, type TagRow } from './job-tags.js';
import type { JobsMark } from './jobs-mark.js';

const COLUMNS = Object.keys(NEW_JOB_COLUMNS) as (keyof typeof NEW_JOB_COLUMNS)[];
const NAMES = COLUMNS.join(', ');

/** Adds jobs to their table. */
export class NewJobs {
  constructor(
    private readonly session: SqlSession,
    private readonly time: StoreTime,
    private readonly reader: JobReader,
    private readonly mark: JobsMark,
    private readonly completed: CompletedJobs,
    private readonly tags: JobTags,
    /** What tells other nodes of them; null where nothing does. */
    private readonly announcing: (rows: readonly NewJobRow[]) => Announcement | null,
  ) {}

  /**
   * @param isDeclaration - whether the job, one with `declaredBy`, is refused where it has completed.
   * @throws ConflictingIdError naming the first whose id is taken, or comes twice; then none is added. JobCompletedError
   */
  async add(jobs: readonly JobRecord[], isDeclaration = false): Promise<void> {
    const ids = new Set<string>();
    for (const { id } of jobs) {
      if (ids.has(id)) throw new ConflictingIdError(id);
      ids.add(id);
    }
    const rows = jobs.map((job) => ({ ...encodeJob(job), uid: newUid(), last_run: '' as const }));
    const tagRows = jobs.flatMap(({ tags = [] }, index) => tagRowsOf(rows[index] as NewJobRow, tags));
    const announcement = this.announcing(rows);
    const isDeclared = jobs.some(({ declaredBy }) => declaredBy);
    try {
      await this.addAll(rows, tagRows, announcement, isDeclared, isDeclaration);
    } catch (error) {
      if (!this.session.dialect.isConflict(error)) throw error;
      throw new ConflictingIdError(await this.firstOf(ids), undefined);
    }
    if (isDeclared) await this.mark.counted();
    jobs.forEach((job, index) => this.reader.remember(job, rows[index] as NewJobRow));
  }

  private async addAll(
    rows: readonly NewJobRow[],
    tagRows: readonly TagRow[],
    announcement: Announcement | null,
    isDeclared: boolean,
    isDeclaration: boolean,
  ): Promise<void> {
    const { session, time } = this;
    const { dialect, jobs, namespace } = session;
    const now = time.inSql;
    const names = sql.raw(NAMES);
    const inserts: RawBuilder<unknown>[] = [];
    for (const some of inWeighedChunks(rows, STATEMENT_BOUNDS, ({ spec }) => spec.length)) {
      const chunk = session.rows(some, NEW_JOB_COLUMNS);
      inserts.push(sql`
        INSERT INTO ${jobs} (namespace, ${names}, created_at, updated_at)
        SELECT ${namespace}, ${names}, ${now}, ${now} FROM ${chunk}`);
    }
    const last = inserts.pop();
    if (!last) return;
    const told = announcement && dialect.notify?.(announcement.channel, announcement.payload, last);
    const end = told ?? last;
    if (inserts.length === 0 && tagRows.length === 0 && !isDeclared) {
      await session.change(end);
      return;
    }
    await session.transaction(async (db) => {
      for (const statement of [...inserts, end]) await statement.execute(db);
      await this.tags.put(db, tagRows);
      if (isDeclaration) await this.assertNotCompleted(db, rows);
      if (isDeclared) await this.mark.count(db);
    });
  }

  private async assertNotCompleted(db: Connection, rows: readonly NewJobRow[]): Promise<void> {
    for (const { id, next_nominal_time } of rows) {
      if (next_nominal_time === null) continue;
      if (await this.completed.has(db, id, next_nominal_time)) throw new JobCompletedError(id);
    }
  }

  /** The first of these jobs that is there. */
  private async firstOf(ids: ReadonlySet<string>): Promise<string> {
    const { session } = this;
    for (const some of inChunks([...ids], STATEMENT_BOUNDS.items)) {
      const there = await session.read(session.selectBy<{ id: string }>(session.jobs, 'id', some, 'id'));
      const taken = new Set(there.map(({ id }) => id));
      const first = some.find((id) => taken.has(id));
      if (first !== undefined) return first;
    }
    const [first = ''] = ids;
    return first;
  }
}

/** By chance, for this process. */
const UID_PREFIX = randomBytes(9).toString('base64url');
let uids = 0;

/** Short: it stands in each run. */
const newUid = (): string => UID_PREFIX + (uids++).toString(36);
