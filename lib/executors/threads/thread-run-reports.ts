import type { MessagePort } from 'node:worker_threads';
import { SystemClock, type Timer } from '../../engine/clock.js';
import { cutText } from '../../engine/runs/cut-text.js';
import { show } from '../../engine/util/inspect.js';
import type { LoggedLine, RunReports } from '../remote/run-reports.js';
import type { ReportMessage } from './messages.js';

/** How long what a task says is collected, in milliseconds: a task may say something in each round of a loop. */
const COLLECTED_MS = 50;
/** How much is kept meanwhile: of a run's own lines no more are kept anyway. */
const MOST_LINES = 1000;
const LINE_LENGTH = 1000;

/** What a task says while it runs, on its way to the main thread: at once, and collected where it says much. */
export class ThreadRunReports implements RunReports {
  private readonly clock = new SystemClock();
  private lines: string[] = [];
  private logged: LoggedLine[] = [];
  private dropped = 0;
  private fraction: number | undefined;
  private sentAt = -Infinity;
  private timer: Timer | null = null;

  constructor(private readonly port: MessagePort) {}

  line(text: unknown): void {
    this.lines.push(cutText(typeof text === 'string' ? text : show(text), LINE_LENGTH));
    if (this.lines.length > 2 * MOST_LINES) this.lines = this.lines.slice(-MOST_LINES);
    this.changed();
  }

  log(line: LoggedLine): void {
    if (this.logged.length < MOST_LINES) this.logged.push(line);
    else this.dropped++;
    this.changed();
  }

  progress(fraction: number): void {
    this.fraction = fraction;
    this.changed();
  }

  /** Sends what is left. */
  flush(): void {
    this.timer?.cancel();
    this.timer = null;
    const { dropped, fraction } = this;
    if (dropped > 0) {
      const message = `${dropped} lines of this run are left out: it writes too many at once`;
      this.logged.push({ level: 'warn', message, error: null });
    }
    const report: ReportMessage = {
      ...(this.lines.length > 0 && { lines: this.lines.slice(-MOST_LINES) }),
      ...(this.logged.length > 0 && { logged: this.logged }),
      ...(fraction !== undefined && { progress: fraction }),
    };
    this.lines = [];
    this.logged = [];
    this.dropped = 0;
    this.fraction = undefined;
    this.sentAt = this.clock.monotonic();
    if (Object.keys(report).length > 0) this.port.postMessage(report);
  }

  /** A loop that never lets go lets no timer come, so the time is asked for as well. */
  private changed(): void {
    if (this.clock.monotonic() - this.sentAt >= COLLECTED_MS) this.flush();
    else this.timer ??= this.clock.setTimer(() => this.flush(), COLLECTED_MS);
  }
}
