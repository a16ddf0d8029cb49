import type { Clock } from '../../../engine/clock.js';

/** Due work that this node cannot do: out of the way of the rest, and looked at again after a while. */
export class DeferredJobs {
  /** Until when, by key: epoch milliseconds. */
  private readonly until = new Map<string, number>();

  /** @param forMs - for how long; `Infinity` until it is told to look again. */
  constructor(
    private readonly clock: Clock,
    private readonly forMs: number,
  ) {}

  leave(key: string): void {
    this.until.delete(key);
    this.until.set(key, this.clock.now() + this.forMs);
  }

  /** Looks at one again, or at all. */
  reconsider(key?: string): void {
    if (key === undefined) this.until.clear();
    else this.until.delete(key);
  }

  /** What is not to be looked at yet. */
  keys(): readonly string[] {
    const now = this.clock.now();
    for (const [key, until] of this.until) {
      // In the order of their ends: the first that stays is followed by others that do.
      if (until > now) break;
      this.until.delete(key);
    }
    return [...this.until.keys()];
  }

  /** When the first is to be looked at again; `Infinity` when none is. */
  get next(): number {
    for (const until of this.until.values()) return until;
    return Infinity;
  }
}
