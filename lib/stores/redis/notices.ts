import type { Logger } from '../../engine/logger.js';
import type { Backend } from './backend.js';
import { RedisConnection } from './redis-connection.js';
import type { RedisClient } from './redis-client.js';

/** Receives notifications of other nodes' changes. */
export class Notices {
  /** Whether notifications are interrupted. */
  isDeaf = true;
  private readonly connection: RedisConnection;
  private client: RedisClient | null = null;

  constructor(
    private readonly backend: Backend,
    /** Reads the requests for this node. */
    private readonly look: () => void,
  ) {
    this.connection = new RedisConnection(backend.options, 'that notices of other nodes come by');
  }

  async start(logger: Logger): Promise<void> {
    const client = await this.connection.open(
      logger,
      () => void this.listen(),
      () => this.lose(),
    );
    this.client = client;
    client.on('message', (_channel: string, message: string) => this.hear(message));
    await client.subscribe(this.backend.channel);
    this.isDeaf = false;
  }

  stop(): void {
    this.client = null;
    this.isDeaf = true;
    this.connection.close();
  }

  private lose(): void {
    this.isDeaf = true;
    // From now on the store polls.
    if (this.client) this.backend.context?.wake(-Infinity);
  }

  private async listen(): Promise<void> {
    const { client } = this;
    if (!client) return;
    try {
      await client.subscribe(this.backend.channel);
    } catch {
      // The connection was lost again; reconnecting calls this again.
      return;
    }
    if (this.client !== client) return;
    this.isDeaf = false;
    // Catches up on notifications that were missed.
    this.backend.context?.wake(-Infinity);
    this.look();
  }

  private hear(message: string): void {
    const { attached, time } = this.backend;
    const [kind, at, from] = message.split(' ');
    if (from === attached.instance) return;
    if (kind === 'wake') attached.wake(time.toNode(Number(at)));
    else if (kind === 'look') this.look();
  }
}
