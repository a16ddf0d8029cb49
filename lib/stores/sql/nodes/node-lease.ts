import { randomBytes } from 'node:crypto';
import type { RawBuilder } from 'kysely';
import { Stopwatch, type Timer } from '../../../engine/clock.js';
import { reasonOf } from '../../../engine/health/reason-of.js';
import type { Failing } from '../../../engine/health/trouble.js';
import type { StoreContext } from '../../../engine/stores/job-store.js';
import { SetBackWatch } from '../../../engine/stores/set-back-watch.js';
import { UnheldRuns } from '../../../engine/stores/unheld-runs.js';
import { inChunks } from '../../../engine/util/chunks.js';
import { sql } from '../connection/kysely.js';
import type { Connection, SqlSession } from '../sql-session.js';
import { ENDED, LeaseEnder } from './lease-ender.js';
import { LOST_AT_ONCE, type LostRuns } from './lost-runs.js';
import type { StartClaims } from './start-claims.js';
import type { StoreTime } from '../store-time.js';

/** The interval of heartbeats. */
const BEAT_MS = 5_000;
/** The length of a lease. */
const EXPIRY_MS = 15_000;
/** A lease that holds longer than this from now was written before the store's clock was set back. */
const LONGEST_MS = EXPIRY_MS + 1_000;

interface LeaseRow {
  readonly id: string;
  readonly name: string;
  readonly expires_at: number | string;
  readonly now: number | string;
}

/** This node's lease has expired: the operation was not executed. */
export class LeaseOver extends Error {}

/**
 * This node's lease: one row that it renews. When it expires, other nodes take its runs, and its reports about them are
 * rejected. The node then continues under a new lease.
 */
export class NodeLease {
  private readonly unheld = new UnheldRuns();
  private readonly setBacks = new SetBackWatch();
  private readonly ender: LeaseEnder;
  private current: string;
  /** What the row of the lease says of this node; null while it has none. */
  private described: string | null = null;
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
    private readonly starts: StartClaims,
    private readonly context: StoreContext,
    /** Called after each heartbeat. */
    private readonly onBeat: () => Promise<void>,
  ) {
    this.current = this.newId();
    this.ender = new LeaseEnder(session, time, lostRuns, context.clock);
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
    const description = this.context.describeNode();
    await this.session.transaction(async (db) => {
      await this.starts.join(db, now);
      await this.put(db, this.current, now, now + EXPIRY_MS, description);
    });
    this.described = description;
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
    const ended = this.current;
    await this.session.transaction((db) => this.put(db, ended, now, ENDED));
    this.current = this.newId();
    await this.ender.end(ended, 'shutdown');
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
    const isNow = this.setBacks.begin(this.context);
    const now = await this.time.ask();
    isNow(now);
    const description = this.context.describeNode();
    const change = description === this.described ? sql.raw('') : sql`, description = ${description}`;
    // An expired lease can be renewed until another node ends it.
    const renewed = await this.session.transaction((db) =>
      sql`
        UPDATE ${nodes} SET seen_at = ${now}, expires_at = ${now + EXPIRY_MS}, skew_ms = ${this.time.skewMs}${change}
        WHERE namespace = ${namespace} AND id = ${this.current} AND expires_at <> ${ENDED}
      `.execute(db),
    );
    const ended = renewed.numAffectedRows ? null : await this.replace(now, description);
    this.described = description;
    // After an outage for all nodes, the first one to reconnect gives the others one lease time.
    if (ended === null && now >= this.expiresAt) this.patientUntil = now + EXPIRY_MS;
    this.expiresAt = now + EXPIRY_MS;
    this.patientUntil = Math.min(this.patientUntil, this.expiresAt);
    this.renewed = sent;
    if (ended !== null) {
      await this.ender.end(ended, 'node lost');
      this.context.wake(-Infinity);
    }
    if (now >= this.patientUntil) await this.recover();
  }

  /** The database's record is authoritative: runs under this lease that this node does not hold are lost. */
  private async reconcile(): Promise<void> {
    const { logger, heldRuns, runsUnderLease, wake } = this.context;
    const { namespace, runs } = this.session;
    const lease = this.current;
    const rows = await this.session.read(sql<{ id: string }>`
      SELECT id FROM ${runs} WHERE namespace = ${namespace} AND lease = ${lease}
    `);
    const stored = rows.map(({ id }) => id);
    runsUnderLease(new Set(stored));
    const ids = this.unheld.compare(stored, heldRuns());
    if (ids.length === 0) return;
    const now = await this.time.ask();
    for (const some of inChunks(ids, LOST_AT_ONCE)) {
      const { lost, retried } = await this.session.transaction((db) =>
        this.lostRuns.take(db, lease, 'node lost', now, some),
      );
      logger.warn(`${lost} run(s) stood under this node's lease that it does not have; ${retried} are tried again`);
    }
    wake(-Infinity);
  }

  /** Returns the lease that was lost. */
  private async replace(now: number, description: string): Promise<string> {
    const [ended, next] = [this.current, this.newId()];
    await this.session.transaction(async (db) => {
      await this.put(db, ended, now, ENDED);
      await this.put(db, next, now, now + EXPIRY_MS, description);
    });
    this.current = next;
    this.context.logger.warn('This node has lost its lease, with its runs, and goes on under a new one');
    this.context.lost();
    return ended;
  }

  /** Ends expired leases of other nodes, and computes when the next one may expire. */
  private async recover(): Promise<void> {
    const { namespace, nodes } = this.session;
    const leases = await this.session.read(sql<LeaseRow>`
      SELECT id, name, expires_at, ${this.time.inSql} AS now FROM ${nodes} WHERE namespace = ${namespace}
    `);
    const leftMs = leases.map(({ expires_at, now }) => Number(expires_at) - Number(now));
    this.soonestMs = Math.min(...leftMs.filter((ms) => ms > 0));
    // What is no number, in a damaged row, is not known to end in time, either.
    if (leftMs.some((ms) => !(ms <= LONGEST_MS))) await this.shorten();
    let hasEnded = false;
    for (const [index, { id, name }] of leases.entries()) {
      if (!((leftMs[index] as number) <= 0)) continue;
      const ended = await this.ender.end(id, 'node lost');
      if (ended === null) continue;
      hasEnded = true;
      if (ended.isMore) this.soonestMs = 0;
      const what =
        ended.lost === 0 ? 'it had no runs' : `${ended.lost} run(s) of it are lost, ${ended.retried} are tried again`;
      this.context.logger.warn(`Node "${name}" is not heard of any more: ${what}`);
    }
    if (hasEnded) this.context.wake(-Infinity);
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

  /** Writes a lease: a new one, or that one has ended. */
  private put(
    db: Connection,
    lease: string,
    now: number,
    expiresAt: number,
    description: string | null = null,
  ): Promise<unknown> {
    const { dialect, namespace, nodes } = this.session;
    const names = sql.raw('namespace, id, name, started_at, seen_at, expires_at, skew_ms, description');
    const values = sql.join([now, now, expiresAt, this.time.skewMs, description]);
    const otherwise = sql.raw(dialect.onConflictUpdate(['namespace', 'id'], ['expires_at']));
    return sql`
      INSERT INTO ${nodes} (${names}) VALUES (${namespace}, ${lease}, ${this.context.node}, ${values}) ${otherwise}
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
