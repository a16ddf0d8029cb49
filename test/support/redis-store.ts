import { ManualClock, silentLogger, type HistoryLimits, type StoreContext } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import type { ClaimRequest, ClaimResult } from 'nestjs-apscheduler/engine';
import type { Room } from './servers/server-recipe.js';

const HISTORY: HistoryLimits = {
  perJob: 100,
  total: 10_000,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxBytes: 64 * 1024 * 1024,
};

/** What a store is told of a scheduler that does nothing. */
export function contextOf(changes: Partial<StoreContext> = {}): StoreContext {
  return {
    alias: 'default',
    node: 'node',
    instance: 'a1b2c3d4',
    clock: new ManualClock(),
    history: HISTORY,
    audit: { maxAgeMs: 7 * 24 * 60 * 60 * 1000, maxCount: 10_000 },
    logger: silentLogger,
    wake: () => undefined,
    heldRuns: () => new Set(),
    runsUnderLease: () => undefined,
    describeNode: () => '',
    lost: () => undefined,
    jobsLost: () => undefined,
    clockSetBack: () => undefined,
    cluster: () => undefined,
    cancel: () => undefined,
    ...changes,
  };
}

/** A store whose server's clock is turned to the instant that each request for due work names. */
export class TimedRedisJobStore extends RedisJobStore {
  private readonly turn: (at: number) => void;

  constructor({ url, keyPrefix }: Room) {
    let now = 0;
    super({ url, keyPrefix, leaseTime: '1d' }, () => now);
    this.turn = (at) => void (now = at);
  }

  override attach(context: StoreContext): void {
    this.turn(context.clock.now());
    super.attach(context);
  }

  override claimDue(request: ClaimRequest): Promise<ClaimResult> {
    // Before all times is before any job's.
    this.turn(Math.max(request.now, -1e12));
    return super.claimDue(request);
  }
}
