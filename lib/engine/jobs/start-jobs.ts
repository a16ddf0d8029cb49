import type { JobRecord } from '../model/job.js';
import type { Logger } from '../logger.js';
import type { StoreEntry } from '../runs/store-entry.js';

/** Runs a job because of the start. False when that is not possible just now. */
export type StartRun = (entry: StoreEntry, job: JobRecord) => boolean;

interface StartJob {
  readonly entry: StoreEntry;
  readonly id: string;
  /** Whether it has still to run for the latest start. */
  isDue: boolean;
}

/** The jobs that run at each start, and where they are. */
export class StartJobs {
  private readonly jobs = new Map<string, StartJob>();

  constructor(private readonly logger: Logger) {}

  /** A job is one of them from now on, if it says so. */
  note(entry: StoreEntry, { id, runOnStart }: JobRecord): void {
    if (!runOnStart) return;
    const key = JSON.stringify([entry.alias, id]);
    if (!this.jobs.has(key)) this.jobs.set(key, { entry, id, isDue: false });
  }

  /** It is to run when the scheduler goes on. */
  demand(entry: StoreEntry, id: string): void {
    this.jobs.set(JSON.stringify([entry.alias, id]), { entry, id, isDue: true });
  }

  /** The scheduler has started: all of them are to run. */
  renew(): void {
    for (const job of this.jobs.values()) job.isDue = true;
  }

  /** Runs those that have still to run. One whose store fails is logged, and holds up no other. */
  async runAll(run: StartRun): Promise<void> {
    const due = [...this.jobs].filter(([, { isDue }]) => isDue);
    await Promise.all(due.map(([key, job]) => this.runOne(key, job, run)));
  }

  private async runOne(key: string, due: StartJob, run: StartRun): Promise<void> {
    const { entry, id } = due;
    due.isDue = false;
    try {
      const job = await entry.store.get(id);
      if (!job?.runOnStart) this.jobs.delete(key);
      else if (!job.paused) due.isDue = !run(entry, job);
    } catch (error) {
      this.logger.error(`Job "${id}" did not run at the start`, error);
    }
  }
}
