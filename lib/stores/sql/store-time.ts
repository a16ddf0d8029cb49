import type { RawBuilder } from 'kysely';
import { sql } from './connection/kysely.js';
import type { Clock } from '../../engine/clock.js';
import type { Logger } from '../../engine/logger.js';
import type { SqlSession } from './sql-session.js';

/** The smallest skew that is logged. */
const TOLD_SKEW_MS = 1000;

/** The time that all nodes use: the database's. */
export class StoreTime {
  /** How far the store's clock is ahead of this node's, in milliseconds. */
  private skew = 0;
  private isTold = false;

  /** @param source - `node` uses the node's clock as the store's. */
  constructor(
    private readonly session: SqlSession,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly source: 'database' | 'node',
  ) {}

  get skewMs(): number {
    return this.skew;
  }

  /** How far the store's clock is ahead of this node's; null if the store uses this node's. */
  get measuredSkewMs(): number | null {
    return this.source === 'node' ? null : this.skew;
  }

  /** SQL: the store's time. */
  get inSql(): RawBuilder<number> {
    return this.sqlAt(this.clock.now());
  }

  /** SQL: the store's time when this node's clock shows `nodeTime`. */
  sqlAt(nodeTime: number): RawBuilder<number> {
    return this.source === 'database' ? this.session.dialect.now : sql<number>`${finite(nodeTime)}`;
  }

  /** This node's time, rounded for databases. */
  get ownNow(): number {
    return finite(this.clock.now());
  }

  /**
   * The store's time.
   *
   * @param nodeTime - this node's time.
   */
  async ask(nodeTime = this.clock.now()): Promise<number> {
    if (this.source === 'node') return finite(nodeTime);
    return (await this.askWith(sql`1 AS one`)).now;
  }

  /**
   * The store's time and further columns, by one query.
   *
   * @param columns - columns of a SELECT without tables.
   * @param nodeTime - this node's time.
   */
  async askWith<Row>(columns: RawBuilder<Row>, nodeTime = this.clock.now()): Promise<{ now: number; row: Row }> {
    const isNode = this.source === 'node';
    const before = this.clock.now();
    const query = sql<Row & { now: number | string }>`SELECT ${this.sqlAt(nodeTime)} AS now, ${columns}`;
    const [row] = await this.session.read(query);
    if (row === undefined) throw new Error('The database did not say what time it is');
    const now = isNode ? finite(nodeTime) : Number(row.now);
    if (!isNode) this.compare(now, before, this.clock.now());
    return { now, row };
  }

  /** Converts an instant from the store's clock to this node's. */
  toNode(storeTime: number): number {
    return storeTime - this.skew;
  }

  /** Converts an instant from this node's clock to the store's. */
  toStore(nodeTime: number): number {
    return nodeTime + this.skew;
  }

  private compare(now: number, before: number, after: number): void {
    const difference = Math.round(now - (before + after) / 2);
    const previous = this.skew;
    // Differences within the duration of the round trip are not skew.
    this.skew = Math.abs(difference) <= (after - before) / 2 + 2 ? 0 : difference;
    // One of the clocks has been set, which is reported again.
    if (Math.abs(this.skew - previous) > after - before + TOLD_SKEW_MS) this.isTold = false;
    if (Math.abs(this.skew) <= TOLD_SKEW_MS || this.isTold) return;
    this.isTold = true;
    const direction = this.skew > 0 ? 'behind' : 'ahead of';
    this.logger.warn(
      `The clock of this node is ${Math.round(Math.abs(this.skew) / 1000)} s ${direction} the database's, which due times and leases go by`,
    );
  }
}

/** Rounds an instant for databases. */
const finite = (time: number): number => Math.min(Math.max(time, -8.64e15), 8.64e15);
