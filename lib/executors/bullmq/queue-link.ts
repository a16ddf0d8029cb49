import { SchedulerError } from '../../engine/errors.js';
import { SystemClock } from '../../engine/clock.js';
import type { ExecutorContext } from '../../engine/executors/executor.js';
import { within } from '../../engine/util/deadline.js';
import { messageOf } from '../../engine/util/inspect.js';
import type { CarriedError } from '../remote/carried-error.js';
import type { ResolvedBullmqOptions } from './bullmq-options.js';
import { checkServer } from './check-server.js';
import {
  loadBullmq,
  makeClient,
  type BullJob,
  type BullJobInput,
  type BullQueue,
  type BullQueueEvents,
  type RedisClient,
} from './load-bullmq.js';

/** How long closing may take, in seconds: without an answer of the server the connections are cut. */
const CLOSING_SECONDS = 1;

/** Is told what happens in the queue, to any job. */
export interface QueueListener {
  /** A worker has taken it. */
  active(id: string): void;
  progressed(id: string, progress: unknown): void;
  completed(id: string, returnValue: unknown): void;
  failed(id: string, reason: string): void;
  removed(id: string): void;
  /** The connection stands again: events may be missing. */
  reconnected(): void;
}

/** What a worker is told that is to end a run. */
export interface CancelMessage {
  readonly runId: string;
  readonly reason: CarriedError;
}

/** The channel on which workers of a queue are told which runs to end. */
export const cancelChannel = (prefix: string, name: string): string => `${prefix}:${name}:cancel`;

/** The queue with its connections: one for commands, one on which events are waited for. */
export class QueueLink {
  private constructor(
    private readonly options: ResolvedBullmqOptions,
    private readonly client: RedisClient,
    private readonly listening: RedisClient,
    private readonly queue: BullQueue,
    private readonly events: BullQueueEvents,
  ) {}

  /** @throws ConfigurationError when a package is missing; SchedulerError when the server cannot be used. */
  static async open(
    options: ResolvedBullmqOptions,
    context: ExecutorContext,
    listener: QueueListener,
  ): Promise<QueueLink> {
    const { name, prefix } = options;
    const { Queue, QueueEvents } = await loadBullmq();
    const client = await makeClient(options.connection);
    try {
      await connect(client, name);
      await checkServer(client, context.logger);
      const [[lastEventId] = ['0-0']] = await client.xrevrange(`${prefix}:${name}:events`, '+', '-', 'COUNT', 1);
      const listening = client.duplicate();
      listening.on('error', nothing);
      watch(client, listening, context, name, listener);
      const shared = { connection: client, prefix, skipVersionCheck: true };
      const queue = options.queue ?? new Queue(name, shared);
      // BullMQ makes a client of its own from the given one, which could not be cut when the server is away.
      const pattern: unknown = Object.assign(Object.create(client) as object, { duplicate: () => listening });
      const events = new QueueEvents(name, { ...shared, connection: pattern, lastEventId });
      const link = new QueueLink(options, client, listening, queue, events);
      link.listen(listener);
      return link;
    } catch (error) {
      client.disconnect();
      throw error;
    }
  }

  /** @returns their ids; undefined for those that have not been added. */
  async add(jobs: BullJobInput[]): Promise<readonly (string | undefined)[]> {
    return (await this.queue.addBulk(jobs)).map(({ id }) => id);
  }

  /** Jobs by their ids, asked for together; undefined for those that are not there. */
  find(ids: readonly string[]): Promise<readonly (BullJob | undefined)[]> {
    return Promise.all(ids.map((id) => this.queue.getJob(id)));
  }

  /** Whether it is out of the queue. */
  async remove(id: string): Promise<boolean> {
    return (await this.queue.remove(id)) !== 0;
  }

  async cancel(message: CancelMessage): Promise<void> {
    const { name, prefix } = this.options;
    await this.client.publish(cancelChannel(prefix, name), JSON.stringify(message));
  }

  async close(): Promise<void> {
    const closing = [this.events.close(), ...(this.options.queue ? [] : [this.queue.close()])];
    await within(new SystemClock(), CLOSING_SECONDS, Promise.allSettled(closing));
    this.listening.disconnect();
    this.client.disconnect();
  }

  private listen(listener: QueueListener): void {
    const { events, options, queue } = this;
    // Faults of the connection are logged where it is watched.
    events.on('error', nothing);
    if (!options.queue) queue.on('error', nothing);
    events.on('active', ({ jobId }: { jobId: string }) => listener.active(jobId));
    events.on('progress', ({ jobId, data }: { jobId: string; data: unknown }) => listener.progressed(jobId, data));
    events.on('completed', (event: { jobId: string; returnvalue: unknown }) =>
      listener.completed(event.jobId, event.returnvalue),
    );
    events.on('failed', (event: { jobId: string; failedReason: string }) =>
      listener.failed(event.jobId, event.failedReason),
    );
    events.on('removed', ({ jobId }: { jobId: string }) => listener.removed(jobId));
  }
}

const nothing = (): void => undefined;

/** @throws SchedulerError with what is wrong; otherwise ioredis goes on trying for ever. */
async function connect(client: RedisClient, name: string): Promise<void> {
  let lastError: unknown;
  client.on('error', (error: Error) => void (lastError = error));
  try {
    await client.connect();
  } catch (error) {
    const message = `The Redis of queue "${name}" cannot be used: ${messageOf(lastError ?? error)}`;
    throw new SchedulerError('CONFIGURATION', message, { cause: lastError ?? error });
  }
}

function watch(
  client: RedisClient,
  listening: RedisClient,
  { alias, logger }: ExecutorContext,
  name: string,
  listener: QueueListener,
): void {
  let isDown = false;
  const what = `the Redis of queue "${name}" (executor "${alias}")`;
  for (const one of [client, listening]) {
    let isFirst = one === listening;
    one.on('close', () => {
      if (one.status === 'end' || isDown) return;
      isDown = true;
      logger.warn(`The connection to ${what} is cut; it is made again as soon as possible, and runs wait for it`);
    });
    one.on('ready', () => {
      if (isDown && client.status === 'ready') {
        isDown = false;
        logger.info(`The connection to ${what} stands again`);
      }
      if (!isFirst) listener.reconnected();
      isFirst = false;
    });
  }
}
