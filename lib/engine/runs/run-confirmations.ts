import type { RunEntry } from './run-entry.js';

/** Who wait for runs, by run. */
type Waits = Map<RunEntry, readonly ((isRecorded: boolean) => void)[]>;

/**
 * Who wait for a run to be recorded. A write confirms what was put before it began: what is put while it is under way, of the same
 * run too, comes with a later one.
 */
export class RunConfirmations {
  private readonly waits: Waits = new Map();

  /** Resolves once the run has been recorded as it is now: whether the store has taken it. */
  wait(run: RunEntry): Promise<boolean> {
    return new Promise((resolve) => this.waits.set(run, [...(this.waits.get(run) ?? []), resolve]));
  }

  /** A write of these runs begins. */
  begin(runs: readonly RunEntry[]): Waits {
    const taken: Waits = new Map();
    if (this.waits.size === 0) return taken;
    for (const run of runs) {
      const all = this.waits.get(run);
      if (all) taken.set(run, all);
      this.waits.delete(run);
    }
    return taken;
  }

  /** It has failed, and is tried again. */
  failed(taken: Waits): void {
    for (const [run, all] of taken) this.waits.set(run, all.concat(this.waits.get(run) ?? []));
  }

  /** It is done. */
  done(taken: Waits, refused: readonly string[]): void {
    if (taken.size === 0) return;
    const others = new Set(refused);
    for (const [run, all] of taken) for (const resolve of all) resolve(!others.has(run.id));
  }
}
