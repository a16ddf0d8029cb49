import type { QueryExecutorProvider, RawBuilder } from 'kysely';

/** A transaction that is under way. */
export interface Transaction extends QueryExecutorProvider {
  /**
   * Whether a statement may be sent before those before it are answered. They are done in their order all the same, and each
   * sees what those before it have done.
   */
  readonly isPipelined: boolean;
  /** Executes the last statement of all, whose answer nobody needs: where it can, the COMMIT goes along with it. */
  conclude(statement: RawBuilder<unknown>): Promise<unknown>;
}

/** A transaction whose statements wait for one another. */
export function oneByOne(db: QueryExecutorProvider): Transaction {
  return {
    getExecutor: () => db.getExecutor(),
    isPipelined: false,
    conclude: (statement) => statement.execute(db),
  };
}
