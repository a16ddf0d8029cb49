import type { RawBuilder } from 'kysely';
import { sql } from './connection/kysely.js';
import type { SqlSession } from './sql-session.js';

/** A row of the meta table, for use in statements. */
export class MetaRow {
  constructor(
    private readonly session: SqlSession,
    private readonly name: string,
  ) {}

  /** @param ending - the end of the SELECT, such as a row lock. */
  select(ending = sql``): RawBuilder<{ value: string }> {
    const { meta } = this.session;
    return sql`SELECT value FROM ${meta} WHERE ${this.isIt} ${ending}`;
  }

  /** Creates the row if it is missing: of several concurrent nodes, the first one creates it. */
  insert(value: string): RawBuilder<unknown> {
    const { dialect, meta, namespace } = this.session;
    const keep = sql.raw(dialect.onConflictUpdate(['namespace', 'name'], ['namespace']));
    return sql`INSERT INTO ${meta} (namespace, name, value) VALUES (${namespace}, ${this.name}, ${value}) ${keep}`;
  }

  update(value: string): RawBuilder<unknown> {
    return sql`UPDATE ${this.session.meta} SET value = ${value} WHERE ${this.isIt}`;
  }

  private get isIt(): RawBuilder<unknown> {
    return sql`namespace = ${this.session.namespace} AND name = ${this.name}`;
  }
}

/** The prefix of the names of rows for jobs that have run for the start of all nodes; the job's uid follows. */
export const START_ROW = 'start ';

/** The prefix of the names of rows that request a cancellation; the run's id follows. */
export const CANCEL_ROW = 'cancel ';
