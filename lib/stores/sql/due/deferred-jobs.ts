import type { RawBuilder } from 'kysely';
import { sql } from '../connection/kysely.js';
import type { Clock } from '../../../engine/clock.js';
import type { SqlSession } from '../sql-session.js';

/** How many keys are named in statements; what is deferred beyond that is passed over by its place. */
const MOST_KEYS = 1000;
/** For how many times as long it is deferred: all of it is looked at again. */
const LONGER = 6;

/** The place of due work in the order of times and ids. */
interface Place {
  readonly time: number;
  readonly id: string;
}

/** Due work that this node cannot run: it does not block other work, and is considered again after a while. */
export class DeferredJobs {
  /** The end of each deferral by key, in epoch milliseconds. */
  private readonly until = new Map<string, number>();
  /** All due work up to here is deferred, too. */
  private passed: Place | null = null;
  /** The end of that, in epoch milliseconds; `Infinity` until all due work has been looked at. */
  private passedUntil = Infinity;
  /** All work that is due before this is of executors whose runs this node leaves to others. */
  private othersBefore: number | null = null;
  /** The end of that, in epoch milliseconds: what is up there may have changed. */
  private othersUntil = Infinity;

  /** @param forMs - the duration; `Infinity` until `reconsider()`. */
  constructor(
    private readonly clock: Clock,
    private readonly forMs: number,
  ) {}

  leave(key: string): void {
    this.until.delete(key);
    this.until.set(key, this.clock.now() + this.forMs);
  }

  /**
   * A page of due work has been looked at.
   *
   * @param last - the last one of it that was left, if any.
   * @param isEnd - whether no more is due.
   */
  pass(last: Place | undefined, isEnd: boolean): void {
    if (this.passed === null && this.until.size <= MOST_KEYS) return;
    // Of one time, ids were in no order so far.
    if (last) this.passed = this.passed === null ? { time: last.time, id: '' } : last;
    if (this.passed === null) return;
    this.until.clear();
    if (isEnd && this.passedUntil === Infinity) this.passedUntil = this.clock.now() + this.forMs * LONGER;
  }

  /** All work that is due up to a time is of executors whose runs this node leaves to others, or is deferred. */
  leaveOthers(upTo: number): void {
    // What is deferred by its key is to be looked at again when that ends.
    const longer = this.until.size > 0 ? 1 : LONGER;
    if (this.othersBefore === null) this.othersUntil = this.clock.now() + this.forMs * longer;
    this.othersBefore = upTo + 1;
  }

  /** Ends the deferral of one item, or of all. */
  reconsider(key?: string): void {
    if (key !== undefined) this.until.delete(key);
    else this.until.clear();
    // A job has its place after what was due before, unless it was given a time in the past.
    if (key !== undefined && this.forMs !== Infinity) return;
    this.passed = null;
    this.passedUntil = Infinity;
    this.forgetOthers();
  }

  private forgetOthers(): void {
    this.othersBefore = null;
    this.othersUntil = Infinity;
  }

  /**
   * SQL: that work is not deferred, by its time and its id.
   *
   * @param others - further ids to leave out.
   */
  isNot(session: SqlSession, time: string, id: string, others: Iterable<string> = []): RawBuilder<unknown> {
    const keys = [...this.keys(), ...others];
    const isOther = keys.length > 0 ? sql`NOT ${session.among(id, keys)}` : sql`1 = 1`;
    const { othersBefore, passed } = this;
    const [at, key] = [sql.raw(time), sql.raw(id)];
    const isLater = othersBefore === null ? isOther : sql`${isOther} AND ${at} >= ${othersBefore}`;
    if (passed === null) return isLater;
    return sql`${isLater} AND ${at} >= ${passed.time} AND (${at} > ${passed.time} OR ${key} > ${passed.id})`;
  }

  /** SQL: the order in which due work is to be looked at. */
  get order(): RawBuilder<unknown> {
    return sql.raw(this.passed === null ? 'next_run_time' : 'next_run_time, id');
  }

  /** When the first deferral ends; `Infinity` if there is none. */
  get next(): number {
    const [first = Infinity] = this.until.values();
    return Math.min(first, this.passedUntil, this.othersUntil);
  }

  /** The keys that are still deferred. */
  private keys(): Iterable<string> {
    const now = this.clock.now();
    if (this.passedUntil <= now) this.reconsider();
    if (this.othersUntil <= now) this.forgetOthers();
    for (const [key, until] of this.until) {
      // Ordered by their ends: all after the first one that stays also stay.
      if (until > now) break;
      this.until.delete(key);
    }
    return this.until.keys();
  }
}
