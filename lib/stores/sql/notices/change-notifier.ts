import { least } from '../../../engine/util/least.js';
import { createHash } from 'node:crypto';
import type { StoreContext } from '../../../engine/stores/job-store.js';
import type { NewJobRow } from '../jobs/job-row.js';
import type { StoreTime } from '../nodes/store-time.js';
import type { ResolvedSqlOptions } from '../options/read-options.js';
import type { SqlSession } from '../sql-session.js';
import { PostgresListener } from './postgres-listener.js';

/** What other nodes are told: that something is due then, by the store's clock; or that they are to look what they are to do. */
type Notice = { readonly from: string } & ({ readonly at: number } | { readonly look: true });

/** What tells other nodes of new jobs, to be said by the statement that adds them. */
export interface Announcement {
  readonly channel: string;
  readonly payload: string;
}

/** Who is told of what was heard. */
export interface BellHearers {
  /** Looks what this node is to do. */
  readonly look: () => void;
  /** Something is due then, by the store's clock. */
  readonly expect: (at: number) => void;
}

/** Tells other nodes when something is due earlier than they may think, and hears it from them, where the database can. */
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
    // The name of a channel has at most 63 bytes.
    this.channel = `apscheduler_${createHash('sha256').update(scope).digest('hex').slice(0, 32)}`;
    if (!session.dialect.notify || connector.by !== 'url') return;
    const { clock, logger } = context;
    this.listener = new PostgresListener(connector.url.target, this.channel, {
      clock,
      logger,
      onNotice: (payload) => this.hear(payload),
      // What was said meanwhile has not been heard.
      onReady: () => {
        context.wake(-Infinity);
        hearers.look();
      },
    });
  }

  /** Whether this node hears of changes now. */
  get isHeard(): boolean {
    return this.listener?.isListening ?? false;
  }

  async start(): Promise<void> {
    await this.listener?.start();
  }

  async stop(): Promise<void> {
    await this.listener?.stop();
  }

  /** What tells of new jobs; null where nobody hears it, or none of them is ever due. */
  announcing(jobs: readonly NewJobRow[]): Announcement | null {
    const at = least(jobs.map(({ next_run_time }) => next_run_time ?? Infinity));
    if (at === Infinity || !this.session.dialect.notify) return null;
    return { channel: this.channel, payload: JSON.stringify({ from: this.context.instance, at }) };
  }

  /** @param at - by the store's clock. */
  publish(at: number): Promise<void> {
    return this.say({ from: this.context.instance, at });
  }

  /** There is something that other nodes are to do. */
  publishOrders(): Promise<void> {
    return this.say({ from: this.context.instance, look: true });
  }

  private async say(notice: Notice): Promise<void> {
    const { notify } = this.session.dialect;
    if (!notify) return;
    try {
      await this.session.read(notify(this.channel, JSON.stringify(notice)));
    } catch (error) {
      // The change itself is made; the others find it when they look.
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

/** Anybody may use the channel. */
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
