/** For how many heartbeats in a row a run must not be held: a claim or a record may be on its way in either direction. */
const HEARTBEATS = 3;

/** Finds the runs that a store keeps under a node's lease though the node does not hold them. */
export class UnheldRuns {
  /** For how many heartbeats each has not been held. */
  private counts = new Map<string, number>();

  /**
   * Compares both sides; to be called once with each heartbeat.
   *
   * @param stored - the ids of what stands under the lease and has not settled.
   * @returns the ids of those that have not been held for three heartbeats in a row.
   */
  compare(stored: Iterable<string>, held: ReadonlySet<string>): readonly string[] {
    const counts = new Map<string, number>();
    const lost: string[] = [];
    for (const id of stored) {
      if (held.has(id)) continue;
      const count = (this.counts.get(id) ?? 0) + 1;
      counts.set(id, count);
      if (count >= HEARTBEATS) lost.push(id);
    }
    this.counts = counts;
    return lost;
  }
}
