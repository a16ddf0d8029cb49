import type { StoreEntry } from '../runs/store-entry.js';
import { LEAST_SET_BACK_MS } from '../stores/set-back-watch.js';
import { StoreLoop, type StoreLoopParts } from './store-loop.js';

/** Each store's loop notices a clock change within its longest sleep; it is logged once. */
const SAME_JUMP_MS = 60_000;

export interface LoopParts extends StoreLoopParts {
  readonly stores: ReadonlyMap<string, StoreEntry>;
}

/**
 * Runs one loop per store, so that a slow, busy or hanging store does not delay the others. Each loop has one timer for all of
 * its jobs.
 */
export class Loop {
  private active = false;
  private readonly loops = new Map<StoreEntry, StoreLoop>();
  private readonly loopParts: StoreLoopParts;
  /** When the last clock change was logged, by the changed clock. */
  private jumpToldAt = -Infinity;

  constructor(private readonly parts: LoopParts) {
    this.loopParts = { ...parts, clockSetBack: (entry, ms) => this.clockSetBack(entry, ms) };
  }

  start(): void {
    this.active = true;
    for (const entry of this.parts.stores.values()) this.add(entry);
  }

  /** Claims nothing more. Resolves when everything claimed has been handed over. */
  async stop(): Promise<void> {
    this.active = false;
    await Promise.all(Array.from(this.loops.values(), (loop) => loop.stop()));
  }

  /** Stops, and forgets pending requests, so that stores that are opened again are asked again. */
  async close(): Promise<void> {
    const stopped = this.stop();
    this.loops.clear();
    await stopped;
  }

  /** Starts a loop for a store, if the scheduler is started. */
  add(entry: StoreEntry): void {
    if (!this.active) return;
    let loop = this.loops.get(entry);
    if (!loop) this.loops.set(entry, (loop = new StoreLoop(this.loopParts, entry)));
    loop.start();
  }

  /** Stops the loop of a store. */
  remove(entry: StoreEntry): void {
    void this.loops.get(entry)?.stop();
    this.loops.delete(entry);
  }

  /**
   * Ensures that due jobs are claimed at an instant (epoch milliseconds).
   *
   * @param entry - the store. Default: all stores.
   */
  wake(at: number, entry?: StoreEntry): void {
    if (entry) this.loops.get(entry)?.wake(at);
    else for (const loop of this.loops.values()) loop.wake(at);
  }

  private async clockSetBack(entry: StoreEntry, ms: number): Promise<void> {
    this.tellSetBack(ms);
    if (ms >= LEAST_SET_BACK_MS) await this.parts.clockSetBack(entry, ms);
  }

  private tellSetBack(ms: number): void {
    const { clock, logger } = this.parts;
    const since = clock.now() - this.jumpToldAt;
    if (since >= 0 && since < SAME_JUMP_MS) return;
    this.jumpToldAt = clock.now();
    const by = `${Math.round(ms / 1000)} s`;
    const effect = ms < LEAST_SET_BACK_MS ? 'that changes no next run times' : 'jobs in memory go on from the new time';
    logger.warn(`The clock of this computer has been set back by ${by}; ${effect}`);
  }
}
