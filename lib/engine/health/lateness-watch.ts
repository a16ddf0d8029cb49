import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { StorePulse } from './store-pulse.js';

/** How late claimed jobs may be before the store counts as behind. */
const LATE_MS = 5_000;
/** How long they must stay that late: catching up after a pause takes less. */
const PATIENCE_MS = 5_000;

export interface LatenessWatchParts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Logs once when a store's jobs fall due faster than they are claimed, and once when the backlog has been worked off. */
export class LatenessWatch {
  private lateSince: number | null = null;
  private worstMs = 0;

  constructor(
    private readonly parts: LatenessWatchParts,
    private readonly alias: string,
    private readonly pulse: StorePulse,
  ) {}

  /** @param latenessMs - how late the oldest job of the last claim was; 0 if nothing was claimed. */
  note(latenessMs: number): void {
    const { pulse } = this;
    pulse.latenessMs = latenessMs;
    if (latenessMs <= LATE_MS) {
      if (this.lateSince !== null) this.caughtUp();
      return;
    }
    const now = this.parts.clock.now();
    this.lateSince ??= now;
    this.worstMs = Math.max(this.worstMs, latenessMs);
    if (pulse.isBehind || now - this.lateSince < PATIENCE_MS) return;
    pulse.isBehind = true;
    const late = seconds(latenessMs);
    this.parts.logger.warn(
      `Jobs of job store "${this.alias}" fall due faster than they are taken: they are ${late} s late by now`,
    );
  }

  /** Called when claiming stops: an idle store is not late. */
  forget(): void {
    this.lateSince = null;
    this.worstMs = 0;
    this.pulse.latenessMs = 0;
    this.pulse.isBehind = false;
  }

  private caughtUp(): void {
    const { pulse, worstMs } = this;
    const { latenessMs } = pulse;
    if (pulse.isBehind) {
      const most = `they were ${seconds(worstMs)} s late at most`;
      this.parts.logger.info(`Jobs of job store "${this.alias}" are taken in time again; ${most}`);
    }
    this.forget();
    pulse.latenessMs = latenessMs;
  }
}

const seconds = (ms: number): number => Math.round(ms / 1000);
