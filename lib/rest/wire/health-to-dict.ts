import type { JobStoreHealth, SchedulerHealth } from '../../engine/lifecycle/scheduler-health.js';
import { formatDate } from '../../engine/time/iso-date.js';

/** How a scheduler is, as the wire shows it. */
export function healthToDict(health: SchedulerHealth): Record<string, unknown> {
  const stores = Object.entries(health.jobStores).map(([alias, store]) => [alias, storeToDict(store)]);
  return {
    status: health.status,
    state: health.state,
    node: health.node,
    active_runs: health.activeRuns,
    jobstores: Object.fromEntries(stores) as unknown,
  };
}

function storeToDict(store: JobStoreHealth): Record<string, unknown> {
  return {
    status: store.status,
    reason: store.reason,
    since: toText(store.since),
    failures: store.failures,
    retry_at: toText(store.retryAt),
    last_contact: toText(store.lastContact),
    lateness: store.lateness,
    behind: store.behind,
    unrecorded_runs: store.unrecordedRuns,
    clock_skew: store.clockSkew,
  };
}

function toText(epochMs: number | null): string | null {
  return epochMs === null ? null : formatDate(epochMs, 'UTC');
}
