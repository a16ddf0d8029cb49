import type { Clock } from '../clock.js';
import type { RunnableWork } from '../dispatch/runnable-work.js';
import type {
  JobCounts,
  OutcomeCounts,
  Percentiles,
  RunSummary,
  SchedulerStatistics,
  SpanCounts,
  StatisticsCell,
} from '../model/statistics.js';
import { middleOf, type RunStatistics } from '../runs/run-statistics.js';
import type { StoreEntry } from '../runs/store-entry.js';
import type { JobDirectory } from './job-directory.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

export interface StatisticsParts {
  readonly clock: Clock;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly work: RunnableWork;
  readonly directory: JobDirectory;
  readonly counted: RunStatistics;
}

/** Reads statistics from all stores of a scheduler. */
export class Statistics {
  constructor(private readonly parts: StatisticsParts) {}

  async read(): Promise<SchedulerStatistics> {
    const now = this.parts.clock.now();
    const entries = [...this.parts.stores.values()].filter(({ open }) => open);
    await this.parts.counted.flushAll();
    const minutes: StatisticsCell[] = [];
    const hours: StatisticsCell[] = [];
    // What was counted before the clock was set back may be yet to come.
    const isPast = ({ start }: StatisticsCell): boolean => start <= now;
    for (const { store } of entries) {
      minutes.push(...(await store.getStatistics('minute', now - HOUR)).filter(isPast));
      hours.push(...(await store.getStatistics('hour', now - WEEK)).filter(isPast));
    }
    return {
      jobs: await this.countJobs(entries),
      minutes: countsOf(minutes),
      hours: countsOf(hours),
      lastHour: summaryOf(minutes),
      lastDay: summaryOf(hours.filter(({ start }) => start > now - DAY)),
    };
  }

  /** How many jobs a store has; while it is closed, how many wait to be added to it. */
  async countJobsOf(jobStore: string): Promise<number> {
    const { directory, stores } = this.parts;
    const pending = await directory.pendingJobs(jobStore);
    const entry = stores.get(jobStore);
    if (!entry?.open) return pending.length;
    const { scheduled, paused, waiting, running } = await entry.store.countJobs(this.parts.work.own);
    return pending.length + scheduled + paused + waiting + running;
  }

  private async countJobs(entries: readonly StoreEntry[]): Promise<JobCounts> {
    const { directory } = this.parts;
    const pending = await directory.pendingJobs();
    const total = { scheduled: 0, paused: 0, waiting: 0, running: 0 };
    for (const { paused } of pending) total[paused ? 'paused' : 'scheduled']++;
    await this.parts.work.refresh();
    for (const { alias, store } of entries) {
      const counts = await store.countJobs(this.parts.work.of(alias));
      for (const state of ['scheduled', 'paused', 'waiting', 'running'] as const) total[state] += counts[state];
    }
    return total;
  }
}

function countsOf(cells: readonly StatisticsCell[]): readonly SpanCounts[] {
  const spans = new Map<number, StatisticsCell[]>();
  for (const cell of cells) {
    const known = spans.get(cell.start);
    if (known) known.push(cell);
    else spans.set(cell.start, [cell]);
  }
  return Array.from(spans, ([start, those]) => ({ start, outcomes: outcomesOf(those) }))
    .filter(({ outcomes }) => Object.keys(outcomes).length > 0)
    .sort((a, b) => a.start - b.start);
}

function outcomesOf(cells: readonly StatisticsCell[]): OutcomeCounts {
  return Object.fromEntries(sums(cells, 'state:'));
}

function summaryOf(cells: readonly StatisticsCell[]): RunSummary {
  return {
    outcomes: outcomesOf(cells),
    duration: percentilesOf(sums(cells, 'duration:')),
    lateness: percentilesOf(sums(cells, 'lateness:')),
  };
}

/** The counts of the series with a prefix, by what follows it. */
function sums(cells: readonly StatisticsCell[], prefix: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { count, series } of cells) {
    if (!series.startsWith(prefix)) continue;
    const name = series.slice(prefix.length);
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

function percentilesOf(counts: ReadonlyMap<string, number>): Percentiles | null {
  const intervals = Array.from(counts, ([interval, count]) => ({ interval: Number(interval), count })).sort(
    (a, b) => a.interval - b.interval,
  );
  const total = intervals.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const at = (share: number): number => {
    let below = 0;
    const found = intervals.find(({ count }) => (below += count) >= share * total);
    return Math.round(middleOf(found?.interval ?? 0));
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
