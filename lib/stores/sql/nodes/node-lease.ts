import { randomBytes } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import { Stopwatch, type Timer } from '../../../engine/clock.js';
import { reasonOf } from '../../../engine/health/reason-of.js';
import type { Failing } from '../../../engine/health/trouble.js';
import type { StoreContext } from '../../../engine/stores/job-store.js';
import { UnheldRuns } from '../../../engine/stores/unheld-runs.js';
import { CANCEL_ROW } from '../cluster/cancel-requests.js';
import type { Connection, SqlSession } from '../sql-session.js';
import type { LostRuns } from './lost-runs.js';
import type { StoreTime } from './store-time.js';

/** How often a node says that it is there. */
const BEAT_MS = 5_000;
/** How long it is believed. */
const EXPIRY_MS = 15_000;

/** This node's lease is over: what it wanted to do under it was not done. */
export class LeaseOver extends Error {}

/**
 * This node's right to its runs: one row that it renews. Without it others take its runs, and whatever it says of them
 * is refused. It goes on under a new one then.
 */
export class NodeLease {
  private readonly unheld = new UnheldRuns();
  private current: string;
  /** Started before the latest successful renewal was sent; null while there is no lease. */
  private renewed: Stopwatch | null = null;
  /** Until when the lease was renewed, by the store's clock. */
  private expiresAt = Infinity;
  /** Until when the leases of others are left alone, by the store's clock. */
  private patientUntil = -Infinity;
  private timer: Timer | null = null;
  /** In how many milliseconds the first lease of all may be over. */
  private soonestMs = Infinity;
  private beating: Promise<void> = Promise.resolve();
  private isOpen = false;
  private trouble: Failing | null = null;

  constructor(
    private readonly session: SqlSession,
    private readonly time: StoreTime,
    private readonly lostRuns: LostRuns,
    private readonly context: StoreContext,
    /** Called after each beat in its time. */
    private readonly onBeat: () => Promise<void>,
  ) {
    this.current = this.newId();
  }

  get id(): string {
    return this.current;
  }

  /** Whether the lease holds for certain, without asking the database. */
  get holds(): boolean {
    return this.renewed !== null && this.renewed.elapsedMs < EXPIRY_MS;
  }

  /** That the lease cannot be renewed; null when it can. */
  get failing(): Failing | null {
    return this.trouble;
  }

  async start(): Promise<void> {
    const sent = new Stopwatch(this.context.clock);
    const now = await this.time.ask();
    await this.session.transaction((db) => this.insert(db, this.current, now));
    this.renewed = sent;
    this.expiresAt = now + EXPIRY_MS;
    this.isOpen = true;
    await this.recover();
    this.arm();
  }

  /** Gives the lease back; what is still under way is lost, and due again. */
  async stop(): Promise<void> {
    this.isOpen = false;
    this.timer?.cancel();
    this.timer = null;
    // That the last beat failed is told by then.
    await this.beating.catch(() => undefined);
    const now = await this.time.ask();
    this.renewed = null;
    await this.session.transaction((db) => this.end(db, this.current, 'shutdown', now));
    this.current = this.newId();
  }

  /**
   * Makes sure that the lease holds until a transaction has ended.
   *
   * @param columns - something more to say in the same breath.
   * @throws LeaseOver
   */
  async hold<Row = object>(db: Connection, columns: RawBuilder<Row> = sql`id`): Promise<Row> {
    const { namespace, nodes, dialect } = this.session;
    const { rows } = await sql<Row>`
      SELECT ${columns} FROM ${nodes}
      WHERE namespace = ${namespace} AND id = ${this.current} AND expires_at > ${this.time.inSql} ${dialect.hold}
    `.execute(db);
    const [row] = rows;
    if (row === undefined) throw new LeaseOver();
    return row;
  }

