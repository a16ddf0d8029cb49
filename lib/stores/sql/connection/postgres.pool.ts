import type { Socket } from 'node:net';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient, QueryConfig } from 'pg';
import { isNotPrepared } from './not-prepared.js';
import type { QueryDeadline } from './query-deadline.js';
import { StatementNames } from './statement-names.js';

/**
 * Errors of a server that has become read-only after a failover: another server may have its name by now, which only a new
 * connection reaches.
 */
const READ_ONLY = '25006';

/** The error of every statement after a failed one in the same transaction. */
const ABORTED = '25P02';

/* As Kysely begins and ends a transaction. */
const BEGIN = /^(?:begin|start transaction)\b/;
const END = /^(?:commit|rollback)$/;

/* The type of pg does not tell of its own connection. */
type Client = PoolClient & { readonly connection: { readonly stream: Socket } };

type Ask = <T>(query: () => Promise<T>) => Promise<T>;

/** A pool with a deadline for queries. */
export class PatientPool implements PostgresPool {
  /** Connections whose session has been initialised. */
  private readonly setUp = new WeakSet<PoolClient>();
  private readonly names = new StatementNames();

  /** @param session - statements that initialise every session. */
  constructor(
    private readonly pool: Pool,
    private readonly deadline: QueryDeadline,
    private readonly session: readonly string[],
  ) {}

  async connect(): Promise<PostgresPoolClient> {
    const client = (await this.pool.connect()) as Client;
    const ask = this.deadline.watch(client.connection.stream);
    if (!this.setUp.has(client)) {
      // Settings that a server does not know are skipped; a broken connection fails at the next query.
      for (const statement of this.session) await ask(() => client.query(statement)).catch(() => undefined);
      this.setUp.add(client);
    }
    return new PatientClient(client, ask, this.names) as unknown as PostgresPoolClient;
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

/** A connection that is checked out of its pool. */
class PatientClient {
  private isDemoted = false;
  private isInTransaction = false;
  /** The error of the transaction; undefined while it has not failed. */
  private failure: unknown;

  constructor(
    private readonly client: Client,
    private readonly ask: Ask,
    private readonly names: StatementNames,
  ) {}

  async query(text: string, values: unknown[]): Promise<unknown> {
    if (BEGIN.test(text)) {
      this.isInTransaction = true;
      this.failure = undefined;
      return this.send(text);
    }
    return END.test(text) ? this.end(text) : this.sendPrepared(text, values);
  }

  release(): void {
    this.client.release(this.isDemoted);
  }

  /**
   * Never a prepared statement: if a pooler has forgotten it, the transaction would fail, and a repeated COMMIT would
   * succeed without effect.
   *
   * @throws Error if the server has rolled the transaction back.
   */
  private async end(text: string): Promise<unknown> {
    this.isInTransaction = false;
    const result = (await this.send(text)) as { readonly command?: unknown };
    if (text === 'commit' && result.command === 'ROLLBACK') {
      throw new Error(
        'The server has rolled back a transaction that was to be committed: a statement of it had failed',
      );
    }
    return result;
  }

  private async sendPrepared(text: string, values: unknown[]): Promise<unknown> {
    const name = this.names.of(text);
    const { isInTransaction } = this;
    if (name === undefined) return this.send(text, values);
    try {
      return await this.send({ name, text, values });
    } catch (error) {
      if (!isNotPrepared(error)) throw error;
      this.names.giveUp();
      // Its transaction has failed, and is repeated.
      if (isInTransaction) throw error;
      return this.send(text, values);
    }
  }

  /** Text is passed unchanged; pg copies named queries, which costs time. */
  private async send(query: QueryConfig | string, values?: unknown[]): Promise<unknown> {
    try {
      return await this.ask(() => this.client.query(query as string, values));
    } catch (error) {
      const { code } = error as { code?: unknown };
      this.isDemoted ||= code === READ_ONLY;
      this.failure ??= error;
      // If both fail, the error of the first statement is the cause.
      throw code === ABORTED ? this.failure : error;
    }
  }
}
