import { randomBytes } from 'node:crypto';
import type { RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import type { Connection, SqlSession } from '../sql-session.js';

interface Mark {
  readonly generation: string;
  readonly count: number;
}

/**
 * Finds that the table of jobs was emptied, replaced or restored from an older backup. Where jobs are declared, it has a row
 * for this: under the empty namespace, which no store has, so that no other statement finds it. Its `uid` is a random
 * generation, its `updated_at` counts additions of declared jobs. After a loss it is missing, of another generation, or
 * counts less than before.
 */
export class JobsMark {
  private known: Mark | null = null;

  constructor(private readonly session: SqlSession) {}

  /**
   * Counts in the transaction that adds declared jobs, at its end: the row is one for all nodes, and locked from here on. So a
   * commit that a crash loses is noticed, too.
   */
  async count(db: Connection): Promise<void> {
    if (this.known === null) await this.insertion().execute(db);
    await sql`UPDATE ${this.session.jobs} SET updated_at = updated_at + 1 WHERE ${this.isIt}`.execute(db);
  }

  /** Such a transaction has been committed. */
  async counted(): Promise<void> {
    if (this.known) this.known = { ...this.known, count: this.known.count + 1 };
    // The next heartbeat reads it, too.
    else this.known = await this.read().catch(() => null);
  }

  /** Whether jobs have been lost since the last call. */
  async isLoss(): Promise<boolean> {
    const { known } = this;
    let found = await this.read();
    const isLoss = known !== null && (found?.generation !== known.generation || found.count < known.count);
    if (isLoss) {
      await this.renew(known);
      found = await this.read();
    }
    this.known = found;
    return isLoss;
  }

  /** Begins a new generation, so that the other nodes notice the loss though jobs have been added since. */
  private async renew({ generation, count }: Mark): Promise<void> {
    const { session } = this;
    await session.change(this.insertion());
    await session.change(sql`
      UPDATE ${session.jobs} SET uid = ${newGeneration()}, updated_at = 0
      WHERE ${this.isIt} AND uid = ${generation} AND updated_at < ${count}`);
  }

  private insertion(): RawBuilder<unknown> {
    const { dialect, jobs, namespace } = this.session;
    const columns = sql.raw('namespace, id, uid, task, executor, spec, spec_hash, paused, created_at, updated_at');
    const keep = sql.raw(dialect.onConflictUpdate(['namespace', 'id'], ['namespace']));
    return sql`
      INSERT INTO ${jobs} (${columns}) VALUES ('', ${namespace}, ${newGeneration()}, '', '', '', '', 0, 0, 0) ${keep}`;
  }

  private async read(): Promise<Mark | null> {
    const [row] = await this.session.read(sql<{ uid: string; updated_at: number | string }>`
      SELECT uid, updated_at FROM ${this.session.jobs} WHERE ${this.isIt}`);
    return row ? { generation: row.uid, count: Number(row.updated_at) } : null;
  }

  private get isIt(): RawBuilder<unknown> {
    return sql`namespace = '' AND id = ${this.session.namespace}`;
  }
}

const newGeneration = (): string => randomBytes(9).toString('base64url');
