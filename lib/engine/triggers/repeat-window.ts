import { MAX_INSTANT } from '../time/civil.js';
import type { TimeZone } from '../time/time-zone.js';
import type { FaultList } from './fault-list.js';
import type { GivenOptions } from './given-options.js';
import { readJitter } from './jitter-option.js';
import type { Jitter } from './trigger.js';
import { readDate, readZone, type WrittenDate } from './written-date.js';

/** What repeating triggers have in common: a zone, a first and a last instant, jitter. */
export class RepeatWindow {
  readonly zone: TimeZone;
  /** False while the zone is only the computer's: the anchor will say. */
  readonly isZoneKnown: boolean;
  readonly jitter: Jitter;
  private readonly startDate: WrittenDate | null;
  private readonly endDate: WrittenDate | null;

  constructor({ timezone, startDate, endDate, jitter }: GivenOptions, faults: FaultList) {
    const zone = readZone(timezone, [startDate, endDate], faults);
    this.zone = zone.zone;
    this.isZoneKnown = zone.isKnown;
    this.startDate = readDate(startDate, 'startDate', zone, faults);
    this.endDate = readDate(endDate, 'endDate', zone, faults);
    this.jitter = readJitter(jitter, faults);
    if (this.startDate !== null && this.startDate.epochMs > this.last) {
      faults.add('endDate', `must not be before startDate (${this.startDate.json}), got ${this.endDate?.json}`);
    }
  }

  /** No time is earlier, in epoch milliseconds; null when nothing was said. */
  get start(): number | null {
    return this.startDate === null ? null : this.startDate.epochMs;
  }

  /** No time is later, in epoch milliseconds. */
  get last(): number {
    return this.endDate === null ? MAX_INSTANT : this.endDate.epochMs;
  }

  toJSON(): Record<string, unknown> {
    return {
      ...(this.startDate && { startDate: this.startDate.json }),
      ...(this.endDate && { endDate: this.endDate.json }),
      ...(this.isZoneKnown && { timezone: this.zone.name }),
      ...(this.jitter !== 0 && { jitter: this.jitter }),
    };
  }
}
