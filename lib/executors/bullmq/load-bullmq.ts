import { ConfigurationError } from '../../engine/errors.js';
import { messageOf } from '../../engine/util/inspect.js';

/** What is used of a job of BullMQ. */
export interface BullJob {
  readonly id?: string | undefined;
  readonly data: unknown;
  readonly progress: unknown;
  readonly returnvalue: unknown;
  readonly failedReason?: string | undefined;
  readonly stacktrace: readonly string[] | null;
  /** How often a worker has taken it. */
  readonly attemptsStarted?: number | undefined;
  /** When its worker was called, by the worker's clock. */
  readonly processedOn?: number | undefined;
  readonly finishedOn?: number | undefined;
  /** The name of its worker, where it has one. */
  readonly processedBy?: string | undefined;
}

/** What is added to a queue. */
export interface BullJobInput {
  name: string;
  data: unknown;
  opts: Record<string, unknown>;
}

/** What is used of a `Queue` of BullMQ: those of version 5 and 6 fit. */
export interface BullQueue {
  readonly name: string;
  readonly opts: { readonly connection?: unknown; readonly prefix?: string };
  addBulk(jobs: BullJobInput[]): Promise<readonly { readonly id?: string | undefined }[]>;
  getJob(id: string): Promise<BullJob | undefined>;
  /** Answers 0 where a worker has it. */
  remove(id: string): Promise<number>;
  close(): Promise<void>;
  toKey(type: string): string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each event has listeners of its own
  on(event: any, listener: (...args: any[]) => void): unknown;
}

/** What is used of `QueueEvents`. */
export interface BullQueueEvents {
  close(): Promise<void>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  on(event: any, listener: (...args: any[]) => void): unknown;
}

/** What is used of the package `bullmq`. */
export interface Bullmq {
  readonly Queue: new (name: string, options: Record<string, unknown>) => BullQueue;
  readonly QueueEvents: new (name: string, options: Record<string, unknown>) => BullQueueEvents;
}

/** @throws ConfigurationError when it is not installed. */
export async function loadBullmq(): Promise<Bullmq> {
  try {
    return (await import('bullmq')) as unknown as Bullmq;
  } catch (error) {
    throw missing('bullmq', error);
  }
}

/** What is used of a client of ioredis, one server's or a cluster's. */
export interface RedisClient {
  readonly isCluster: boolean;
  readonly status: string;
  readonly options: { readonly redisOptions?: object };
  connect(): Promise<unknown>;
  disconnect(): void;
  duplicate(...options: unknown[]): RedisClient;
  info(section?: string): Promise<string>;
  publish(channel: string, message: string): Promise<number>;
  subscribe(channel: string): Promise<unknown>;
  xrevrange(key: string, end: string, start: string, count: 'COUNT', n: number): Promise<[id: string, ...unknown[]][]>;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

type RedisConstructor = new (...options: unknown[]) => RedisClient;

/** A command waits for the connection, however long it takes to come back. BullMQ needs it so for what blocks. */
const CONDUCT = { maxRetriesPerRequest: null, lazyConnect: true };

/**
 * A new client that is not connected.
 *
 * @param connection - a URL, options of ioredis, or a client to make another one like it.
 * @throws ConfigurationError when ioredis is not installed.
 */
export async function makeClient(connection: string | object): Promise<RedisClient> {
  if (isClient(connection)) {
    if (!connection.isCluster) return connection.duplicate(CONDUCT);
    // What is given takes the place of all options of its nodes, such as their password.
    const redisOptions = { ...connection.options.redisOptions, ...CONDUCT };
    return connection.duplicate([], { lazyConnect: true, redisOptions });
  }
  const Redis = await loadIoredis();
  if (typeof connection === 'string') return new Redis(connection, CONDUCT);
  // As BullMQ has it.
  const { url, ...options } = connection as { url?: string };
  return url === undefined ? new Redis({ ...options, ...CONDUCT }) : new Redis(url, { ...options, ...CONDUCT });
}

function isClient(connection: string | object): connection is RedisClient {
  return typeof (connection as Partial<RedisClient>).duplicate === 'function';
}

async function loadIoredis(): Promise<RedisConstructor> {
  try {
    const { Redis, default: byDefault } = await import('ioredis');
    // The first releases of version 5 export it by default only.
    return (Redis ?? byDefault) as unknown as RedisConstructor;
  } catch (error) {
    throw missing('ioredis', error);
  }
}

function missing(name: string, error: unknown): ConfigurationError {
  const { code } = error as NodeJS.ErrnoException;
  const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test(code ?? '') && messageOf(error).includes(`'${name}'`);
  const message = isMissing ? `is not installed: npm install bullmq ioredis` : `cannot be loaded: ${messageOf(error)}`;
  return new ConfigurationError(`The package "${name}" ${message}`, { cause: error });
}
