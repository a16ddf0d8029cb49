import { MAX_INSTANT } from '../time/civil.js';
import { formatDate } from '../time/iso-date.js';
import { TimeZone } from '../time/time-zone.js';
import type { FaultList } from './fault-list.js';
import type { GivenOptions } from './given-options.js';
import { readJitter } from './jitter-option.js';
import type { Jitter } from './trigger.js';
import { readDate, readZone, type WrittenDate } from './written-date.js';

/** What repeating triggers have in common: a zone, a first and a last instant, jitter. */
export class RepeatWindow {
  private constructor(
    readonly zone: TimeZone,
    /** False while the zone is only the computer's: the anchor will say. */
    readonly isZoneKnown: boolean,
    readonly jitter: Jitter,
    /** An instant where it was left open, and filled in: nearly all jobs have theirs from there. */
    private readonly startDate: WrittenDate | number | null,
    private readonly endDate: WrittenDate | null,
  ) {}

  /** Reads it among the options of a trigger. */
  static read({ timezone, startDate, endDate, jitter }: GivenOptions, faults: FaultList): RepeatWindow {
    const zone = readZone(timezone, [startDate, endDate], faults);
    const start = readDate(startDate, 'startDate', zone, faults);
    const end = readDate(endDate, 'endDate', zone, faults);
    const window = new RepeatWindow(zone.zone, zone.isKnown, readJitter(jitter, faults), start, end);
    if (start !== null && start.epochMs > window.last) {
      faults.add('endDate', `must not be before startDate (${start.json}), got ${end?.json}`);
    }
    return window;
  }

  /**
   * The same with a start, which was left open.
   *
   * @param timezone - in place of a zone that was left open too.
   */
  startingAt(epochMs: number, timezone: string): RepeatWindow {
    const zone = this.isZoneKnown ? this.zone : TimeZone.of(timezone);
    return new RepeatWindow(zone, true, this.jitter, epochMs, this.endDate);
  }

  /** No time is earlier, in epoch milliseconds; null when nothing was said. */
  get start(): number | null {
    const { startDate } = this;
    return startDate === null || typeof startDate === 'number' ? startDate : startDate.epochMs;
  }

  /** No time is later, in epoch milliseconds. */
  get last(): number {
    return this.endDate === null ? MAX_INSTANT : this.endDate.epochMs;
  }

  toJSON(): Record<string, unknown> {
    const { startDate, zone } = this;
    const startJson = typeof startDate === 'number' ? formatDate(startDate, zone.name) : startDate?.json;
    return {
      ...(startJson !== undefined && { startDate: startJson }),
      ...(this.endDate && { endDate: this.endDate.json }),
      ...(this.isZoneKnown && { timezone: this.zone.name }),
      ...(this.jitter !== 0 && { jitter: this.jitter }),
    };
  }
}
