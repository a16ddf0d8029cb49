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

/** The interval of heartbeats. */
const BEAT_MS = 5_000;
/** The length of a lease. */
const EXPIRY_MS = 15_000;
/** A lease that holds longer than this from now was written before the store's clock was set back. */
const LONGEST_MS = EXPIRY_MS + 1_000;

/** This node's lease has expired: the operation was not executed. */
export class LeaseOver extends Error {}

/**
 * This node's lease: one row that it renews. When it expires, other nodes take its runs, and its reports about them are
 * rejected. The node then continues under a new lease.
 */
export class NodeLease {
  private readonly unheld = new UnheldRuns();
  private current: string;
  /** Started before the latest successful renewal was sent; null while there is no lease. */
  private renewed: Stopwatch | null = null;
  /** Until when the lease was renewed, by the store's clock. */
  private expiresAt = Infinity;
  /** Until when expired leases of other nodes are tolerated, by the store's clock. */
  private patientUntil = -Infinity;
  private timer: Timer | null = null;
  /** The time until the first lease of all nodes may expire, in milliseconds. */
  private soonestMs = Infinity;
  private beating: Promise<void> = Promise.resolve();
  private isOpen = false;
  private trouble: Failing | null = null;

  constructor(
    private readonly session: SqlSession,
    private readonly time: StoreTime,
    private readonly lostRuns: LostRuns,
    private readonly context: StoreContext,
    /** Called after each heartbeat. */
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

  /** The failure to renew the lease; null if there is none. */
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

  /** Releases the lease; runs that are still active are lost, and retried. */
  async stop(): Promise<void> {
    this.isOpen = false;
    this.timer?.cancel();
    this.timer = null;
    // A failure of the last heartbeat has been logged already.
    await this.beating.catch(() => undefined);
    const now = await this.time.ask();
    this.renewed = null;
    await this.session.transaction((db) => this.end(db, this.current, 'shutdown', now));
    this.current = this.newId();
  }

  /**
   * Ensures that the lease holds until a transaction has ended.
   *
   * @param columns - further columns to read by the same query.
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

  /** Runs an operation under this lease; if it has expired, or may have, under a renewed or a new one. */
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

  /** Renews the lease, and rescues the runs of dead nodes. */
  beat(): Promise<void> {
    this.beating = this.beating.catch(() => undefined).then(() => this.renew());
    return this.beating;
  }

  private async renew(): Promise<void> {
    const { namespace, nodes } = this.session;
    if (await this.session.follow()) this.context.logger.warn('The SQLite file was replaced; the new one is open now');
    const sent = new Stopwatch(this.context.clock);
    const now = await this.time.ask();
    // An expired lease exists until another node takes its runs and removes it in the same transaction.
    const renewed = await this.session.transaction((db) =>
      sql`
        UPDATE ${nodes} SET seen_at = ${now}, expires_at = ${now + EXPIRY_MS}, skew_ms = ${this.time.skewMs}
        WHERE namespace = ${namespace} AND id = ${this.current}
      `.execute(db),
    );
    if (!renewed.numAffectedRows) await this.replace(now);
    // After an outage for all nodes, the first one to reconnect gives the others one lease time.
    else if (now >= this.expiresAt) this.patientUntil = now + EXPIRY_MS;
    this.expiresAt = now + EXPIRY_MS;
    this.patientUntil = Math.min(this.patientUntil, this.expiresAt);
    this.renewed = sent;
    if (now >= this.patientUntil) await this.recover();
  }

  /** The database's record is authoritative: runs under this lease that this node does not hold are lost. */
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

  /** Ends expired leases of other nodes, and computes when the next one may expire. */
  private async recover(): Promise<void> {
    const { namespace, nodes, dialect } = this.session;
    const leases = await this.session.read(sql<{ expires_at: number | string; now: number | string }>`
      SELECT expires_at, ${this.time.inSql} AS now FROM ${nodes} WHERE namespace = ${namespace}
    `);
    const leftMs = leases.map(({ expires_at, now }) => Number(expires_at) - Number(now));
    this.soonestMs = Math.min(...leftMs.filter((ms) => ms > 0));
    if (leftMs.some((ms) => ms > LONGEST_MS)) await this.shorten();
    if (leftMs.every((ms) => ms > 0)) return;
    const expired = sql<{ id: string; name: string }>`
      SELECT id, name FROM ${nodes} WHERE namespace = ${namespace} AND expires_at <= ${this.time.inSql}
    `;
    const now = await this.time.ask();
    const ended = await this.session.transaction(async (db) => {
      // Another node may be doing it.
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

  /** The store's clock was set back: leases of dead nodes must not hold until the wrong time is reached again. */
  private async shorten(): Promise<void> {
    const { namespace, nodes } = this.session;
    const now = await this.time.ask();
    await this.session.change(sql`
      UPDATE ${nodes} SET expires_at = ${now + EXPIRY_MS}
      WHERE namespace = ${namespace} AND expires_at > ${now + LONGEST_MS}
    `);
    this.soonestMs = Math.min(this.soonestMs, EXPIRY_MS);
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

  /** The next check is due when the first lease may expire, so that a dead node is noticed in time. */
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
