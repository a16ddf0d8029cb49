import type { QueryExecutorProvider, QueryResult, RawBuilder } from 'kysely';

/** An open transaction. */
export interface Transaction extends QueryExecutorProvider {
  /**
   * Whether a statement may be sent before earlier ones are answered. They are still executed in order, and each sees the
   * effects of the earlier ones.
   */
  readonly isPipelined: boolean;
  /**
   * Executes the last statement, whose answer does not matter for the commit: if possible, the COMMIT is sent with it.
   *
   * @param onRows - called with its rows before the transaction ends.
   */
  conclude<Row>(statement: RawBuilder<Row>, onRows?: (rows: readonly Row[]) => void): Promise<void>;
}

/** A transaction that awaits each statement. */
export function oneByOne(db: QueryExecutorProvider): Transaction {
  return {
    getExecutor: () => db.getExecutor(),
    isPipelined: false,
    conclude: async (statement, onRows) => heeded(statement.execute(db), onRows),
  };
}

/** Passes the rows of a statement to a callback. */
export async function heeded<Row>(
  answer: Promise<QueryResult<Row>>,
  onRows?: (rows: readonly Row[]) => void,
): Promise<void> {
  const { rows } = await answer;
  onRows?.(rows);
}
