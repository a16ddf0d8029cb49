import type { RawBuilder } from 'kysely';
import type { Clock } from '../../../engine/clock.js';
import type { OnUnreadable } from '../../../engine/model/unreadable-job.js';
import {
  comparePlaces,
  isBeyond,
  type FoundJob,
  type FoundJobs,
  type JobPlace,
  type JobSearch,
} from '../../../engine/stores/job-search.js';
import { inChunks, inWeighedChunks } from '../../../engine/util/chunks.js';
import { sql } from '../connection/kysely.js';
import type { Connection, SqlSession } from '../sql-session.js';
import { fewJobs } from './few-jobs.js';
import { conditionOf } from './job-condition.js';
import { indexOf, keyColumn, orderBy, rangesBeyond, type JobRange } from './job-ranges.js';
import type { JobReader } from '../jobs/job-reader.js';
import type { JobTable } from '../jobs/job-table.js';
import type { UnindexedJobs } from './unindexed-jobs.js';

/** How many rows one query looks through: SQLite holds up the whole process for as long. */
const LARGEST_WINDOW = 2000;
/** How many rows one search looks through before it answers what it has found. */
const MOST_LOOKED = 10_000;
/** How many jobs are looked up by their ids at once. */
const IDS_AT_ONCE = 500;
/** How many bytes all jobs of a page take, about, unless it is one. */
const PAGE_BYTES = 4_000_000;
/** What is read before others have their turn. */
const READ_AT_ONCE = { items: 100, bytes: 500_000 };

export interface FinderParts {
  readonly session: SqlSession;
  readonly clock: Clock;
  readonly jobs: JobTable;
  readonly reader: JobReader;
  readonly unindexed: UnindexedJobs;
}

interface HitRow {
  readonly id: string;
  readonly place: string | number | null;
  /** Null in the row that a window ends with. */
  readonly size: number | string | null;
}

/** A job that was found, and about how many bytes it takes. */
interface Hit {
  readonly place: JobPlace;
  readonly size: number;
}

/** What a search has found, in order, and where it goes on when it wants more. */
interface Looked {
  readonly hits: readonly Hit[];
  readonly next: JobPlace | null;
}

/** Finds jobs without reading more than the page that it answers: what else it looks through stays in the database. */
export class JobFinder {
  constructor(private readonly parts: FinderParts) {}

  async find(search: JobSearch, onUnreadable?: OnUnreadable): Promise<FoundJobs> {
    const { session, unindexed } = this.parts;
    await unindexed.index();
    const condition = conditionOf(session, search);
    const few = condition && (await fewJobs(session, search.filter));
    const looked = few ? await this.lookAmong(few, condition, search) : await this.lookInOrder(condition, search);
    const { hits, next } = pageOf(looked, search.limit);
    return { found: await this.read(hits, onUnreadable), next };
  }

  private async lookAmong(ids: readonly string[], where: RawBuilder<unknown>, search: JobSearch): Promise<Looked> {
    const { clock, session } = this.parts;
    const columns = `id, ${keyColumn(search.order)} AS place, octet_length(spec) AS size`;
    const hits: Hit[] = [];
    for (const some of inChunks(ids, IDS_AT_ONCE)) {
      const rows = await session.read(session.selectBy<HitRow>(session.jobs, 'id', some, columns, { where }));
      for (const row of rows) {
        const place = placeOf(row, search);
        if (isBeyond(place, search)) hits.push({ place, size: Number(row.size) });
      }
      await clock.yield();
    }
    hits.sort((a, b) => (search.descending ? comparePlaces(b.place, a.place) : comparePlaces(a.place, b.place)));
    return { hits, next: null };
  }

