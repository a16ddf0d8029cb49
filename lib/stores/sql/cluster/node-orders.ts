import type { Timer } from '../../../engine/clock.js';
import { messageOf } from '../../../engine/util/inspect.js';
import type { StoreContext } from '../../../engine/stores/job-store.js';
import { sql } from '../connection/kysely.js';
import type { NodeLease } from '../nodes/node-lease.js';
import { CANCEL_ROW } from '../meta-row.js';
import type { SqlSession } from '../sql-session.js';
import type { CancelRequests } from './cancel-requests.js';
import { CLUSTER_ROW, stateOf } from './cluster-row.js';

export interface OrdersParts {
  readonly session: SqlSession;
  readonly context: StoreContext;
  readonly lease: NodeLease;
  readonly cancels: CancelRequests;
  /** The poll interval while the database does not notify, in milliseconds; `Infinity` for never. */
  readonly pollMs: number;
  /** Whether it notifies now. */
  readonly isTold: () => boolean;
}

/**
 * Requests from other nodes: the order for all nodes, and runs to cancel. Read at each heartbeat, on notification, and at
 * short intervals while there are no notifications.
 */
export class NodeOrders {
  private timer: Timer | null = null;
  private isOpen = false;
  private looking: Promise<void> = Promise.resolve();
  /** Reads that are requested and have not started. */
  private waiting = 0;

  constructor(private readonly parts: OrdersParts) {}

  start(): void {
    this.isOpen = true;
    this.arm();
  }

  async stop(): Promise<void> {
    this.isOpen = false;
    this.timer?.cancel();
    this.timer = null;
    await this.looking;
  }

  /** Reads after all earlier reads have ended. Never rejects: the next read comes soon. */
  look(): Promise<void> {
    if (this.waiting > 0 || !this.isOpen) return this.looking;
    this.waiting++;
    this.looking = this.looking.then(async () => {
      this.waiting--;
      try {
        if (this.isOpen) await this.lookNow();
      } catch (error) {
        const { alias, logger } = this.parts.context;
        logger.debug(`Job store "${alias}" could not be asked for orders: ${messageOf(error)}`);
      }
    });
    return this.looking;
  }

  private async lookNow(): Promise<void> {
    const { cancels, context, lease, session } = this.parts;
    const rows = await session.read(sql<{ name: string; value: string }>`
      SELECT name, value FROM ${session.meta}
      WHERE namespace = ${session.namespace} AND (name = ${CLUSTER_ROW} OR name LIKE ${`${CANCEL_ROW}%`})
    `);
    context.cluster(stateOf(rows.find(({ name }) => name === CLUSTER_ROW)?.value));
    const asked = rows
      .filter(({ name, value }) => name !== CLUSTER_ROW && value === lease.id)
      .map(({ name }) => name.slice(CANCEL_ROW.length));
    if (asked.length === 0) return;
    context.cancel(asked);
    await cancels.forget(asked);
  }

  private arm(): void {
    const { context, isTold, pollMs } = this.parts;
    if (pollMs === Infinity) return;
    this.timer = context.clock.setTimer(() => {
      const look = isTold() ? Promise.resolve() : this.look();
      const done = look.then(() => {
        if (this.isOpen) this.arm();
      });
      context.clock.track?.(done);
    }, pollMs);
  }
}
