import type { StoreEntry } from '../runs/store-entry.js';
import { STATE_PAUSED, STATE_RUNNING, STATE_STOPPED, type SchedulerState } from '../lifecycle/states.js';
import type { Failing } from './trouble.js';

/**
 * How a job store is. `up`: it does what it is asked for. `failing`: it does not, and is asked again. `closed`: nobody asks
 * it, for the scheduler does not run.
 */
export type JobStoreStatus = 'up' | 'failing' | 'closed';

/** How a job store is, as this node sees it. Instants are in epoch milliseconds. */
export interface JobStoreHealth {
  readonly status: JobStoreStatus;
  /** What the latest failure said, without credentials; null while it does not fail. */
  readonly reason: string | null;
  /** Since when it fails; null while it does not. */
  readonly since: number | null;
  /** How often in a row it has failed. 0 as well where it gives no answer at all. */
  readonly failures: number;
  /** When it is asked again; null while it does not fail, and where its answer is still waited for. */
  readonly retryAt: number | null;
  /** When it last did what this node asked it for; null when it never did. */
  readonly lastContact: number | null;
  /** How late the oldest job was that the latest look took, in seconds; 0 when none was due. */
  readonly lateness: number;
  /** Whether jobs are more than five seconds late, and have been for longer than five seconds. */
  readonly behind: boolean;
  /** How many runs have ended that it has not been told of yet. */
  readonly unrecordedRuns: number;
  /** How far its clock is ahead of this node's, in seconds; null when it goes by this node's. */
  readonly clockSkew: number | null;
}

/**
 * How a scheduler is. `up`: it does its work, or was told not to. `degraded`: it does its work, late. `down`: a job store
 * fails, and the jobs in it do not run.
 */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** How a scheduler and its job stores are: plain JSON. */
export interface SchedulerHealth {
  readonly status: HealthStatus;
  readonly state: 'stopped' | 'running' | 'paused';
  /** The name of this node. */
  readonly node: string;
  /** How many runs are under way on this node, or wait for their executor. */
  readonly activeRuns: number;
  /** By alias. */
  readonly jobStores: Readonly<Record<string, JobStoreHealth>>;
}

export interface HealthParts {
  readonly state: SchedulerState;
  readonly node: string;
  readonly activeRuns: number;
  readonly stores: Iterable<StoreEntry>;
  /** How many runs a store has not been told of yet. */
  readonly unrecorded: (entry: StoreEntry) => number;
}

const STATES = { [STATE_STOPPED]: 'stopped', [STATE_RUNNING]: 'running', [STATE_PAUSED]: 'paused' } as const;

/** What is known without asking anybody: it comes at once, whatever hangs. */
export function healthOf({ state, node, activeRuns, stores, unrecorded }: HealthParts): SchedulerHealth {
  const jobStores = Object.fromEntries(
    Array.from(stores, (entry) => [entry.alias, storeHealthOf(entry, unrecorded(entry))]),
  );
  const all = Object.values(jobStores);
  const status = all.some((store) => store.status === 'failing')
    ? 'down'
    : all.some(({ behind }) => behind)
      ? 'degraded'
      : 'up';
  return { status, state: STATES[state], node, activeRuns, jobStores };
}

function storeHealthOf({ open, pulse, store }: StoreEntry, unrecordedRuns: number): JobStoreHealth {
  const { clockSkewMs, failing } = (open && store.status?.()) || { clockSkewMs: null, failing: null };
  const { opening, taking, recording } = pulse;
  const troubles = [taking.now, recording.now, opening.now, failing].filter((trouble) => trouble !== null);
  const [first] = troubles;
  return {
    status: first ? 'failing' : open ? 'up' : 'closed',
    reason: first?.reason ?? null,
    since: least(troubles, ({ since }) => since),
    failures: Math.max(0, ...troubles.map(({ failures }) => failures)),
    // One that could not be opened is opened by whoever starts the scheduler again.
    retryAt: open ? least(troubles, ({ retryAt }) => retryAt) : null,
    lastContact: pulse.answeredAt,
    lateness: pulse.latenessMs / 1000,
    behind: pulse.isBehind,
    unrecordedRuns,
    clockSkew: clockSkewMs === null ? null : clockSkewMs / 1000,
  };
}

function least(troubles: readonly Failing[], at: (trouble: Failing) => number | null): number | null {
  const instants = troubles.map(at).filter((instant) => instant !== null);
  return instants.length === 0 ? null : Math.min(...instants);
}
