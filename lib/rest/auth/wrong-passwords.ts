import type { Clock } from '../../engine/clock.js';
import type { Logger } from '../../engine/logger.js';
import { networkOf } from './network-of.js';

/** So many may be wrong before answers are delayed: people mistype. */
const FREE = 5;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;
/** How many delayed answers one address may wait for at a time. */
const MAX_WAITING = 20;
/** After how long without a wrong password an address starts anew. */
const MEMORY_MS = 15 * 60_000;
const MAX_ADDRESSES = 10_000;

interface Attempts {
  failures: number;
  waiting: number;
  lastAt: number;
}

/**
 * Slows down who guesses passwords, by address, and logs it. Right passwords are never delayed, and other addresses are not
 * affected. The memory for addresses is bounded: the one that has been quiet for longest is forgotten first.
 */
export class WrongPasswords {
  private readonly attempts = new Map<string, Attempts>();

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Whether an address is still to get the answers to its last guesses: it gets no more until then. */
  isBlocked(address: string): boolean {
    return (this.attempts.get(networkOf(address))?.waiting ?? 0) >= MAX_WAITING;
  }

  /** A right password: the address starts anew. */
  forget(address: string): void {
    const network = networkOf(address);
    // Answers under way must go on counting.
    if (this.attempts.get(network)?.waiting === 0) this.attempts.delete(network);
  }

  /** A wrong password. Resolves when it may be answered. */
  async delay(address: string): Promise<void> {
    const network = networkOf(address);
    const attempts = this.next(network);
    if (attempts.failures >= FREE && isMilestone(attempts.failures)) {
      this.logger.warn(
        `${attempts.failures} wrong passwords for the REST API from ${network}; its answers are slowed down`,
      );
    }
    const beyond = attempts.failures - FREE - 1;
    if (beyond < 0) return;
    attempts.waiting++;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(beyond, 10), LONGEST_DELAY_MS);
    await new Promise<void>((resolve) => this.clock.setTimer(resolve, delayMs));
    attempts.waiting--;
  }

  private next(network: string): Attempts {
    const now = this.clock.now();
    const known = this.attempts.get(network);
    const isFresh = known !== undefined && now - known.lastAt < MEMORY_MS;
    const attempts = isFresh ? known : { failures: 0, waiting: known?.waiting ?? 0, lastAt: now };
    attempts.failures++;
    attempts.lastAt = now;
    // A map keeps the order of insertion: the first is the one that has been quiet for longest.
    this.attempts.delete(network);
    this.attempts.set(network, attempts);
    if (this.attempts.size > MAX_ADDRESSES) {
      const [oldest] = this.attempts.keys();
      if (oldest !== undefined) this.attempts.delete(oldest);
    }
    return attempts;
  }
}

/** 5, 10, 20, 40 and so on. */
const isMilestone = (failures: number): boolean => Number.isInteger(Math.log2(failures / FREE));
