import { SystemClock, type Timer } from '../../../engine/clock.js';
import { cutText } from '../../../engine/runs/cut-text.js';
import { show } from '../../../engine/util/inspect.js';
import type { LoggedLine, RunReports } from '../../remote/run-reports.js';
import type { WorkerReport } from '../run-report.js';

/** How long what a task says is collected, in milliseconds: each report is a command and an event of the queue. */
const COLLECTED_MS = 250;
/** How much is kept of a run. */
const MOST_LINES = 1000;
const LINE_LENGTH = 1000;

/** What a task says while it runs, on its way to the scheduler. A short run says all of it with its outcome. */
export class WorkerReports implements RunReports {
  private readonly clock = new SystemClock();
  private lines: string[] = [];
  /** How many lines there have been, and how many of them have been sent. */
  private count = 0;
  private sent = 0;
  private logged: LoggedLine[] = [];
  private loggedCount = 0;
  private fraction: number | undefined;
  private timer: Timer | null = null;
  private sending: Promise<unknown> = Promise.resolve();

  /** @param send - may reject: then the outcome says it again. */
  constructor(
    private readonly about: { readonly worker: string; readonly startedAt: number },
    private readonly send: (report: WorkerReport) => Promise<unknown>,
  ) {
    // Where a run is under way is of interest when it takes long.
    this.changed();
  }

  line(text: unknown): void {
    this.lines.push(cutText(typeof text === 'string' ? text : show(text), LINE_LENGTH));
    this.count++;
    if (this.lines.length > 2 * MOST_LINES) this.lines = this.lines.slice(-MOST_LINES);
    this.changed();
  }

  log(line: LoggedLine): void {
    if (this.loggedCount++ < MOST_LINES) this.logged.push(line);
    this.changed();
  }

  progress(fraction: number): void {
    this.fraction = fraction;
    this.changed();
  }

  /** What the outcome of the run is to say: all lines that are kept. Nothing is on its way any more then. */
  async last(): Promise<WorkerReport> {
    this.timer?.cancel();
    this.timer = null;
    await this.sending;
    return this.report(MOST_LINES);
  }

  private report(most: number): WorkerReport {
    const lines = this.lines.slice(-Math.min(most, MOST_LINES));
    const { count, fraction, logged } = this;
    this.logged = [];
    return {
      ...this.about,
      ...(lines.length > 0 && most > 0 && { from: count - lines.length, lines }),
      ...(logged.length > 0 && { logged }),
      ...(fraction !== undefined && { progress: fraction }),
    };
  }

  private changed(): void {
    this.timer ??= this.clock.setTimer(() => this.flush(), COLLECTED_MS);
  }

  private flush(): void {
    this.timer = null;
    const report = this.report(this.count - this.sent);
    this.sent = this.count;
    this.sending = this.sending.then(() => this.send(report)).catch(() => undefined);
  }
}
