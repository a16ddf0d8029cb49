import { CompiledQuery, sql, type QueryResult, type RawBuilder } from 'kysely';
import type { Connection } from './sql-session.js';

/** Something to execute. */
export interface Statement<Row> {
  execute(db: Connection): Promise<QueryResult<Row>>;
}

/** Stands for a value, as long as there is none. */
class Slot {
  constructor(readonly name: string) {}
}

/**
 * A statement whose text is made once, and sent again and again with other values: to make it takes longer than a database
 * takes to do it.
 */
export class FixedStatement<Given extends object, Row = unknown> {
  private compiled: CompiledQuery<Row> | null = null;

  /** @param write - makes it, of the places where the values are to stand. */
  constructor(private readonly write: (value: (name: keyof Given & string) => RawBuilder<never>) => RawBuilder<Row>) {}

  /** The statement with these values; it may be given more. */
  with(given: Given): Statement<Row> {
    return {
      execute: (db) => {
        const { sql: text, parameters } = (this.compiled ??= this.write(place).compile(db));
        const values = parameters.map((it) => (it instanceof Slot ? given[it.name as keyof Given] : it));
        return db.getExecutor().executeQuery(CompiledQuery.raw(text, values));
      },
    };
  }
}

/** The place of a value. */
const place = (name: string): RawBuilder<never> => sql`${new Slot(name)}`;
