import type { Clock, Timer } from '../../engine/clock.js';
import { formatDate } from '../../engine/time/iso-date.js';
import { eventText } from './event-text.js';
import { idOf, textOf, type FeedRecord } from './feed-record.js';

const WINDOW_MS = 250;
/** How many events of runs, of jobs and of the audit trail each are sent one by one in each window. */
const MOST_IN_WINDOW = 50;

/** Sends events one by one, and counts those of jobs, runs and the audit trail that are more than a client can show. */
export class EventSampler {
  private windowAt = -Infinity;
  private sent = { jobs: 0, runs: 0, audit: 0 };
  /** Null while nothing is counted. */
  private counts: Record<string, number> | null = null;
  private isPartial = false;
  private latest: FeedRecord | null = null;
  private timer: Timer | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly send: (text: string) => void,
  ) {}

  take(record: FeedRecord): void {
    const { change } = record;
    this.openWindow(record.at);
    this.latest = record;
    if (!('jobStore' in change)) {
      this.send(textOf(record));
      return;
    }
    if (change.type === 'gap') {
      this.isPartial = true;
      this.count();
      return;
    }
    // Each has its own share: people change jobs, and machines make runs.
    const kind = 'runId' in change ? 'runs' : 'auditId' in change ? 'audit' : 'jobs';
    if (this.sent[kind]++ < MOST_IN_WINDOW) this.send(textOf(record));
    else this.count(change.type);
  }

  /** Sends the counts of the window that is not over yet. */
  flush(): void {
    this.close();
    const { counts, isPartial: partial, latest } = this;
    if (!counts || !latest) return;
    this.counts = null;
    this.isPartial = false;
    const time = formatDate(this.clock.now(), 'UTC');
    this.send(eventText(idOf(latest), { type: 'counts', time, counts, partial }));
  }

  close(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  private openWindow(now: number): void {
    // A clock may be set back.
    if (Math.abs(now - this.windowAt) < WINDOW_MS) return;
    this.flush();
    this.windowAt = now;
    this.sent = { jobs: 0, runs: 0, audit: 0 };
  }

  private count(type?: string): void {
    this.counts ??= {};
    if (type !== undefined) this.counts[type] = (this.counts[type] ?? 0) + 1;
    this.timer ??= this.clock.setTimer(() => this.flush(), WINDOW_MS);
  }
}
