import type { Clock } from '../clock.js';
import { within } from '../util/deadline.js';
import { SchedulerNotRunningError } from '../errors.js';
import { PATIENCE, type Waits } from './run-ender.js';

/** An end that goes on. */
interface Ending {
  readonly done: Promise<void>;
  readonly cut: () => void;
}

/** The ways from one state to the next, one after the other. */
export class Transitions {
  /** The end of the latest: each waits for the one before it. */
  private latest: Promise<unknown> = Promise.resolve();
  /** A start, a pause or a resume that goes on; aborted when an end will not wait for it. */
  private beginning: AbortController | null = null;
  private ending: Ending | null = null;

  constructor(private readonly clock: Clock) {}

  get isEnding(): boolean {
    return this.ending !== null;
  }

  /** Resolves when none is under way. Never rejects. */
  async settled(): Promise<void> {
    await this.latest;
  }

  begin(begin: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return this.exclusively(async () => {
      const beginning = new AbortController();
      this.beginning = beginning;
      await begin(beginning.signal).finally(() => (this.beginning = null));
    });
  }

  /** @param limit - how long it waits for runs, in seconds. */
  end(limit: number, end: (waits: Waits) => Promise<void>): Promise<void> {
    let cut!: () => void;
    const isCut = new Promise<void>((resolve) => (cut = resolve));
    // A store that does not open must not keep the scheduler from stopping.
    const impatience = this.clock.setTimer(() => {
      this.beginning?.abort(new SchedulerNotRunningError());
    }, PATIENCE * 1000);
    const done = this.exclusively(() => {
      impatience.cancel();
      return end({ limit, isCut });
    }).finally(() => (this.ending = null));
    this.ending = { done, cut };
    return done;
  }

  /** Waits for the end that goes on, and lets it wait for runs no longer than this. Does nothing when there is none. */
  async hasten(limit: number): Promise<void> {
    if (!this.ending) return;
    const { done, cut } = this.ending;
    if (limit > 0) await within(this.clock, limit, done);
    cut();
    await done;
  }

  private exclusively(change: () => Promise<void>): Promise<void> {
    const turn = this.latest.then(change);
    this.latest = turn.catch(() => undefined);
    return turn;
  }
}
