import type { Clock, Timer } from '../clock.js';
import type { Logger } from '../logger.js';
import type { RunRecord, RunState } from '../model/run-record.js';
import { SPANS, type StatisticsCell, type StatisticsSpan } from '../model/statistics.js';
import { messageOf } from '../util/inspect.js';
import type { StoreEntry } from './store-entry.js';

/** For how long what is counted stays on this node, in milliseconds: stores are not written to for each run. */
const FLUSH_MS = 10_000;

/** How many additions wait for a store that is slow; what comes beyond them is left out. */
const MOST_WAITING = 10;

/** Each interval of a histogram is a quarter longer than the one before; the first one is up to a millisecond. */
const GROWTH = Math.log(1.25);
/** A day and more. */
const LAST_INTERVAL = Math.ceil(Math.log(86_400_000) / GROWTH);

/** The interval of a histogram that a time is in. */
export function intervalOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(LAST_INTERVAL, Math.ceil(Math.log(ms) / GROWTH));
}

/** The middle of an interval of a histogram, in milliseconds: the geometric one. */
export function middleOf(interval: number): number {
  return interval === 0 ? 1 : Math.exp(GROWTH * (interval - 0.5));
}

/** How many runs there were, by state and by intervals of time. */
interface Counts {
  readonly states: Partial<Record<RunState, number>>;
  /** By interval; with holes. */
  readonly durations: number[];
  readonly lateness: number[];
}

const noCounts = (): Counts => ({ states: {}, durations: [], lateness: [] });

/** What is counted of one store since the last flush. */
interface Counted {
  /** The minute of all of it: another one is flushed on its own. */
  minute: number;
  counts: Counts | null;
  timer: Timer | null;
  flushing: Promise<void>;
  /** How many additions the store has not answered yet. */
  waiting: number;
  hasFailed: boolean;
}

export interface RunStatisticsParts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Counts how the runs of this node went, and adds that to the statistics of their stores, at most once in ten seconds. What a node has
 * counted and not added when it is killed is lost.
 */
export class RunStatistics {
  private readonly counted = new Map<StoreEntry, Counted>();

  constructor(private readonly parts: RunStatisticsParts) {}

  /** Counts a run that has settled. */
  add(entry: StoreEntry, { fireTime, finishedAt, startedAt, state }: RunRecord): void {
    const minute = floorTo('minute', finishedAt ?? this.parts.clock.now());
    const counted = this.countedOf(entry, minute);
    if (counted.minute !== minute) {
      void this.flush(entry);
      counted.minute = minute;
    }
    const { durations, lateness, states } = (counted.counts ??= noCounts());
    states[state] = (states[state] ?? 0) + 1;
    if (startedAt !== null) {
      increase(durations, intervalOf((finishedAt ?? startedAt) - startedAt));
      increase(lateness, intervalOf(startedAt - fireTime));
    }
    // A store that is not shared is read on this node only, and reading flushes first.
    if (entry.store.capabilities.shared) {
      counted.timer ??= this.parts.clock.setTimer(() => void this.flush(entry), FLUSH_MS);
    }
  }

  /** Adds what has been counted to the store. Never rejects: what cannot be added is left out. */
  flush(entry: StoreEntry): Promise<void> {
    const counted = this.counted.get(entry);
    if (!counted) return Promise.resolve();
    counted.timer?.cancel();
    counted.timer = null;
    const { counts, minute } = counted;
    if (!entry.open) this.counted.delete(entry);
    if (counts === null || !entry.open) return counted.flushing;
    counted.counts = null;
    if (counted.waiting === MOST_WAITING) return counted.flushing;
    const cells = [...cellsOf('minute', minute, counts), ...cellsOf('hour', minute, counts)];
    const write = async (): Promise<void> => {
      try {
        await entry.store.addStatistics(cells);
        counted.hasFailed = false;
      } catch (error) {
        this.failed(entry, counted, error);
      } finally {
        counted.waiting--;
      }
    };
    counted.waiting++;
    counted.flushing = counted.flushing.then(write);
    this.parts.clock.track?.(counted.flushing);
    return counted.flushing;
  }

  async flushAll(): Promise<void> {
    await Promise.all([...this.counted.keys()].map((entry) => this.flush(entry)));
  }

  /** Gives up what has been counted and not added, and cancels all timers. */
  close(): void {
    for (const { timer } of this.counted.values()) timer?.cancel();
    this.counted.clear();
  }

  /** Statistics are not worth holding anything up: an outage leaves a gap in them. */
  private failed({ alias }: StoreEntry, counted: Counted, error: unknown): void {
    if (!counted.hasFailed) {
      this.parts.logger.debug(`Job store "${alias}" did not add to its statistics: ${messageOf(error)}`);
    }
    counted.hasFailed = true;
  }

  private countedOf(entry: StoreEntry, minute: number): Counted {
    let counted = this.counted.get(entry);
    if (!counted) {
      counted = { minute, counts: null, timer: null, flushing: Promise.resolve(), waiting: 0, hasFailed: false };
      this.counted.set(entry, counted);
    }
    return counted;
  }
}

function increase(counts: number[], interval: number): void {
  counts[interval] = (counts[interval] ?? 0) + 1;
}

function floorTo(span: StatisticsSpan, at: number): number {
  const { lengthMs } = SPANS[span];
  return Math.floor(at / lengthMs) * lengthMs;
}

function cellsOf(span: StatisticsSpan, at: number, { durations, lateness, states }: Counts): StatisticsCell[] {
  const start = floorTo(span, at);
  const cells = Object.entries(states).map(([state, count]) => ({ span, start, series: `state:${state}`, count }));
  // Holes are passed over.
  durations.forEach((count, interval) => cells.push({ span, start, series: `duration:${interval}`, count }));
  lateness.forEach((count, interval) => cells.push({ span, start, series: `lateness:${interval}`, count }));
  return cells;
}
