import { createHash } from 'node:crypto';
import type { StoreContext } from '../../../engine/stores/job-store.js';
import type { StoreTime } from '../store-time.js';
import type { ResolvedSqlOptions } from '../options/read-options.js';
import type { SqlSession } from '../sql-session.js';
import { PostgresListener } from './postgres-listener.js';

/** A notification: something is due at an instant of the store's clock, or there are orders to read. */
type Notice = { readonly from: string } & ({ readonly at: number } | { readonly look: true });

/** A notification about new jobs, sent by the statement that adds them. */
export interface Announcement {
  readonly channel: string;
  readonly payload: string;
}

/** The receivers of notifications. */
export interface BellHearers {
  /** Reads the orders for this node. */
  readonly look: () => void;
  /** Something is due at an instant of the store's clock. */
  readonly expect: (at: number) => void;
}

/** Notifies other nodes when something is due earlier than they expect, and receives their notifications, if the database can. */
export class ChangeNotifier {
  private readonly channel: string;
  private readonly listener: PostgresListener | null = null;

  constructor(
    private readonly session: SqlSession,
    { connector, layout, namespace }: ResolvedSqlOptions,
    private readonly context: StoreContext,
    private readonly time: StoreTime,
    private readonly hearers: BellHearers,
  ) {
    const scope = JSON.stringify([layout.schema, layout.tablePrefix, namespace]);
    // Names of channels are limited to 63 bytes.
    this.channel = `apscheduler_${createHash('sha256').update(scope).digest('hex').slice(0, 32)}`;
    if (!session.dialect.notify || connector.by !== 'url') return;
    const { clock, logger } = context;
    this.listener = new PostgresListener(connector.url.target, this.channel, {
      clock,
      logger,
      onNotice: (payload) => this.hear(payload),
      // Catches up on notifications that were missed.
      onReady: () => {
        context.wake(-Infinity);
        hearers.look();
      },
    });
  }

  /** Whether this node receives notifications now. */
  get isHeard(): boolean {
    return this.listener?.isListening ?? false;
  }

  async start(): Promise<void> {
    await this.listener?.start();
  }

  async stop(): Promise<void> {
    await this.listener?.stop();
  }

  /** The notification about new jobs; null if the database cannot notify, or none of them is ever due. */
  announcing(jobs: readonly { readonly next_run_time: number | null }[]): Announcement | null {
    const at = least(jobs.map(({ next_run_time }) => next_run_time ?? Infinity));
    if (at === Infinity || !this.session.dialect.notify) return null;
    return { channel: this.channel, payload: JSON.stringify({ from: this.context.instance, at }) };
  }

  /** @param at - an instant of the store's clock. */
  publish(at: number): Promise<void> {
    return this.say({ from: this.context.instance, at });
  }

  /** Notifies other nodes of new orders. */
  publishOrders(): Promise<void> {
    return this.say({ from: this.context.instance, look: true });
  }

  private async say(notice: Notice): Promise<void> {
    const { notify } = this.session.dialect;
    if (!notify) return;
    try {
      await this.session.read(notify(this.channel, JSON.stringify(notice)));
    } catch (error) {
      // The change itself has been made; other nodes find it when they poll.
      this.context.logger.debug(`Other nodes were not told of a change: ${String(error)}`);
    }
  }

  private hear(payload: string): void {
    const notice = parse(payload);
    if (!notice || notice.from === this.context.instance) return;
    if ('look' in notice) {
      this.hearers.look();
      return;
    }
    this.hearers.expect(notice.at);
    this.context.wake(this.time.toNode(notice.at));
  }
}

/** Anyone may send to the channel, so the payload is checked. */
function parse(payload: string): Notice | null {
  try {
    const { from, at, look } = JSON.parse(payload) as Readonly<Record<'from' | 'at' | 'look', unknown>>;
    if (typeof from !== 'string') return null;
    if (look === true) return { from, look };
    return typeof at === 'number' ? { from, at } : null;
  } catch {
    return null;
  }
}

/** The least of any number of values; Infinity of none. Arguments of a call are limited, a loop is not. */
function least(values: Iterable<number>): number {
  let found = Infinity;
  for (const value of values) if (value < found) found = value;
  return found;
}
