/** With how many beats a run is looked for: a statement whose answer was cut off may still be on its way. */
const BEATS = 12;

interface Doubt {
  /** Whether it is to be made by somebody. */
  readonly isDue: boolean;
  beats: number;
}

/** Runs that the database may have under this node's lease, and that nobody makes: the step that wrote them down failed. */
export class Doubts {
  private readonly runs = new Map<string, Doubt>();
  /** Whether there are some that have not been looked for yet. */
  isFresh = false;

  add(runIds: Iterable<string>, isDue: boolean): void {
    for (const id of runIds) {
      this.runs.set(id, { isDue, beats: BEATS });
      this.isFresh = true;
    }
  }

  list(isDue: boolean): readonly string[] {
    return [...this.runs].filter(([, doubt]) => doubt.isDue === isDue).map(([id]) => id);
  }

  /** They have been looked for once more. */
  age(): void {
    for (const [id, doubt] of this.runs) if (--doubt.beats <= 0) this.runs.delete(id);
  }

  clear(): void {
    this.runs.clear();
    this.isFresh = false;
  }
}
