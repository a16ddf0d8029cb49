import type { Client } from 'pg';
import type { Clock, Timer } from '../../../engine/clock.js';
import { reasonOf } from '../../../engine/health/reason-of.js';
import type { Logger } from '../../../engine/logger.js';
import { loadDriver } from '../connection/load-driver.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** How often to make sure that the connection is there: one whose network has lost its route would be quiet for good. */
const CHECK_MS = 10_000;
const ANSWER_MS = 5_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export interface ListenerParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onNotice: (payload: string) => void;
  /** It listens again, after it did not. */
  readonly onReady: () => void;
}

/** A connection that listens to a channel of PostgreSQL, and comes back when it is cut. */
export class PostgresListener {
  private client: Client | null = null;
  private timer: Timer | null = null;
  private isStopped = false;
  private failures = 0;

  /** @param channel - a plain identifier. */
  constructor(
    private readonly url: string,
    private readonly channel: string,
    private readonly parts: ListenerParts,
  ) {}

  get isListening(): boolean {
    return this.client !== null;
  }

  /** Without it things go on, only later: a start that fails is tried again. */
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
    // Loaded by then: the store's other connections need it too.
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
    client.on('notification', ({ payload = '' }) => this.parts.onNotice(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${this.channel}`);
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

/** One that is broken cannot say good-bye. */
async function close(client: Client): Promise<void> {
  try {
    await client.end();
  } catch {
    // It is gone either way.
  }
}
