import type { Logger } from '../../../engine/logger.js';
import { messageOf } from '../../../engine/util/inspect.js';
import { isPlainObject } from '../../../engine/util/is-plain-object.js';
import { revive, type CarriedError } from '../../remote/carried-error.js';
import { makeClient, type RedisClient } from '../load-bullmq.js';
import { cancelChannel } from '../queue-link.js';

/** What is known of the queue of a worker. */
export interface WorkerQueue {
  readonly name: string;
  readonly prefix: string;
  readonly connection: string | object;
}

/** Hears which runs the workers of a queue are to end. */
export class CancelListener {
  private client: RedisClient | null = null;

  constructor(
    private readonly queue: WorkerQueue,
    private readonly onCancel: (runId: string, reason: unknown) => void,
  ) {}

  /** Does not wait for the server: the connection is made as soon as it can be. */
  async open(logger: Logger): Promise<void> {
    const { connection, name, prefix } = this.queue;
    const client = await makeClient(connection);
    this.client = client;
    // BullMQ's own connections tell it as well.
    client.on('error', () => undefined);
    client.on('message', (_channel: string, text: string) => this.hear(text));
    client.subscribe(cancelChannel(prefix, name)).catch((error: unknown) => {
      if (this.client === null) return;
      logger.error(`Runs of queue "${name}" cannot be cancelled in this process: ${messageOf(error)}`);
    });
  }

  close(): void {
    const { client } = this;
    this.client = null;
    client?.disconnect();
  }

  private hear(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      // Nobody who writes here writes that.
    }
    if (!isPlainObject(message) || typeof message['runId'] !== 'string' || !isPlainObject(message['reason'])) return;
    this.onCancel(message['runId'], revive(message['reason'] as unknown as CarriedError));
  }
}
