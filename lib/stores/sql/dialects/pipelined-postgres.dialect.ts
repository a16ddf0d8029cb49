import type { ConnectionProvider, Kysely } from 'kysely';
import { CompiledQuery } from '../connection/kysely.js';
import { postgresDialect } from './postgres.dialect.js';
import type { SqlDialect } from './sql-dialect.js';
import { heeded, type Transaction } from './transaction.js';

/**
 * PostgreSQL on the store's own pool: statements that do not depend on earlier answers are sent at once, so that a transaction
 * needs fewer round trips. Other drivers may not keep the order of statements then.
 */
export const pipelinedPostgresDialect = Object.create(postgresDialect, {
  transaction: { value: inPipeline },
}) as SqlDialect;

async function inPipeline<T>(db: Kysely<unknown>, use: (db: Transaction) => Promise<T>): Promise<T> {
  const executor = db.getExecutor();
  return executor.provideConnection(async (connection) => {
    // Kysely would await each statement of a transaction.
    const provider: ConnectionProvider = { provideConnection: (consumer) => consumer(connection) };
    const inside = executor.withConnectionProvider(provider);
    const say = (command: string): Promise<unknown> => connection.executeQuery(CompiledQuery.raw(command));
    let last: Promise<void> = Promise.resolve();
    const transaction: Transaction = {
      getExecutor: () => inside,
      isPipelined: true,
      conclude(statement, onRows) {
        last = heeded(statement.execute(transaction), onRows);
        // Reported at the end of the transaction.
        last.catch(() => undefined);
        return Promise.resolve();
      },
    };
    await say('start transaction isolation level read committed');
    try {
      const result = await use(transaction);
      const committed = say('commit');
      // If the last statement fails, the server rolls back at COMMIT; the statement's error is the cause.
      committed.catch(() => undefined);
      await last;
      await committed;
      return result;
    } catch (error) {
      // Answered last, so that nothing is pending when the connection returns to its pool.
      await say('rollback').catch(() => undefined);
      throw error;
    }
  });
}
