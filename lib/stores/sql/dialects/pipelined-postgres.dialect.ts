import { CompiledQuery, type ConnectionProvider, type Kysely } from 'kysely';
import { postgresDialect } from './postgres.dialect.js';
import type { SqlDialect } from './sql-dialect.js';
import { heeded, type Transaction } from './transaction.js';

/**
 * PostgreSQL by a pool of our own: what does not need an answer first is sent at once, so that a transaction is there and
 * back in fewer ways. Whether another's driver sends statements in their order then, nobody knows.
 */
export const pipelinedPostgresDialect: SqlDialect = { ...postgresDialect, transaction: inPipeline };

async function inPipeline<T>(db: Kysely<unknown>, use: (db: Transaction) => Promise<T>): Promise<T> {
  const executor = db.getExecutor();
  return executor.provideConnection(async (connection) => {
    // Kysely lets the statements of a transaction wait for one another.
    const provider: ConnectionProvider = { provideConnection: (consumer) => consumer(connection) };
    const inside = executor.withConnectionProvider(provider);
    const say = (command: string): Promise<unknown> => connection.executeQuery(CompiledQuery.raw(command));
    let last: Promise<void> = Promise.resolve();
    const transaction: Transaction = {
      getExecutor: () => inside,
      isPipelined: true,
      conclude(statement, onRows) {
        last = heeded(statement.execute(transaction), onRows);
        // Told at the end.
        last.catch(() => undefined);
        return Promise.resolve();
      },
    };
    await say('start transaction isolation level read committed');
    try {
      const result = await use(transaction);
      const committed = say('commit');
      // When the last one fails the server makes a ROLLBACK of the COMMIT; why it failed says more than that.
      committed.catch(() => undefined);
      await last;
      await committed;
      return result;
    } catch (error) {
      // Answered last, so that nothing is under way any more when the connection goes back to its pool.
      await say('rollback').catch(() => undefined);
      throw error;
    }
  });
}
