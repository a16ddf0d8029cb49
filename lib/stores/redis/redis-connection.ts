import { ConfigurationError, SchedulerError } from '../../engine/errors.js';
import { messageOf } from '../../engine/util/inspect.js';
import { isCertificateError } from '../../engine/util/is-certificate-error.js';
import type { Logger } from '../../engine/logger.js';
import type { RedisClient, RedisClientLike } from './redis-client.js';
import type { ResolvedRedisOptions } from './redis-options.js';

/** How long an answer may take before the command has failed. */
const COMMAND_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const LONGEST_RECONNECT_MS = 2_000;

/** How a server refuses credentials or permissions. */
const REFUSAL = /^(?:WRONGPASS|NOAUTH|NOPERM)\b|^ERR .*\b(?:AUTH|password)\b/;

const reconnectAfter = (times: number): number => Math.min(50 * 2 ** times, LONGEST_RECONNECT_MS);

/** One whose answer was lost is not sent again behind the back of who must know. */
const COMMANDS = {
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  reconnectOnError: isFromReplica,
};

/** What cannot be sent now fails now; the connection comes back by itself. */
const CONDUCT = { ...COMMANDS, lazyConnect: true, enableOfflineQueue: false, retryStrategy: reconnectAfter };

/** It has become a replica: behind the same name there may be another server by now. */
function isFromReplica({ message }: Error): boolean {
  return message.startsWith('READONLY');
}

/** A connection to the server, opened and looked after. */
export class RedisConnection {
  private client: RedisClient | null = null;
  private lastError: unknown = null;
  private isDown = false;
  /** Whether the next cut is ours. The reason is logged by what could not write, once and not at each try. */
  private isLeft = false;

  constructor(
    private readonly options: ResolvedRedisOptions,
    /** What it is for, as the log says when it is lost. */
    private readonly purpose: string,
  ) {}

  /** @throws ConfigurationError when ioredis is missing; SchedulerError when the server cannot be used. */
  async open(logger: Logger, onReady?: () => void, onLost?: () => void): Promise<RedisClient> {
    const client = await this.make();
    this.client = client;
    this.isDown = false;
    client.on('error', (error: Error) => void (this.lastError = error));
    try {
      await client.connect();
    } catch (error) {
      this.close();
      throw this.failure(this.lastError ?? error);
    }
    client.on('close', () => {
      onLost?.();
      const { isLeft } = this;
      this.isLeft = false;
      if (isLeft || this.isDown || this.client !== client) return;
      this.isDown = true;
      logger.warn(`${this.where} has cut the connection ${this.purpose}; it is made again as soon as possible`);
    });
    client.on('ready', () => {
      if (this.isDown) logger.info(`${this.where} is there again: the connection ${this.purpose} stands`);
      this.isDown = false;
      onReady?.();
    });
    return client;
  }

  close(): void {
    const { client } = this;
    this.client = null;
    client?.disconnect();
  }

  /** The code is CONFIGURATION where waiting does not mend it. */
  failure(error: unknown): SchedulerError {
    const isRefused =
      (error instanceof SchedulerError && error.code === 'CONFIGURATION') ||
      REFUSAL.test(messageOf(error)) ||
      isCertificateError(error);
    const code = isRefused ? 'CONFIGURATION' : 'STORE_FAILED';
    return new SchedulerError(code, `${this.where} cannot be used: ${messageOf(error) || String(error)}`, {
      cause: error,
    });
  }

  private get where(): string {
    return this.options.url === undefined ? 'The Redis of the given client' : `Redis at ${hostOf(this.options.url)}`;
  }

  private async make(): Promise<RedisClient> {
    const { client, url } = this.options;
    if (client?.isCluster) return duplicateCluster(client);
    const reconnectOnError = (error: Error): boolean => {
      const isLeft = isFromReplica(error);
      this.isLeft ||= isLeft;
      return isLeft;
    };
    const conduct = { ...CONDUCT, reconnectOnError };
    if (client) return client.duplicate(conduct) as RedisClient;
    const { Redis } = await loadDriver();
    return new Redis(url ?? '', conduct);
  }
}

/** A cluster has its own way to say how its nodes are talked to, and connects to each when it is needed. */
function duplicateCluster(client: RedisClientLike): RedisClient {
  // What is given takes the place of all options of its nodes, such as their password.
  const redisOptions = { ...client.options?.redisOptions, ...COMMANDS };
  return client.duplicate([], { lazyConnect: true, clusterRetryStrategy: reconnectAfter, redisOptions }) as RedisClient;
}

async function loadDriver(): Promise<Pick<typeof import('ioredis'), 'Redis'>> {
  try {
    const { Redis, default: byDefault } = await import('ioredis');
    // The first releases of version 5 export it by default only.
    return { Redis: Redis ?? (byDefault as unknown as typeof Redis) };
  } catch (error) {
    throw new ConfigurationError('RedisJobStore needs the package "ioredis"; install it: npm install ioredis', {
      cause: error,
    });
  }
}

/** Only the host, or the path of a socket: the rest may contain a password. */
function hostOf(url: string): string {
  if (!URL.canParse(url)) return 'the given url';
  const { host, pathname } = new URL(url);
  return host || pathname;
}
