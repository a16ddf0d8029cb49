import { InvalidInputError, type Fault } from '../../engine/errors.js';
import { messageOf, show } from '../../engine/util/inspect.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { SECOND_MS } from '../../engine/time/civil.js';
import { countProblem } from '../../engine/util/bounds.js';
import { parseSeconds, type DurationInput } from '../../engine/time/duration.js';
import type { RedisClientLike } from './redis-client.js';

interface RedisJobStoreSettings {
  /** Stands before every key. No braces: the namespace is what a cluster goes by. @default 'nestjs-apscheduler:' */
  keyPrefix?: string;
  /** Keeps the jobs of several applications apart on one server. No braces. @default 'default' */
  namespace?: string;
  /** How often to look for what other nodes have changed while their notices cannot be heard: seconds, or a duration. @default 1 */
  pollInterval?: DurationInput;
  /** How often a node says that it is there: seconds, or a duration; at most a third of `leaseTime`. @default 5 */
  heartbeat?: DurationInput;
  /** How long a node that says nothing keeps its right to its runs: seconds, or a duration. @default 15 */
  leaseTime?: DurationInput;
  /** How often a run is begun at most when its nodes go away under it; a job's own `retry.attempts` counts where it is more. @default 3 */
  recoveryAttempts?: number;
}

/** Options of {@link RedisJobStore}: where the server is, or a client to make connections like. */
export type RedisJobStoreOptions = RedisJobStoreSettings &
  (
    | {
        /** Where the server is: `redis://user:password@host:6379/0`; `rediss:` for TLS. */
        url: string;
        client?: never;
      }
    | {
        /** An ioredis `Redis` or `Cluster`. The store duplicates it, and leaves it alone. */
        client: RedisClientLike;
        url?: never;
      }
  );

/** Options with everything filled in; times are in milliseconds. */
export interface ResolvedRedisOptions {
  readonly url: string | undefined;
  readonly client: RedisClientLike | undefined;
  /** Stands before every key, and makes them share a slot of a cluster. */
  readonly prefix: string;
  readonly pollMs: number;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  readonly recoveryAttempts: number;
}

const NAMES: readonly string[] = [
  ...['url', 'client', 'keyPrefix', 'namespace', 'pollInterval', 'heartbeat', 'leaseTime', 'recoveryAttempts'],
];

/** @throws InvalidInputError with every fault. */
export function resolveRedisOptions(options: RedisJobStoreOptions): ResolvedRedisOptions {
  const faults: Fault[] = [];
  const given: Record<string, unknown> = isPlainObject(options) ? options : {};
  if (!isPlainObject(options))
    faults.push({ field: 'options', problem: `must be a plain object such as { url }, got ${typeof options}` });
  for (const field of Object.keys(given)) {
    if (!NAMES.includes(field)) faults.push({ field, problem: `is not known here; known are ${NAMES.join(', ')}` });
  }
  const duration = (field: string, otherwise: number): number => {
    const value = given[field] ?? otherwise;
    try {
      const ms = Math.round(parseSeconds(value, field, 'storeInterval') * SECOND_MS);
      if (ms > 0) return ms;
      faults.push({ field, problem: `must be longer than 0, got ${show(value)}` });
    } catch (error) {
      if (error instanceof InvalidInputError) faults.push(...error.faults);
      else faults.push({ field, problem: messageOf(error) });
    }
    return otherwise * SECOND_MS;
  };
  const keyPart = (field: string, otherwise: string): string => {
    const value = given[field] ?? otherwise;
    if (typeof value === 'string' && !/[{}]/.test(value)) return value;
    faults.push({ field, problem: `must be text without braces, got ${show(value)}` });
    return otherwise;
  };
  const { url, client, recoveryAttempts = 3 } = given;
  if ((url === undefined) === (client === undefined))
    faults.push({ field: 'url', problem: 'or client must be given, not both' });
  if (url !== undefined && !isRedisUrl(url)) {
    faults.push({ field: 'url', problem: 'must be text such as redis://user:password@host:6379/0' });
  } else if (url !== undefined && asksForTls(url)) {
    const problem = 'has a parameter about TLS, which ioredis would ignore; begin with rediss:// to use TLS';
    faults.push({ field: 'url', problem });
  }
  if (client !== undefined && !isPattern(client)) {
    faults.push({ field: 'client', problem: `must be a Redis or Cluster of ioredis, got ${typeof client}` });
  }
  const problem = countProblem(recoveryAttempts, 'recoveryAttempts');
  if (problem !== undefined) faults.push({ field: 'recoveryAttempts', problem });
  const heartbeatMs = duration('heartbeat', 5);
  const leaseMs = duration('leaseTime', 15);
  if (heartbeatMs * 3 > leaseMs) {
    faults.push({ field: 'heartbeat', problem: 'must be at most a third of leaseTime: one beat may come late' });
  }
  const prefix = `${keyPart('keyPrefix', 'nestjs-apscheduler:')}{${keyPart('namespace', 'default')}}:`;
  const pollMs = duration('pollInterval', 1);
  if (faults.length > 0) throw new InvalidInputError('Invalid RedisJobStore', faults);
  return {
    url: url as string | undefined,
    client: client as RedisClientLike | undefined,
    prefix,
    pollMs,
    heartbeatMs,
    leaseMs,
    recoveryAttempts: recoveryAttempts as number,
  };
}

/** By a parameter: the names that clients of other languages use. */
function asksForTls(url: string): boolean {
  return URL.canParse(url) && [...new URL(url).searchParams.keys()].some((name) => /ssl|tls|cert|verify/i.test(name));
}

function isRedisUrl(url: unknown): url is string {
  return typeof url === 'string' && /^(?:rediss?:\/\/|unix:\/)/.test(url);
}

function isPattern(client: unknown): client is RedisClientLike {
  return (
    typeof client === 'object' && client !== null && 'duplicate' in client && typeof client.duplicate === 'function'
  );
}
