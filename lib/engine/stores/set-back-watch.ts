import type { StoreContext } from './job-store.js';

/** The smallest step back that counts; time servers make smaller ones, and an answer may take some seconds. */
export const LEAST_SET_BACK_MS = 60_000;

/** Notices that the clock that a shared store goes by has been set back: it is compared with this node's monotonic one. */
export class SetBackWatch {
  private last: { readonly storeNow: number; readonly at: number } | null = null;

  /** @returns what takes the store's time, once the store has answered. To be called before it is asked. */
  begin({ clock, clockSetBack }: StoreContext): (storeNow: number) => void {
    const at = clock.monotonic?.();
    return (storeNow) => {
      if (at === undefined) return;
      const { last } = this;
      this.last = { storeNow, at };
      const byMs = last === null ? 0 : last.storeNow + (at - last.at) - storeNow;
      if (byMs >= LEAST_SET_BACK_MS) clockSetBack(byMs);
    };
  }
}
