import type { Clock } from '../../../engine/clock.js';

/** A connection's socket. */
export interface Cuttable {
  destroy(error: Error): unknown;
}

/**
 * Closes connections that leave a query unanswered. A lost network route causes no error: without a deadline a query would wait
 * for a quarter of an hour until the system gives up, and so would the store.
 */
export class QueryDeadline {
  /** @param limitMs - how long a query may take, in milliseconds. */
  constructor(
    private readonly clock: Clock,
    private readonly limitMs: number,
  ) {}

  /**
   * Watches a connection while it is checked out of its pool.
   *
   * @returns a function that runs a query: it resolves with the query, or closes the connection and throws the reason. A
   *   closed connection throws that reason for every further query, including ROLLBACK, since drivers forget it.
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
