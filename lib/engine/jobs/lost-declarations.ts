import type { Clock, Timer } from '../clock.js';
import type { EventBus } from '../event-bus.js';
import { EVENT_ALL_JOBS_REMOVED, EVENT_JOB_REMOVED, type SchedulerEvent } from '../events.js';
import type { Logger } from '../logger.js';
import type { StoreEntry } from '../runs/store-entry.js';
import type { JobStore } from '../stores/job-store.js';
import type { NewJob } from './job-placement.js';

export interface LostDeclarationsParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly logger: Logger;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly declare: (job: NewJob) => Promise<unknown>;
}

/** How often a node checks which of its declared jobs are there. */
const CHECK_MS = 30_000;
/** How many of them one check reads. */
const MOST_AT_ONCE = 100;

interface Declared {
  readonly job: NewJob;
  /** Whether the last check has not found it. */
  isMissing: boolean;
}

/**
 * Declares jobs again when a store has lost jobs while this node runs: its server has restarted without persistence, its
 * tables were truncated, a backup was restored. The store reports that. A job that is missing without such a report was
 * removed or has completed, and stays away until the next start.
 */
export class LostDeclarations {
  /** By the alias of the store, then by id. */
  private readonly declared = new Map<string, Map<string, Declared>>();
  /** Aliases of stores that have lost jobs, until all declared jobs are back. */
  private readonly suspects = new Set<string>();
  private timer: Timer | null = null;
  private isStarted = false;

  constructor(private readonly parts: LostDeclarationsParts) {}

  start(): void {
    this.isStarted = true;
    this.arm();
  }

  stop(): void {
    this.isStarted = false;
    this.timer?.cancel();
    this.timer = null;
    this.suspects.clear();
  }

  /** A job has been declared, and is in its store or will be at the start. */
  add(id: string, alias: string, job: NewJob): void {
    if (!this.parts.stores.get(alias)?.store.capabilities.durable) return;
    if (this.declared.size === 0) this.parts.events.add(this.forget, EVENT_JOB_REMOVED | EVENT_ALL_JOBS_REMOVED);
    const jobs = this.declared.get(alias) ?? new Map<string, Declared>();
    this.declared.set(alias, jobs.set(id, { job, isMissing: false }));
    this.arm();
  }

  jobsLost({ alias }: StoreEntry): void {
    if (!this.isStarted || !this.declared.has(alias)) return;
    this.suspects.add(alias);
    const restored = this.check();
    this.parts.clock.track?.(restored);
  }

  private arm(): void {
    if (!this.isStarted || this.declared.size === 0) return;
    this.timer ??= this.parts.clock.setTimer(() => {
      this.timer = null;
      const checked = this.check().then(() => this.arm());
      this.parts.clock.track?.(checked);
    }, CHECK_MS);
  }

  /** Does not fail: a store that cannot be asked is asked again. */
  private async check(): Promise<void> {
    for (const [alias, jobs] of this.declared) {
      const entry = this.parts.stores.get(alias);
      if (!entry?.open) continue;
      try {
        if (this.suspects.has(alias)) await this.restore(entry, jobs);
        else await this.look(entry, jobs);
      } catch (error) {
        this.parts.logger.warn(`Declared jobs of job store "${alias}" could not be checked: ${String(error)}`);
      }
    }
  }

  private async restore(entry: StoreEntry, jobs: ReadonlyMap<string, Declared>): Promise<void> {
    const { clock, declare, logger } = this.parts;
    const lost: NewJob[] = [];
    for (const [id, { job }] of jobs) if (!(await isThere(entry.store, id))) lost.push(job);
    if (lost.length > 0) {
      entry.pulse.jobsLostAt = clock.now();
      logger.error(`Job store "${entry.alias}" has lost ${lost.length} declared job(s): they are declared again`);
    }
    for (const job of lost) await declare(job);
    this.suspects.delete(entry.alias);
  }

  /** Forgets jobs that have gone. Twice missing, as the first time the store may have been emptied just before. */
  private async look({ alias, store }: StoreEntry, jobs: Map<string, Declared>): Promise<void> {
    for (const [id, declared] of [...jobs].slice(0, MOST_AT_ONCE)) {
      const isMissing = !(await isThere(store, id));
      if (this.suspects.has(alias)) return;
      // The next check begins with those that this one has not read.
      jobs.delete(id);
      if (!isMissing || !declared.isMissing) jobs.set(id, { ...declared, isMissing });
    }
  }

  private readonly forget = (event: SchedulerEvent): void => {
    if (event.code === EVENT_JOB_REMOVED) this.declared.get(event.jobStore)?.delete(event.jobId);
    else if (event.code !== EVENT_ALL_JOBS_REMOVED) return;
    else if (event.alias === null) for (const jobs of this.declared.values()) jobs.clear();
    else this.declared.get(event.alias)?.clear();
  };
}

/** Whether a store has a job, which may be one that it cannot read. */
async function isThere(store: JobStore, id: string): Promise<boolean> {
  let isUnreadable = false;
  return (await store.get(id, () => (isUnreadable = true))) !== undefined || isUnreadable;
}
