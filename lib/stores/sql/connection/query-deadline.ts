import type { Clock } from '../../../engine/clock.js';

/** A connection's socket. */
export interface Cuttable {
  destroy(error: Error): unknown;
}

/**
 * Gives up connections that leave a query unanswered. A network that has lost its route tells nobody: without a deadline
 * a query waits a quarter of an hour until the system gives up, and the store with it.
 */
export class QueryDeadline {
  /** @param limitMs - how long a query may take, in milliseconds. */
  constructor(
    private readonly clock: Clock,
    private readonly limitMs: number,
  ) {}

  /**
   * Watches over a connection while it is out of its pool.
   *
   * @returns what asks: it answers as the query does, or cuts the connection off and says why. A connection that has
   *   been cut off says so to whatever else is asked of it, a ROLLBACK too: drivers forget the reason.
   */
  watch(socket: Cuttable): <T>(query: () => Promise<T>) => Promise<T> {
    let late: Error | undefined;
    const cut = (): void => {
      late = new Error(`The database left a query unanswered for ${this.limitMs / 1000} s`);
      socket.destroy(late);
    };
    return async (query) => {
      if (late) throw late;
      const timer = this.clock.setTimer(cut, this.limitMs);
      try {
        return await query();
      } finally {
        timer.cancel();
      }
    };
  }
}
