import type { RunOutcome } from '../../engine/model/run-record.js';
import { lost, type HandedRun } from './handed-run.js';
import type { BullJob } from './load-bullmq.js';

/** How many runs are looked at together. */
const BATCH = 1000;
const REMOVED = lost('Its job is not in the queue any more: somebody has removed it');

export interface LookupParts {
  /** Those under way, the ones that were not looked at for the longest time first: a look puts them at the end. */
  readonly runs: Map<string, HandedRun>;
  find(ids: readonly string[]): Promise<readonly (BullJob | undefined)[]>;
  /** It is over. */
  settle(run: HandedRun, outcome: RunOutcome): void;
  /** A worker has it. */
  taken(run: HandedRun): void;
  failed(error: unknown): void;
}

/** Looks in the queue how runs stand: events may be missing. */
export class RunLookup {
  private working: Promise<void> | null = null;
  /** How many are to be looked at without a pause. */
  private left = 0;

  constructor(private readonly parts: LookupParts) {}

  /** Looks at the next runs of all. */
  some(): void {
    this.working ??= this.work().finally(() => (this.working = null));
  }

  all(): void {
    this.left = this.parts.runs.size;
    this.some();
  }

  stop(): void {
    this.left = 0;
  }

  /** Never rejects. @returns how many have turned out to be over. */
  async look(runs: readonly HandedRun[]): Promise<number> {
    const { runs: all } = this.parts;
    for (const run of runs) if (all.get(run.id) === run && all.delete(run.id)) all.set(run.id, run);
    try {
      const jobs = await this.parts.find(runs.map(({ id }) => id));
      return runs.filter((run, index) => this.found(run, jobs[index])).length;
    } catch (error) {
      this.parts.failed(error);
      this.left = 0;
      return 0;
    }
  }

  private async work(): Promise<void> {
    do {
      const runs: HandedRun[] = [];
      for (const run of this.parts.runs.values()) {
        if (runs.length === BATCH) break;
        if (run.isPublished) runs.push(run);
      }
      this.left -= BATCH;
      const ended = await this.look(runs);
      // Those events are missing, and so may be others.
      if (ended > runs.length / 10) this.left = Math.max(this.left, this.parts.runs.size);
    } while (this.left > 0);
  }

  private found(run: HandedRun, job: BullJob | undefined): boolean {
    if (run.isOver) return false;
    const outcome = job ? run.look(job) : (run.takenBackAs ?? REMOVED);
    if (outcome) this.parts.settle(run, outcome);
    else if (run.takenAt !== null && !run.hasStarted) this.parts.taken(run);
    return run.isOver;
  }
}
