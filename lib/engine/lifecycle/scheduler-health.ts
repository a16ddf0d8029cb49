import type { StoreEntry } from '../runs/store-entry.js';
import { STATE_NAMES, type SchedulerState } from './states.js';
import type { StorePulse } from '../health/store-pulse.js';
import type { Failing } from '../health/trouble.js';

/**
 * The status of a job store. `up`: it answers. `failing`: it does not, or not for five seconds yet, and is retried. `closed`: it is not used, since the
 * scheduler does not run.
 */
export type JobStoreStatus = 'up' | 'failing' | 'closed';

/** The health of a job store, as this node sees it. Instants are epoch milliseconds. */
export interface JobStoreHealth {
  readonly status: JobStoreStatus;
  /** The reason of the latest failure, without credentials, or that declared jobs were lost or its clock was set back; null while all is well. */
  readonly reason: string | null;
  /** When the failure started; null while it does not fail. */
  readonly since: number | null;
  /** Consecutive failures. Also 0 when it does not answer at all. */
  readonly failures: number;
  /** When it is tried again; null while it does not fail, and while an answer is still awaited. */
  readonly retryAt: number | null;
  /** When it last completed a request of this node; null if it never did. */
  readonly lastContact: number | null;
  /** How late the oldest job of the last claim was, in seconds; 0 if none was due. */
  readonly lateness: number;
  /** Whether jobs are more than five seconds late, and have been for longer than five seconds. */
  readonly behind: boolean;
  /** Runs that have ended and whose outcome is not recorded yet. */
  readonly unrecordedRuns: number;
  /** How far its clock is ahead of this node's, in seconds; null if it uses this node's clock. */
  readonly clockSkew: number | null;
}

/**
 * The status of a scheduler. `up`: it works, or was paused or stopped on purpose. `degraded`: it works, but late. `down`: a job
 * store fails, so its jobs do not run.
 */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** The health of a scheduler and its job stores, as plain JSON. */
export interface SchedulerHealth {
  readonly status: HealthStatus;
  readonly state: 'stopped' | 'running' | 'paused';
  /** The name of this node. */
  readonly node: string;
  /** Runs that are active on this node, or wait for an executor. */
  readonly activeRuns: number;
  /** By alias. */
  readonly jobStores: Readonly<Record<string, JobStoreHealth>>;
}

export interface HealthParts {
  readonly state: SchedulerState;
  readonly node: string;
  readonly activeRuns: number;
  readonly now: number;
  readonly stores: Iterable<StoreEntry>;
  /** How many outcomes are not recorded in a store yet. */
  readonly unrecorded: (entry: StoreEntry) => number;
}

/** For how long health shows what is over, and is to be looked into: that a store has lost declared jobs, or its clock was set back. */
const SHOWN_MS = 600_000;

/** Uses only what is known in this process, so that it answers at once even if a store hangs. */
export function healthOf({ state, node, activeRuns, stores, unrecorded, now }: HealthParts): SchedulerHealth {
  const jobStores = Object.fromEntries(
    Array.from(stores, (entry) => [entry.alias, storeHealthOf(entry, unrecorded(entry), now)]),
  );
  const all = Object.values(jobStores);
  const status = all.some((store) => store.status === 'failing')
    ? 'down'
    : all.some(({ behind, reason }) => behind || reason !== null)
      ? 'degraded'
      : 'up';
  return { status, state: STATE_NAMES[state], node, activeRuns, jobStores };
}

function storeHealthOf({ open, pulse, store }: StoreEntry, unrecordedRuns: number, now: number): JobStoreHealth {
  const { clockSkewMs, failing } = (open && store.status?.()) || { clockSkewMs: null, failing: null };
  const { opening, taking, recording } = pulse;
  const troubles = [taking.shown(now), recording.shown(now), opening.now, pulse.own.observe(failing, now)].filter(
    (trouble) => trouble !== null,
  );
  const [first] = troubles;
  return {
    status: first ? 'failing' : open ? 'up' : 'closed',
    reason: first?.reason ?? lossOf(pulse, now) ?? setBackOf(pulse, now),
    since: least(troubles, ({ since }) => since),
    failures: Math.max(0, ...troubles.map(({ failures }) => failures)),
    retryAt: least(troubles, ({ retryAt }) => retryAt),
    lastContact: pulse.answeredAt,
    lateness: pulse.latenessMs / 1000,
    behind: pulse.isBehind,
    unrecordedRuns,
    clockSkew: clockSkewMs === null ? null : clockSkewMs / 1000,
  };
}

/** Operators are to look into it, though the jobs are back. */
function lossOf({ jobsLostAt }: StorePulse, now: number): string | null {
  if (jobsLostAt === null || Math.abs(now - jobsLostAt) > SHOWN_MS) return null;
  return `It had lost declared jobs at ${new Date(jobsLostAt).toISOString()}; they have been declared again`;
}

function setBackOf({ setBack }: StorePulse, now: number): string | null {
  if (setBack === null || Math.abs(now - setBack.at) > SHOWN_MS) return null;
  const seconds = Math.round(setBack.byMs / 1000);
  return `Its clock was set back by ${seconds} s, as noticed at ${new Date(setBack.at).toISOString()}; jobs have been scheduled anew`;
}

function least(troubles: readonly Failing[], at: (trouble: Failing) => number | null): number | null {
  const instants = troubles.map(at).filter((instant) => instant !== null);
  return instants.length === 0 ? null : Math.min(...instants);
}
