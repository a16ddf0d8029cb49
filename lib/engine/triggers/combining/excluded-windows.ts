import type { TimeWindow } from '../calendar/calendar-day.js';

/** Stretches of time, sorted, none touching another: however many are given, the one around an instant is soon found. */
export class ExcludedWindows {
  private readonly windows: readonly TimeWindow[];

  constructor(windows: Iterable<TimeWindow>) {
    const merged: TimeWindow[] = [];
    for (const window of [...windows].toSorted((a, b) => a.from - b.from)) {
      const before = merged.at(-1);
      if (before === undefined || window.from > before.to) merged.push(window);
      else if (window.to > before.to) merged[merged.length - 1] = { from: before.from, to: window.to };
    }
    this.windows = merged;
  }

  /** The window that an instant is in. */
  around(time: number): TimeWindow | undefined {
    let [low, high] = [0, this.windows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.windows[middle]?.from ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    const window = this.windows[low - 1];
    return window !== undefined && time < window.to ? window : undefined;
  }
}
