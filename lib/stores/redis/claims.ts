import type { RunEntry } from '../../engine/runs/run-entry.js';

/** Marks a run that is in the store. */
const KEPT = {};

/** The runs that this process has under way, under its present fence. */
export class Claims {
  private readonly runs = new Set<string>();

  has(run: RunEntry): boolean {
    return run.place !== null;
  }

  /** A run is in the store now. */
  note(run: RunEntry, id: string, isLive: boolean): void {
    run.place = KEPT;
    if (isLive) this.runs.add(id);
    else this.runs.delete(id);
  }

  /** The right to all of them is lost. Answers which they were. */
  surrender(): readonly string[] {
    const ids = [...this.runs];
    this.runs.clear();
    return ids;
  }
}
