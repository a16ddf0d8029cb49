import type { Socket } from 'node:net';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient, QueryConfig } from 'pg';
import { isNotPrepared } from './not-prepared.js';
import type { QueryDeadline } from './query-deadline.js';
import { StatementNames } from './statement-names.js';

/**
 * What a server says to who wants to write, when another has taken its place: behind the same name there may be that one
 * by now, and only a new connection finds it.
 */
const READ_ONLY = '25006';

/** What a server says to all that follows a statement that has failed. */
const ABORTED = '25P02';

/* As Kysely begins and ends a transaction. */
const BEGIN = /^(?:begin|start transaction)\b/;
const END = /^(?:commit|rollback)$/;

/* The type of pg does not tell of its own connection. */
type Client = PoolClient & { readonly connection: { readonly stream: Socket } };

type Ask = <T>(query: () => Promise<T>) => Promise<T>;

/** A pool whose connections give up on a server that does not answer, and that spares it work where it can. */
export class PatientPool implements PostgresPool {
  /** Connections whose session has been set up. */
  private readonly setUp = new WeakSet<PoolClient>();
  private readonly names = new StatementNames();

  /** @param session - what every session is told first. */
  constructor(
    private readonly pool: Pool,
    private readonly deadline: QueryDeadline,
    private readonly session: readonly string[],
  ) {}

  async connect(): Promise<PostgresPoolClient> {
    const client = (await this.pool.connect()) as Client;
    const ask = this.deadline.watch(client.connection.stream);
    if (!this.setUp.has(client)) {
      // A server that does not know one of these goes on without; a broken connection says so at the next query.
      for (const statement of this.session) await ask(() => client.query(statement)).catch(() => undefined);
      this.setUp.add(client);
    }
    return new PatientClient(client, ask, this.names) as unknown as PostgresPoolClient;
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

/** A connection while it is out of its pool. */
class PatientClient {
  private isDemoted = false;
  private isInTransaction = false;
  /** A transaction's beginning, as long as nobody knows whether it came about. */
  private begun: Promise<unknown> | null = null;
  /** What the transaction has failed with; undefined as long as it has not. */
  private failure: unknown;

  constructor(
    private readonly client: Client,
    private readonly ask: Ask,
    private readonly names: StatementNames,
  ) {}

  async query(text: string, values: unknown[]): Promise<unknown> {
    if (BEGIN.test(text)) return this.begin(text);
    const { begun } = this;
    this.begun = null;
    const sent = END.test(text) ? this.end(text) : this.sendPrepared(text, values);
    if (begun === null) return sent;
    const [, result] = await Promise.all([begun, sent]);
    return result;
  }

  release(): void {
    this.client.release(this.isDemoted);
  }

  private async begin(text: string): Promise<unknown> {
    this.isInTransaction = true;
    this.failure = undefined;
    const begun = this.send(text);
    if (!this.client.pipeline) return begun;
    // Its answer comes with that of the first statement: the way there and back is made once.
    this.begun = begun;
    begun.catch(() => undefined);
    return { command: 'BEGIN', rows: [] };
  }

  /**
   * Never by a name: where a pooler has forgotten it, the transaction would fail with it, and whoever asked again for its
   * end would hear that all is well.
   *
   * @throws Error when the server has rolled back what was to be committed.
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
    // The transaction's end may be on its way when this is answered.
    const { isInTransaction } = this;
    if (name === undefined) return this.send(text, values);
    try {
      return await this.send({ name, text, values });
    } catch (error) {
      if (!isNotPrepared(error)) throw error;
      this.names.giveUp();
      // A transaction has failed with it, and is made anew.
      if (isInTransaction) throw error;
      return this.send(text, values);
    }
  }

  /** Text is taken as it is; a query with a name has to be copied by pg, which takes its time. */
  private async send(query: QueryConfig | string, values?: unknown[]): Promise<unknown> {
    try {
      if (this.client.pipeline) this.gather();
      return await this.ask(() => this.client.query(query as string, values));
    } catch (error) {
      const { code } = error as { code?: unknown };
      this.isDemoted ||= code === READ_ONLY;
      this.failure ??= error;
      // Both may be answered at once, and of two that fail at once any may be told: why the first one did says more.
      throw code === ABORTED ? this.failure : error;
    }
  }

  /** What is sent at once goes in one piece: each takes a call of the system, there and at the server. */
  private gather(): void {
    const { stream } = this.client.connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }
}
