import type { AuditTrail } from '../audit/audit-trail.js';
import type { AuditAction } from '../model/audit.js';
import type { StoreEntry } from '../runs/store-entry.js';
import type { Cluster } from './cluster.js';
import type { Lifecycle } from './lifecycle.js';
import {
  readLimit,
  readScope,
  type ScopeOptions,
  type ShutdownOptions,
  type StartOptions,
} from './lifecycle-options.js';
import { STATE_PAUSED, STATE_RUNNING, STATE_STOPPED } from './states.js';

const IN_WORDS = { [STATE_STOPPED]: 'stopped', [STATE_RUNNING]: 'running', [STATE_PAUSED]: 'paused' } as const;

export interface SchedulerControlParts {
  readonly cluster: Cluster;
  readonly lifecycle: Lifecycle;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly trail: AuditTrail;
}

/**
 * Starts, pauses and stops the scheduler, and records that in the audit trail: what somebody has asked for, and what concerns
 * all nodes. That a node starts and stops with its process is not recorded.
 */
export class SchedulerControl {
  constructor(private readonly parts: SchedulerControlParts) {}

  start(options: StartOptions): Promise<void> {
    const { lifecycle, trail } = this.parts;
    const isRecorded = trail.acting.isAsked || options.scope === 'cluster';
    const start = (): Promise<void> => lifecycle.start(options);
    return isRecorded ? this.recorded('scheduler.start', options, start) : start();
  }

  pause(options: ScopeOptions): Promise<void> {
    return this.recorded('scheduler.pause', options, () => this.parts.lifecycle.pause(options));
  }

  resume(options: ScopeOptions): Promise<void> {
    return this.recorded('scheduler.resume', options, () => this.parts.lifecycle.resume(options));
  }

  drain(options: ShutdownOptions): Promise<void> {
    const { lifecycle } = this.parts;
    const drain = (): Promise<void> => lifecycle.drain(options);
    return lifecycle.state === STATE_STOPPED ? drain() : this.recorded('scheduler.pause', options, drain);
  }

  async shutdown(options: ShutdownOptions): Promise<void> {
    const { lifecycle, trail } = this.parts;
    readLimit(options, 0);
    if (this.isForAll(options)) {
      return this.recorded('scheduler.shutdown', options, () => lifecycle.shutdown(options));
    }
    // Its stores are closed afterwards, and nothing keeps a node from stopping.
    if (lifecycle.isStarted && trail.acting.isAsked) {
      this.record('scheduler.shutdown', 'state', IN_WORDS[lifecycle.state], 'stopped');
    }
    return lifecycle.shutdown(options);
  }

  private async recorded(action: AuditAction, options: ScopeOptions, work: () => Promise<void>): Promise<void> {
    const { cluster, lifecycle } = this.parts;
    const stateOf = (): string => (this.isForAll(options) ? cluster.mode : IN_WORDS[lifecycle.state]);
    const before = stateOf();
    await work();
    this.record(action, this.isForAll(options) ? 'clusterState' : 'state', before, stateOf());
  }

  /** In the default store, or in whichever is open. */
  private record(action: AuditAction, field: 'state' | 'clusterState', before: string, after: string): void {
    const open = [...this.parts.stores.values()].filter((entry) => entry.open);
    const entry = open.find(({ alias }) => alias === 'default') ?? open[0];
    if (entry && before !== after) {
      void this.parts.trail.record(entry, { action, changes: [{ field, before, after }] });
    }
  }

  /** @throws InvalidInputError */
  private isForAll(options: ScopeOptions): boolean {
    return readScope(options) === 'cluster' && this.parts.cluster.isShared;
  }
}
