import type { QueryExecutorProvider, RawBuilder } from 'kysely';
import { SystemClock } from '../../engine/clock.js';
import { retryWhileBusy } from './connection/sqlite-busy.js';
import { quoteTable } from './dialects/quote-table.js';
import type { KeyedRead, RowColumns, SqlDialect } from './dialects/sql-dialect.js';
import { sql } from './connection/kysely.js';
import type { TableLayout } from './options/table-layout.js';
import { indexName } from './schema/create-table.js';
import type { SqlDatabase } from './sql-database.js';

/** What statements are executed on: the database, or a transaction of it. */
export type Connection = QueryExecutorProvider;

type Table = RawBuilder<unknown>;

/** The most that goes in one statement: less than what servers take in one packet. */
export const STATEMENT_BOUNDS = { items: 1000, bytes: 2_000_000 };

/** How often a transaction is tried that others get in the way of. */
const ATTEMPTS = 10;
const LONGEST_PAUSE_MS = 20;

/** A store's tables in an open database, and the ways to ask it. */
export class SqlSession {
  readonly dialect: SqlDialect;
  /** Not the scheduler's, which may be turned by hand: other processes take real time. */
  private readonly clock = new SystemClock();
  readonly jobs: Table;
  readonly runs: Table;
  readonly nodes: Table;
  readonly meta: Table;
  readonly completed: Table;
  readonly statistics: Table;
  readonly jobTags: Table;
  readonly audit: Table;

  constructor(
    private readonly database: SqlDatabase,
    private readonly layout: TableLayout,
    readonly namespace: string,
  ) {
    const { dialect } = database;
    const named = (table: string): Table => sql.raw(quoteTable(dialect, layout, table));
    this.dialect = dialect;
    this.jobs = named('jobs');
    this.runs = named('runs');
    this.nodes = named('nodes');
    this.meta = named('meta');
    this.completed = named('completed');
    this.statistics = named('statistics');
    this.jobTags = named('job_tags');
    this.audit = named('audit');
  }

  /** Rows that come with a statement, as `x`: these columns of them. */
  rows(values: readonly object[], columns: RowColumns): RawBuilder<unknown> {
    return this.dialect.rows(values, columns);
  }

  /** Whether a column holds one of these keys. */
  among(column: string, keys: Iterable<string>): RawBuilder<unknown> {
    return this.dialect.among(sql.raw(column), [...keys]);
  }

  /** The table of jobs, to be read by one of its indexes, or by its primary key. */
  jobsBy(index: string): RawBuilder<unknown> {
    const { dialect, jobs, layout } = this;
    const name = index === 'PRIMARY' ? index : indexName(dialect, layout, 'jobs', index);
    return sql`${jobs}${sql.raw(dialect.byIndex(name))}`;
  }

  /** The table of the audit trail, to be read by the index of a column, or by its primary key. */
  auditBy(column: string | undefined): RawBuilder<unknown> {
    const { audit, dialect, layout } = this;
    if (column === undefined) return audit;
    return sql`${audit}${sql.raw(dialect.byIndex(indexName(dialect, layout, 'audit', `by_${column}`)))}`;
  }

  /** SQL: that jobs are of this namespace, for a statement that goes through them in an order other than that of their ids. */
  get ordered(): RawBuilder<unknown> {
    const { orderCondition } = this.dialect;
    const also = orderCondition === null ? '' : ` AND ${orderCondition}`;
    return sql`namespace = ${this.namespace}${sql.raw(also)}`;
  }

  /** Reads rows of this namespace by their keys. */
  selectBy<Row>(
    table: Table,
    column: KeyedRead['column'],
    keys: Iterable<string>,
    columns: string,
    rest: Pick<KeyedRead, 'where' | 'lock'> = {},
  ): RawBuilder<Row> {
    const { dialect, namespace } = this;
    const read = { table, namespace, column, keys: [...keys], columns: sql.raw(columns), ...rest };
    return dialect.selectBy(read) as RawBuilder<Row>;
  }

  /** Deletes rows of this namespace by their ids. */
  deleteByIds(table: Table, ids: Iterable<string>): RawBuilder<unknown> {
    return this.dialect.deleteByIds(table, this.namespace, [...ids]);
  }

  /** Asks something outside of any transaction. */
  read<Row>(query: RawBuilder<Row>): Promise<readonly Row[]> {
    return retryWhileBusy(async () => (await query.execute(this.database.kysely)).rows);
  }

  /** Asks several things whose order an index has: see {@link SqlDialect.readInOrder}. */
  readInOrder<T>(use: (db: Connection) => Promise<T>): Promise<T> {
    return retryWhileBusy(() => this.dialect.readInOrder(this.database.kysely, use));
  }

  /** Does something in one transaction, again when others got in its way. */
  transaction<T>(use: (db: Connection) => Promise<T>): Promise<T> {
    return this.insist(() => this.dialect.transaction(this.database.kysely, use));
  }

  /** Changes something by one statement, which is a transaction of its own; again when others got in its way. */
  change<Row>(statement: RawBuilder<Row>): Promise<readonly Row[]> {
    return this.insist(() => retryWhileBusy(async () => (await statement.execute(this.database.kysely)).rows));
  }

  private async insist<T>(attemptIt: () => Promise<T>): Promise<T> {
    const { dialect } = this;
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptIt();
      } catch (error) {
        if (attempt === ATTEMPTS || !dialect.isTransient(error)) throw error;
      }
      await new Promise<void>((resolve) => this.clock.setTimer(resolve, 1 + Math.random() * LONGEST_PAUSE_MS));
    }
  }

  /** @returns whether it was another database that was opened just now, in the place of this one. */
  follow(): Promise<boolean> {
    return this.database.follow();
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
