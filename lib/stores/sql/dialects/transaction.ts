import type { QueryExecutorProvider, QueryResult, RawBuilder } from 'kysely';

/** A transaction that is under way. */
export interface Transaction extends QueryExecutorProvider {
  /**
   * Whether a statement may be sent before those before it are answered. They are done in their order all the same, and each
   * sees what those before it have done.
   */
  readonly isPipelined: boolean;
  /**
   * Executes the last statement of all, whose answer decides nothing: where it can, the COMMIT goes along with it.
   *
   * @param onRows - told the rows that it answers with, before the transaction is over.
   */
  conclude<Row>(statement: RawBuilder<Row>, onRows?: (rows: readonly Row[]) => void): Promise<void>;
}

/** A transaction whose statements wait for one another. */
export function oneByOne(db: QueryExecutorProvider): Transaction {
  return {
    getExecutor: () => db.getExecutor(),
    isPipelined: false,
    conclude: async (statement, onRows) => heeded(statement.execute(db), onRows),
  };
}

/** Lets somebody know what a statement has answered. */
export async function heeded<Row>(
  answer: Promise<QueryResult<Row>>,
  onRows?: (rows: readonly Row[]) => void,
): Promise<void> {
  const { rows } = await answer;
  onRows?.(rows);
}