  /** Does something under this lease; when it is over, or may be, under a renewed or a new one. */
  async under<T>(step: () => Promise<T>): Promise<T> {
    if (!this.holds) await this.beat();
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof LeaseOver)) throw error;
    }
    await this.beat();
    return step();
  }

  /** Says that this node is there, and looks after those that are not. */
  beat(): Promise<void> {
    this.beating = this.beating.catch(() => undefined).then(() => this.renew());
    return this.beating;
  }

  private async renew(): Promise<void> {
    const { namespace, nodes } = this.session;
    const sent = new Stopwatch(this.context.clock);
    const now = await this.time.ask();
    // One that is over is there as long as nobody has taken its runs: who does removes it in the same transaction.
    const renewed = await this.session.transaction((db) =>
      sql`
        UPDATE ${nodes} SET seen_at = ${now}, expires_at = ${now + EXPIRY_MS}, skew_ms = ${this.time.skewMs}
        WHERE namespace = ${namespace} AND id = ${this.current}
      `.execute(db),
    );
    if (!renewed.numAffectedRows) await this.replace(now);
    // The database was away for all, and this node is the first that is heard of: the others have their time for it.
    else if (now >= this.expiresAt) this.patientUntil = now + EXPIRY_MS;
    this.expiresAt = now + EXPIRY_MS;
    this.renewed = sent;
    if (now >= this.patientUntil) await this.recover();
  }

  /** The database's record counts: what stands under this lease, and this node does not hold, is lost. */
  private async reconcile(): Promise<void> {
    const { logger, heldRuns, wake } = this.context;
    const { namespace, runs } = this.session;
    const lease = this.current;
    const rows = await this.session.read(sql<{ id: string }>`
      SELECT id FROM ${runs} WHERE namespace = ${namespace} AND lease = ${lease}
    `);
    const stored = rows.map(({ id }) => id);
    const ids = this.unheld.compare(stored, heldRuns());
    if (ids.length === 0) return;
    const now = await this.time.ask();
    const { lost, retried } = await this.session.transaction((db) =>
      this.lostRuns.take(db, lease, 'node lost', now, ids),
    );
    logger.warn(`${lost} run(s) stood under this node's lease that it does not have; ${retried} are tried again`);
    wake(-Infinity);
  }

  private async replace(now: number): Promise<void> {
    const next = this.newId();
    await this.session.transaction(async (db) => {
      await this.end(db, this.current, 'node lost', now);
      await this.insert(db, next, now);
    });
    this.current = next;
    this.context.logger.warn('This node has lost its lease, with its runs, and goes on under a new one');
    this.context.lost();
    this.context.wake(-Infinity);
  }

  /** Ends the leases of nodes that have not been heard of, and sees when the next one may be over. */
  private async recover(): Promise<void> {
    const { namespace, nodes, dialect } = this.session;
    const leases = await this.session.read(sql<{ expires_at: number | string; now: number | string }>`
      SELECT expires_at, ${this.time.inSql} AS now FROM ${nodes} WHERE namespace = ${namespace}
    `);
    const leftMs = leases.map(({ expires_at, now }) => Number(expires_at) - Number(now));
    this.soonestMs = Math.min(...leftMs.filter((ms) => ms > 0));
    if (leftMs.every((ms) => ms > 0)) return;
    const expired = sql<{ id: string; name: string }>`
      SELECT id, name FROM ${nodes} WHERE namespace = ${namespace} AND expires_at <= ${this.time.inSql}
    `;
    const now = await this.time.ask();
    const ended = await this.session.transaction(async (db) => {
      // Another node may be about it.
      const { rows } = await sql<{ id: string; name: string }>`${expired} ${dialect.lockFree}`.execute(db);
      const told: string[] = [];
      for (const { id, name } of rows) {
        const { lost, retried } = await this.end(db, id, 'node lost', now);
        const what = lost === 0 ? 'it had no runs' : `${lost} run(s) of it are lost, ${retried} are tried again`;
        told.push(`Node "${name}" is not heard of any more: ${what}`);
      }
      return told;
    });
    for (const line of ended) this.context.logger.warn(line);
    if (ended.length > 0) this.context.wake(-Infinity);
  }

  private async end(db: Connection, lease: string, reason: 'node lost' | 'shutdown', now: number) {
    const { meta, namespace, nodes } = this.session;
    const count = await this.lostRuns.take(db, lease, reason, now);
    await sql`
      DELETE FROM ${meta} WHERE namespace = ${namespace} AND name LIKE ${`${CANCEL_ROW}%`} AND value = ${lease}
    `.execute(db);
    await sql`DELETE FROM ${nodes} WHERE namespace = ${namespace} AND id = ${lease}`.execute(db);
    return count;
  }

  private insert(db: Connection, lease: string, now: number): Promise<unknown> {
    const { namespace, nodes } = this.session;
    const names = sql.raw('namespace, id, name, started_at, seen_at, expires_at, skew_ms');
    const times = sql.join([now, now, now + EXPIRY_MS, this.time.skewMs]);
    return sql`
      INSERT INTO ${nodes} (${names}) VALUES (${namespace}, ${lease}, ${this.context.node}, ${times})
    `.execute(db);
  }

  /** A node that has gone away is not to be waited for longer than its lease is. */
  private arm(): void {
    const { clock } = this.context;
    const delay = Math.min(BEAT_MS, this.soonestMs + 1);
    this.soonestMs = Infinity;
    this.timer = clock.setTimer(() => {
      const beat = this.beatOnTime();
      clock.track?.(beat);
    }, delay);
  }

  private async beatOnTime(): Promise<void> {
    const { alias, clock, logger } = this.context;
    try {
      await this.beat();
      await this.reconcile();
      await this.onBeat();
      if (this.trouble)
        logger.info(`Job store "${alias}" renews its lease again, after ${this.trouble.failures} failure(s)`);
      this.trouble = null;
    } catch (error) {
      const reason = reasonOf(error);
      const now = clock.now();
      const { since, failures } = this.trouble ?? { since: now, failures: 0 };
      if (!this.trouble) logger.error(`Job store "${alias}" cannot renew its lease`, error);
      this.trouble = { since, failures: failures + 1, reason, retryAt: now + BEAT_MS };
    }
    if (this.isOpen) this.arm();
  }

  private newId(): string {
    return `${this.context.instance}-${randomBytes(6).toString('hex')}`;
  }
}
