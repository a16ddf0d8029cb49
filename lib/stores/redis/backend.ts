import { SchedulerError } from '../../engine/errors.js';
import { messageOf } from '../../engine/util/inspect.js';
import type { StoreContext } from '../../engine/stores/job-store.js';
import type { RedisClient } from './redis-client.js';
import type { ResolvedRedisOptions } from './redis-options.js';
import { INSTANCE_KEYS, KEY_NAMES, type Script } from './scripts/script.js';
import { StoreTime } from './store-time.js';

/** Says what time the server has: null to let it say so itself. */
export type ServerTime = () => number | null;

/** What the parts of a store share: how scripts are run, for whom, under which fence. */
export class Backend {
  readonly time = new StoreTime(() => this.context?.logger);
  client: RedisClient | null = null;
  context: StoreContext | null = null;
  /** The number under which this node has its runs. A new one comes with each lease. */
  fence = '';
  /** By this a node notices that the server has lost jobs: a generation, and how many jobs have been added at least. */
  mark = { generation: '', count: 0 };

  constructor(
    readonly options: ResolvedRedisOptions,
    private readonly serverTime: ServerTime,
  ) {}

  get channel(): string {
    return `${this.options.prefix}notices`;
  }

  /** The limits of the history, as scripts take them. */
  get limits(): [number, number, number] {
    const { perJob, total, maxAgeMs } = this.attached.history;
    return [perJob, total, maxAgeMs];
  }

  /** @throws SchedulerError when no scheduler has taken the store on. */
  get attached(): StoreContext {
    if (!this.context) throw new SchedulerError('CONFIGURATION', 'RedisJobStore belongs to no scheduler yet');
    return this.context;
  }

  /** Runs a script. @throws what the connection or the server says; SchedulerError when the store is not started. */
  async run<T>(script: Script, ...args: (string | number)[]): Promise<T> {
    const { client, options } = this;
    if (!client) throw new SchedulerError('NOT_RUNNING', 'RedisJobStore is not started: start the scheduler first');
    const { instance } = this.attached;
    const names = [...KEY_NAMES, ...INSTANCE_KEYS.map((name) => name + instance)];
    const keys = names.map((name) => options.prefix + name);
    const all = [...keys, this.serverTime() ?? '', instance, this.channel, this.fence, ...args];
    try {
      return (await client.evalsha(script.sha, keys.length, ...all)) as T;
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw told(error);
    }
    try {
      return (await client.eval(script.source, keys.length, ...all)) as T;
    } catch (error) {
      throw told(error);
    }
  }
}

/** Whether the server itself has refused, so that nothing was done. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** How much goes through one script: other clients wait for it. */
export const SCRIPT_BOUNDS = { items: 1000, bytes: 4_000_000 };

const PROGRAM_ERRORS = [RangeError, TypeError, ReferenceError, SyntaxError];

/** What the driver says of a lost connection is about its own options. */
function told(error: unknown): unknown {
  // What is wrong in this process, such as too many arguments for one call, says nothing about the server.
  if (isRefusal(error) || PROGRAM_ERRORS.some((kind) => error instanceof kind)) return error;
  const isSilent = messageOf(error).includes('timed out');
  return new Error(isSilent ? 'Redis does not answer' : 'Redis cannot be reached just now', { cause: error });
}
