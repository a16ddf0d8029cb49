import type { RunEntry } from '../../engine/runs/run-entry.js';

/** Marks a run that is in the store. */
const KEPT = {};

/** With how many beats a run is looked for: a command that failed here may still be on its way. */
const DOUBTED_BEATS = 12;

/** The runs that this process has under way, under its present fence. */
export class Claims {
  private readonly runs = new Set<string>();
  /** For how many beats each is still to be looked for. */
  private readonly doubted = new Map<string, number>();

  has(run: RunEntry): boolean {
    return run.place !== null;
  }

  /** A run is in the store now. */
  note(run: RunEntry, id: string, isLive: boolean): void {
    run.place = KEPT;
    this.doubted.delete(id);
    if (isLive) this.runs.add(id);
    else this.runs.delete(id);
  }

  /** Nobody knows whether the store has this run, and whoever asked for it has been told that it failed. */
  doubt(id: string): void {
    this.doubted.set(id, DOUBTED_BEATS);
  }

  /** With a beat: the runs that are in doubt. */
  doubtful(): readonly string[] {
    const ids = [...this.doubted.keys()];
    for (const [id, beats] of this.doubted) {
      if (beats > 1) this.doubted.set(id, beats - 1);
      else this.doubted.delete(id);
    }
    return ids;
  }

  /** The right to all of them is lost. Answers which they were. */
  surrender(): readonly string[] {
    const ids = [...this.runs];
    this.runs.clear();
    return ids;
  }
}
