import type { JobRecord } from '../job.js';

/** What a store can do. Asked for here, never by `instanceof`. */
export interface StoreCapabilities {
  /** Jobs outlive the process. They must have ids of their own and registered tasks. */
  readonly durable: boolean;
  /** Several nodes may use the same jobs at once. */
  readonly shared: boolean;
  /** Tells of changes that other nodes make. */
  readonly notifying: boolean;
}

/** A run that is due. */
export interface DueRun {
  /** In epoch milliseconds. */
  readonly nominalTime: number;
  /** The nominal time and its jitter, in epoch milliseconds. */
  readonly fireTime: number;
}

/** What becomes of a due job: the runs to make now, and where it goes on. */
export interface RunPlan {
  readonly runs: readonly DueRun[];
  /** The earliest missed nominal time that coalescing folded into the run; null when there was none. */
  readonly coalescedFrom: number | null;
  /** Missed times beyond the catch-up limit, which nobody will run. */
  readonly dropped: { readonly from: number; readonly to: number } | null;
  /** Null when the trigger has ended: the job stays until these runs have an outcome. */
  readonly next: DueRun | null;
  /** The trigger could not say its next time: the job is paused, and stays for whoever looks into it. */
  readonly parks: boolean;
}

/** Asks a store for due work. */
export interface TakeRequest {
  /** In epoch milliseconds. */
  readonly now: number;
  /** At most this many jobs. */
  readonly limit: number;
  /** Decides about one due job. Null leaves the job where it is: this node cannot run it. Must not throw. */
  readonly plan: (job: JobRecord) => RunPlan | null;
}

/** A job that a store has handed out: moved on and taken in one step. */
export interface TakenJob {
  /** As it stands now, with its next run time already set. */
  readonly job: JobRecord;
  readonly plan: RunPlan;
}

export interface TakeResult {
  readonly taken: readonly TakenJob[];
  /** When the next job falls due, in epoch milliseconds; not later than now when more are due already. Null when none will. */
  readonly nextDue: number | null;
}

/**
 * Where jobs live. Every method is one atomic step.
 * A store that is not durable also answers before `start` and after `stop`: its jobs are in this process.
 */
export interface JobStore {
  readonly capabilities: StoreCapabilities;
  /** Called before anything else, with the alias that this scheduler knows the store by. */
  start?(alias: string): Promise<void>;
  /** Releases what `start` took. */
  stop?(): Promise<void>;
  /** @throws ConflictingIdError when the id is taken. */
  add(job: JobRecord): Promise<void>;
  get(id: string): Promise<JobRecord | undefined>;
  /** All jobs: by next run time, those without one last. */
  list(): Promise<readonly JobRecord[]>;
  /**
   * Replaces a job with what `change` makes of it; leaves it when `change` throws.
   *
   * @returns the new record.
   * @throws JobLookupError
   */
  update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord>;
  /** @throws JobLookupError */
  remove(id: string): Promise<void>;
  /** Removes a job that has no time left: neither a next run time nor a pause. False when it is not such a one. */
  removeIfEnded(id: string): Promise<boolean>;
  removeAll(): Promise<void>;
  /** Takes due jobs, in order of their run times. */
  takeDue(request: TakeRequest): Promise<TakeResult>;
  /** Looks again at jobs that a plan left where they are: a task or an executor has appeared. */
  reconsider(): void;
}
