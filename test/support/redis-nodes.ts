import { Scheduler, type Clock, type RunContext, type SchedulerOptions } from 'nestjs-apscheduler/engine';
import { RedisJobStore, type RedisJobStoreOptions } from 'nestjs-apscheduler/redis';
import { afterEach } from 'vitest';
import { memoryLogger, type MemoryLogger } from './engine.js';
import { Ledger } from './ledger.js';
import type { Room } from './servers/server-recipe.js';

export interface RedisNode {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly store: RedisJobStore;
  readonly logger: MemoryLogger;
}

export interface NodeOptions {
  readonly clock?: Clock;
  /** In addition to `work`, which writes to the ledger. */
  readonly tasks?: Readonly<Record<string, (context: RunContext) => unknown>>;
  readonly store?: Partial<RedisJobStoreOptions>;
  readonly scheduler?: SchedulerOptions;
}

/** Nodes that share a key prefix on a Redis server, each with its own connections. All are shut down after the test. */
export class RedisNodes {
  readonly ledger = new Ledger();
  private readonly nodes: RedisNode[] = [];

  constructor(private readonly room: Room) {}

  async start(name: string, options: NodeOptions = {}): Promise<RedisNode> {
    const { clock, tasks = {}, store: storeOptions, scheduler: schedulerOptions } = options;
    const { url, keyPrefix } = this.room;
    const lease = { heartbeat: 0.25, leaseTime: 1.5 };
    const store = new RedisJobStore({ url, keyPrefix, ...lease, ...storeOptions } as RedisJobStoreOptions);
    const logger = memoryLogger();
    const scheduler = new Scheduler({
      ...(clock && { clock }),
      ...{ logger, timezone: 'UTC', jobStores: { default: store }, shutdownTimeout: 1 },
      ...schedulerOptions,
    });
    scheduler.registerTask('work', (context: RunContext) => this.ledger.write(context, name));
    for (const [task, handler] of Object.entries(tasks)) scheduler.registerTask(task, handler);
    const node = { name, scheduler, store, logger };
    this.nodes.push(node);
    await scheduler.start();
    return node;
  }

  async end(): Promise<void> {
    await Promise.all(this.nodes.map(({ scheduler }) => scheduler.shutdown({ wait: false }).catch(() => undefined)));
  }
}

/** A fresh set of nodes for each test of a file. */
export function redisNodes(makeRoom: () => Promise<Room>): () => Promise<RedisNodes> {
  const made: RedisNodes[] = [];
  afterEach(async () => {
    await Promise.all(made.splice(0).map((nodes) => nodes.end()));
  });
  return async () => {
    const nodes = new RedisNodes(await makeRoom());
    made.push(nodes);
    return nodes;
  };
}
