import type { Clock, Timer } from '../clock.js';
import type { Logger } from '../logger.js';

/** How long an answer may take before health shows it. */
const SILENT_MS = 5_000;
/** How long an answer may take before it is logged. */
const SLOW_MS = 30_000;

export interface SlowWatchParts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reports 5 s without an answer, logs once after 30 s, and once on recovery. */
export class SlowWatch {
  private timer: Timer | null = null;
  private isTold = false;

  constructor(
    private readonly parts: SlowWatchParts,
    /** Who must answer: `Job store "x"`. */
    private readonly subject: string,
    /** What is missing, and the consequence: `said what is due; its jobs wait`. Follows "has not". */
    private readonly matter: string,
    /** Called without an answer, with the instant of the request in epoch milliseconds. */
    private readonly onSilence: (since: number) => void = () => undefined,
  ) {}

  /** Starts waiting for an answer. */
  begin(): void {
    const { clock } = this.parts;
    this.timer ??= clock.setTimer(() => {
      this.onSilence(clock.now() - SILENT_MS);
      this.timer = clock.setTimer(() => this.tell(), SLOW_MS - SILENT_MS);
    }, SILENT_MS);
  }

  /** Notes the answer. */
  end(): void {
    this.forget();
    if (!this.isTold) return;
    this.isTold = false;
    this.parts.logger.info(`${this.subject} answers again`);
  }

  /** Stops waiting. */
  forget(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  private tell(): void {
    this.isTold = true;
    this.parts.logger.error(`${this.subject} has for ${SLOW_MS / 1000} s not ${this.matter}`);
  }
}