  private lookInOrder(condition: RawBuilder<unknown> | null, search: JobSearch): Promise<Looked> {
    const { clock, session } = this.parts;
    const { after, inclusive, limit } = search;
    return session.readInOrder(async (db) => {
      const hits: Hit[] = [];
      let ranges = rangesBeyond(search, after, inclusive);
      let size = limit + 1;
      for (let looked = 0; ;) {
        const [range] = ranges;
        if (!range) return { hits, next: null };
        const { found, end } = await this.lookAt(db, range, size, condition, search);
        hits.push(...found);
        looked += size;
        if (hits.length > limit) return { hits, next: null };
        if (end !== null && looked >= MOST_LOOKED) return { hits, next: end };
        ranges = end === null ? ranges.slice(1) : rangesBeyond(search, end);
        size = Math.min(size * 2, LARGEST_WINDOW);
        await clock.yield();
      }
    });
  }

  /**
   * Looks through the first rows of a range.
   *
   * @returns those that the condition applies to, and the place of the last one that was looked at when there may be more.
   */
  private async lookAt(
    db: Connection,
    range: JobRange,
    size: number,
    condition: RawBuilder<unknown> | null,
    search: JobSearch,
  ): Promise<{ readonly found: readonly Hit[]; readonly end: JobPlace | null }> {
    const { session } = this.parts;
    const weight = sql`octet_length(spec)`;
    const shown = condition ? sql`CASE WHEN ${condition} THEN ${weight} END` : weight;
    const own = search.order === 'id' ? sql`namespace = ${session.namespace}` : session.ordered;
    const last = sql.raw(search.descending ? 'place DESC, id DESC' : 'place, id');
    // The condition is no part of WHERE: then LIMIT would not bound what is looked through.
    const { rows } = await sql<HitRow>`
      WITH seen AS (
        SELECT id, ${sql.raw(keyColumn(search.order))} AS place, ${shown} AS size FROM ${session.jobsBy(indexOf(search.order))}
        WHERE ${own} AND ${range.where} ORDER BY ${orderBy(search, range, session.dialect)} LIMIT ${size}
      )
      SELECT id, place, size FROM seen WHERE size IS NOT NULL
      UNION ALL SELECT id, place, NULL FROM (SELECT id, place FROM seen ORDER BY ${last} LIMIT 1 OFFSET ${size - 1}) AS e
    `.execute(db);
    const found: Hit[] = [];
    let end: JobPlace | null = null;
    for (const row of rows) {
      const place = placeOf(row, search);
      if (row.size === null) end = place;
      else found.push({ place, size: Number(row.size) });
    }
    found.sort((a, b) => (search.descending ? comparePlaces(b.place, a.place) : comparePlaces(a.place, b.place)));
    return { found, end };
  }

  private async read(hits: readonly Hit[], onUnreadable?: OnUnreadable): Promise<readonly FoundJob[]> {
    const { clock, jobs, reader } = this.parts;
    const found: FoundJob[] = [];
    for (const some of inWeighedChunks(hits, READ_AT_ONCE, ({ size }) => size)) {
      const rows = await jobs.rowsOf(some.map(({ place: { id } }) => id));
      for (const { place } of some) {
        const row = rows.get(place.id);
        // It may have been removed since.
        if (row) found.push({ place, job: reader.recordOf(row, onUnreadable) });
      }
      await clock.yield();
    }
    return found;
  }
}

/** As many of the jobs as a page has room for. */
function pageOf({ hits, next }: Looked, limit: number): Looked {
  let bytes = 0;
  const most = hits.slice(0, limit);
  const tooMany = most.findIndex(({ size }, index) => (bytes += size) > PAGE_BYTES && index > 0);
  const page = tooMany < 0 ? most : most.slice(0, tooMany);
  return { hits: page, next: page.length < hits.length ? (page.at(-1)?.place ?? null) : next };
}

function placeOf({ id, place }: HitRow, { order }: JobSearch): JobPlace {
  if (order === 'id') return { key: '', id };
  // Drivers may give whole numbers of 64 bits as text.
  return { key: order === 'nextRun' ? Number(place ?? Infinity) : String(place ?? ''), id };
}
