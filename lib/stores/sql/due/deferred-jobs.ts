import type { Clock } from '../../../engine/clock.js';

/** Due work that this node cannot run: it does not block other work, and is considered again after a while. */
export class DeferredJobs {
  /** The end of each deferral by key, in epoch milliseconds. */
  private readonly until = new Map<string, number>();

  /** @param forMs - the duration; `Infinity` until `reconsider()`. */
  constructor(
    private readonly clock: Clock,
    private readonly forMs: number,
  ) {}

  leave(key: string): void {
    this.until.delete(key);
    this.until.set(key, this.clock.now() + this.forMs);
  }

  /** Ends the deferral of one item, or of all. */
  reconsider(key?: string): void {
    if (key === undefined) this.until.clear();
    else this.until.delete(key);
  }

  /** The keys that are still deferred. */
  keys(): readonly string[] {
    const now = this.clock.now();
    for (const [key, until] of this.until) {
      // Ordered by their ends: all after the first one that stays also stay.
      if (until > now) break;
      this.until.delete(key);
    }
    return [...this.until.keys()];
  }

  /** When the first deferral ends; `Infinity` if there is none. */
  get next(): number {
    for (const until of this.until.values()) return until;
    return Infinity;
  }
}
