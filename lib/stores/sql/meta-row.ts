import { sql, type RawBuilder } from 'kysely';
import type { SqlSession } from './sql-session.js';

/** A row of the table of what is known of a namespace, as statements have it. */
export class MetaRow {
  constructor(
    private readonly session: SqlSession,
    private readonly name: string,
  ) {}

  /** @param ending - what the SELECT ends with: a lock of the row. */
  select(ending = sql``): RawBuilder<{ value: string }> {
    const { meta } = this.session;
    return sql`SELECT value FROM ${meta} WHERE ${this.isIt} ${ending}`;
  }

  /** Makes the row where it is missing: of several nodes that do so at the same time, the first makes it. */
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
