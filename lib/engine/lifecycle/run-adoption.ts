import type { Clock, Timer } from '../clock.js';
import type { Executor } from '../executors/executor.js';
import type { Roles } from '../executors/roles.js';
import type { Logger } from '../logger.js';
import type { Runner } from '../runs/runner.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { messageOf } from '../util/inspect.js';

/** How often the stores are asked for handed-over runs that no node watches. */
const LOOK_MS = 5_000;
/** How many runs are adopted in one step. */
const AT_ONCE = 500;

export interface RunAdoptionParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly executors: ReadonlyMap<string, Executor>;
  readonly roles: Roles;
  readonly runner: Runner;
}

/**
 * Adopts handed-over runs that no node watches: those of nodes that have stopped or died. Does nothing on a node without an executor
 * that hands runs over, or whose roles leave that to others.
 */
export class RunAdoption {
  private isActive = false;
  private timer: Timer | null = null;
  private looking: Promise<void> = Promise.resolve();
  /** Whether the last look has failed: the next failure is not logged. */
  private isFailing = false;

  constructor(private readonly parts: RunAdoptionParts) {}

  /** Resolves after the first look. Never rejects. */
  async start(): Promise<void> {
    this.isActive = true;
    await this.look();
  }

  /** Resolves when no look is under way. */
  async stop(): Promise<void> {
    this.isActive = false;
    this.timer?.cancel();
    this.timer = null;
    await this.looking;
  }

  /** Looks now: an executor or a store has been added. */
  wake(): void {
    if (!this.isActive) return;
    const looked = this.look();
    this.parts.clock.track?.(looked);
  }

  private look(): Promise<void> {
    this.timer?.cancel();
    this.timer = null;
    this.looking = this.looking.then(() => this.lookAtAll());
    return this.looking;
  }

  private async lookAtAll(): Promise<void> {
    const { clock, executors, logger, roles, runner, stores } = this.parts;
    const isOurs = ([alias, { handsOver }]: [string, Executor]): boolean => handsOver === true && roles.takes(alias);
    const aliases = Array.from(executors)
      .filter(isOurs)
      .map(([alias]) => alias);
    if (!this.isActive || aliases.length === 0) return;
    // What this node has left itself may be among them.
    await runner.handedOver.left();
    try {
      for (const entry of stores.values()) if (entry.open) await this.adoptAll(entry, aliases);
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) logger.warn(`Handed-over runs of other nodes are not adopted: ${messageOf(error)}`);
      this.isFailing = true;
    }
    if (!this.isActive || this.timer) return;
    this.timer = clock.setTimer(() => {
      const looked = this.look();
      clock.track?.(looked);
    }, LOOK_MS);
  }

  private async adoptAll(entry: StoreEntry, executors: readonly string[]): Promise<void> {
    const { clock, logger, runner } = this.parts;
    let count = 0;
    for (let isMore = true; isMore && this.isActive;) {
      const adopted = await entry.store.adoptRuns({ executors, limit: AT_ONCE });
      count += adopted.length;
      // Of a node that is stopping by now, they are left to others with its lease.
      if (this.isActive) for (const one of adopted) runner.handedOver.adopt(entry, one);
      isMore = adopted.length >= AT_ONCE;
      if (isMore) await clock.yield();
    }
    if (count > 0)
      logger.info(`${count} handed-over run(s) of job store "${entry.alias}" are watched by this node now`);
  }
}
