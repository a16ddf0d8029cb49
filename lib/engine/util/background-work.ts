import { SystemClock } from '../clock.js';

/** The shortest pause after a step; a long one is followed by a pause as long as itself. */
const PAUSE_MS = 1;
/** How many steps a store that is being closed still waits for: short-lived processes must get their work done, too. */
const STEPS_AT_CLOSE = 20;

/** Short steps that are done one after the other in the background, so that everything else goes on between them. */
export class BackgroundWork {
  private working: Promise<void> | null = null;
  private stepsLeft = Infinity;
  /** Not the scheduler's, which may be turned by hand. */
  private readonly clock = new SystemClock();

  /**
   * @param steps - yields after each step.
   * @param onEnd - called with what a step has thrown, or with null when all steps are done.
   */
  constructor(
    private readonly steps: () => AsyncGenerator<void>,
    private readonly onEnd: (error: unknown) => void,
  ) {}

  /** Begins, unless it is under way. */
  start(): void {
    if (this.stepsLeft === Infinity) this.working ??= this.work().finally(() => (this.working = null));
  }

  /** Ends what is under way; if much is left, after some more steps. Nothing begins after it. */
  async stop(): Promise<void> {
    this.stepsLeft = STEPS_AT_CLOSE;
    await this.working;
  }

  private async work(): Promise<void> {
    const { clock } = this;
    try {
      let began = clock.now();
      for await (const _step of this.steps()) {
        if (--this.stepsLeft <= 0) return;
        const pauseMs = Math.max(PAUSE_MS, clock.now() - began);
        if (this.stepsLeft === Infinity) await new Promise<void>((resolve) => clock.setTimer(resolve, pauseMs));
        began = clock.now();
      }
      this.onEnd(null);
    } catch (error) {
      this.onEnd(error);
    }
  }
}
