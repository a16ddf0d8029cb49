import type { Clock, Timer } from '../clock.js';
import type { Logger } from '../logger.js';

/** How long something may take before the log tells of it. */
const SLOW_MS = 30_000;

export interface SlowWatchParts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tells, once, that something which is waited for does not come; and that it has come after all. */
export class SlowWatch {
  private timer: Timer | null = null;
  private isTold = false;

  constructor(
    private readonly parts: SlowWatchParts,
    /** Who is waited for: `Job store "x"`. */
    private readonly subject: string,
    /** For what, and what that means: `said what is due; its jobs wait`. Follows "has not". */
    private readonly matter: string,
    /** It does not come; called with the instant since when it is waited for, in epoch milliseconds. */
    private readonly onSilence: (since: number) => void = () => undefined,
  ) {}

  /** It is waited for from now on. */
  begin(): void {
    this.timer ??= this.parts.clock.setTimer(() => this.tell(), SLOW_MS);
  }

  /** It has come. */
  end(): void {
    this.forget();
    if (!this.isTold) return;
    this.isTold = false;
    this.parts.logger.info(`${this.subject} answers again`);
  }

  /** Nobody waits for it any longer. */
  forget(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  private tell(): void {
    this.isTold = true;
    this.onSilence(this.parts.clock.now() - SLOW_MS);
    this.parts.logger.error(`${this.subject} has for ${SLOW_MS / 1000} s not ${this.matter}`);
  }
}
