import type { RawBuilder } from 'kysely';
import type { JobOrder } from '../../../engine/model/job-query.js';
import type { JobPlace, JobSearch } from '../../../engine/stores/job-search.js';
import { sql } from '../connection/kysely.js';
import type { SqlDialect } from '../dialects/sql-dialect.js';
import { asksForTime } from './job-condition.js';

/** The columns that hold what jobs are sorted by; the order `id` needs no other. */
const KEYS: Readonly<Record<Exclude<JobOrder, 'id'>, string>> = {
  name: 'name_key',
  nextRun: 'next_run_time',
  lastRun: 'last_run',
};

/** The indexes that have jobs in an order, where a database must be told: in MariaDB and MySQL. */
const INDEXES: Readonly<Record<JobOrder, string>> = {
  id: 'PRIMARY',
  name: 'by_name',
  nextRun: 'due',
  lastRun: 'by_last_run',
};

export type Ordered = Pick<JobSearch, 'order' | 'descending' | 'filter'>;

/** SQL: what jobs are sorted by. */
export const keyColumn = (order: JobOrder): string => (order === 'id' ? `''` : KEYS[order]);

export const indexOf = (order: JobOrder): string => INDEXES[order];

/** A part of an index. */
export interface JobRange {
  readonly where: RawBuilder<unknown>;
  /** Whether all its rows have the same key, or none. */
  readonly keys: 'many' | 'one' | 'none';
}

/** SQL: the order of a search, within a range. */
export function orderBy({ order, descending }: Ordered, { keys }: JobRange, dialect: SqlDialect): RawBuilder<unknown> {
  const isKeyNamed = keys === 'many' || (keys === 'none' && dialect.ordersByNull);
  const columns = order === 'id' || !isKeyNamed ? ['id'] : [KEYS[order], 'id'];
  return sql.raw(columns.map((column) => (descending ? `${column} DESC` : column)).join(', '));
}

/**
 * The ranges of the rows beyond a place, those of one after those of the other. Each is a part of an index of which each
 * database finds the beginning, as not all do for one condition that has all of them.
 *
 * @param inclusive - also the row at that place.
 */
export function rangesBeyond(
  { order, descending, filter }: Ordered,
  after: JobPlace | undefined,
  inclusive = false,
): readonly JobRange[] {
  const beyond = sql.raw(descending ? '<' : '>');
  const fromId = after && sql`id ${beyond}${sql.raw(inclusive ? '=' : '')} ${askable(after.id)}`;
  if (order === 'id') return [{ where: fromId ?? sql`1 = 1`, keys: 'many' }];
  const column = sql.raw(KEYS[order]);
  const isNone = after?.key === Infinity;
  const ranges: JobRange[] = [];
  if (after && !isNone) ranges.push({ where: sql`${column} = ${askable(after.key)} AND ${fromId}`, keys: 'one' });
  if (!isNone || descending) {
    const others = after && !isNone ? sql`${column} ${beyond} ${askable(after.key)}` : sql`${column} IS NOT NULL`;
    ranges.push({ where: sql`${others}${bounds(order, filter)}`, keys: 'many' });
  }
  // Only times may be null; those come last.
  if (order !== 'nextRun' || asksForTime(filter) || (descending && after && !isNone)) return ranges;
  const none: JobRange = { where: sql`${column} IS NULL${isNone ? sql` AND ${fromId}` : sql``}`, keys: 'none' };
  return descending ? [none, ...ranges] : [...ranges, none];
}

/** No place has NUL, unless somebody has made it up; PostgreSQL cannot be asked for it. */
const askable = <Key extends string | number>(key: Key): Key | string =>
  typeof key === 'string' ? key.replaceAll('\0', '\u0001') : key;

/** The ends of the times asked for, where the order is that of times: nothing beyond them need be looked through. */
function bounds(order: JobOrder, { nextFrom, nextTo }: JobSearch['filter']): RawBuilder<unknown> {
  if (order !== 'nextRun') return sql``;
  const from = nextFrom === undefined ? sql`` : sql` AND next_run_time >= ${nextFrom}`;
  return nextTo === undefined ? from : sql`${from} AND next_run_time < ${nextTo}`;
}
