import type { Client } from 'pg';
import type { Clock, Timer } from '../../../engine/clock.js';
import { reasonOf } from '../../../engine/health/reason-of.js';
import type { Logger } from '../../../engine/logger.js';
import { loadDriver } from '../connection/load-driver.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** How often the connection is checked: without a check, a lost route would go unnoticed. */
const CHECK_MS = 10_000;
const ANSWER_MS = 5_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export interface ListenerParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onNotice: (payload: string) => void;
  /** Called when it listens again after an interruption. */
  readonly onReady: () => void;
}

/** A connection that listens to a channel of PostgreSQL, and reconnects when it is cut. */
export class PostgresListener {
  private client: Client | null = null;
  private timer: Timer | null = null;
  private isStopped = false;
  private failures = 0;
  /** Whether a pooler stands between: in transaction mode it takes LISTEN, and passes no notifications. */
  private isPooled = false;
  /** Whether a notification has come since the last check. */
  private hasHeard = false;

  /** @param channel - a plain identifier. */
  constructor(
    private readonly url: string,
    private readonly channel: string,
    private readonly parts: ListenerParts,
  ) {}

  get isListening(): boolean {
    return this.client !== null && (!this.isPooled || this.hasHeard);
  }

  /** Notifications only save time, so a start that fails is retried in the background. */
  async start(): Promise<void> {
    this.isStopped = false;
    await this.connect();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.timer?.cancel();
    this.timer = null;
    const { client } = this;
    this.client = null;
    if (client) await close(client);
  }

  private async connect(): Promise<void> {
    // Already loaded for the store's other connections.
    const { default: pg } = await loadDriver('pg', 'pg', () => import('pg'));
    const client = new pg.Client({
      connectionString: this.url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      query_timeout: ANSWER_MS,
      application_name: 'nestjs-apscheduler',
    });
    let isOver = false;
    const end = (error?: unknown): void => {
      if (isOver) return;
      isOver = true;
      if (this.client === client) this.client = null;
      void close(client);
      this.tryAgain(error);
    };
    client.on('error', end);
    client.on('end', () => end());
    client.on('notification', ({ payload = '' }) => {
      this.hasHeard = true;
      this.parts.onNotice(payload);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${this.channel}`);
      // A pooler has numbers of its own for its clients.
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      this.isPooled = rows[0]?.pid !== (client as Client & { readonly processID?: number }).processID;
      this.hasHeard = false;
    } catch (error) {
      end(error);
      return;
    }
    if (this.isStopped) {
      isOver = true;
      await close(client);
      return;
    }
    this.client = client;
    this.checkLater(client, end);
    if (this.failures === 0) return;
    this.parts.logger.info('PostgreSQL tells of changes again');
    this.failures = 0;
    this.parts.onReady();
  }

  private checkLater(client: Client, end: (error: unknown) => void): void {
    this.timer = this.parts.clock.setTimer(() => {
      this.hasHeard = false;
      client.query('SELECT 1').then(() => {
        if (this.client === client) this.checkLater(client, end);
      }, end);
    }, CHECK_MS);
  }

  private tryAgain(error: unknown): void {
    if (this.isStopped) return;
    const { clock, logger } = this.parts;
    if (this.failures === 0) {
      const why = error === undefined ? 'the connection was closed' : reasonOf(error);
      logger.warn(`PostgreSQL does not tell of changes (${why}); they are looked for instead`);
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.failures++, LONGEST_PAUSE_MS);
    this.timer = clock.setTimer(() => {
      void this.connect();
    }, pause);
  }
}

/** A broken connection cannot be closed regularly. */
async function close(client: Client): Promise<void> {
  try {
    await client.end();
  } catch {
    // It is closed either way.
  }
}
