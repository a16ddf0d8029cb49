import { show } from '../inspect.js';
import { MAX_INSTANT } from '../time/civil.js';
import type { TimeZone } from '../time/time-zone.js';
import type { FaultList } from './fault-list.js';
import type { GivenOptions } from './given-options.js';
import { readDate, readZone, type WrittenDate } from './written-date.js';

/** What repeating triggers have in common: a zone, a first and a last instant, jitter. */
export class RepeatWindow {
  readonly zone: TimeZone;
  /** False while the zone is only the computer's: the anchor will say. */
  readonly isZoneKnown: boolean;
  /** No time is earlier, in epoch milliseconds; null when nothing was said. */
  readonly start: number | null;
  /** No time is later, in epoch milliseconds. */
  readonly last: number;
  /** In seconds. */
  readonly jitter: number;
  private readonly startDate: WrittenDate | null;
  private readonly endDate: WrittenDate | null;

  constructor({ timezone, startDate, endDate, jitter }: GivenOptions, faults: FaultList) {
    const zone = readZone(timezone, [startDate, endDate], faults);
    this.zone = zone.zone;
    this.isZoneKnown = zone.isKnown;
    this.startDate = readDate(startDate, 'startDate', zone, faults);
    this.endDate = readDate(endDate, 'endDate', zone, faults);
    this.start = this.startDate?.epochMs ?? null;
    this.last = this.endDate?.epochMs ?? MAX_INSTANT;
    this.jitter = readJitter(jitter, faults);
    if (this.startDate !== null && this.startDate.epochMs > this.last) {
      faults.add('endDate', `must not be before startDate (${this.startDate.json}), got ${this.endDate?.json}`);
    }
  }

  toJSON(): Record<string, unknown> {
    return {
      ...(this.startDate && { startDate: this.startDate.json }),
      ...(this.endDate && { endDate: this.endDate.json }),
      ...(this.isZoneKnown && { timezone: this.zone.name }),
      ...(this.jitter > 0 && { jitter: this.jitter }),
    };
  }
}

/** A year: more can only be a mistake. */
const MAX_JITTER_SECONDS = 31_536_000;

function readJitter(value: unknown, faults: FaultList): number {
  if (value === undefined) return 0;
  if (typeof value === 'number' && value >= 0 && value <= MAX_JITTER_SECONDS) return value;
  faults.add('jitter', `must be a number of seconds between 0 and ${MAX_JITTER_SECONDS}, got ${show(value)}`);
  return 0;
}
