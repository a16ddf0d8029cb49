import { DAY_MS, MAX_INSTANT } from '../../time/civil.js';
import type { TimeZone } from '../../time/time-zone.js';
import type { FaultList } from '../fault-list.js';
import type { GivenOptions } from '../given-options.js';
import { readDate, readZone, type TriggerZone } from '../written-date.js';
import { dayAt, formatDay, isDay, parseDay } from './calendar-day.js';

/** A date that bounds a calendar interval: a whole day, or the instant that was given. */
interface CalendarBound {
  /** The day, as a number; the day of the instant in the trigger's zone. */
  readonly day: number;
  /** Undefined for a whole day. */
  readonly instant: number | undefined;
  readonly json: string | number;
}

/** The zone of a calendar interval, its first and its last day. */
export class CalendarWindow {
  readonly zone: TimeZone;
  /** False while the zone is only the computer's: the anchor will say. */
  readonly isZoneKnown: boolean;
  /** The day that the sequence begins with; null when nothing was said. */
  readonly firstDay: number | null;
  readonly lastDay: number;
  /** No time is earlier or later, in epoch milliseconds, whatever the days allow. */
  readonly start: number;
  readonly last: number;
  private readonly startDate: CalendarBound | null;
  private readonly endDate: CalendarBound | null;

  constructor({ timezone, startDate, endDate }: GivenOptions, faults: FaultList) {
    const zone = readZone(timezone, [startDate, endDate], faults);
    this.zone = zone.zone;
    this.isZoneKnown = zone.isKnown;
    this.startDate = readBound(startDate, 'startDate', zone, faults);
    this.endDate = readBound(endDate, 'endDate', zone, faults);
    this.firstDay = this.startDate?.day ?? null;
    this.lastDay = this.endDate?.day ?? Math.floor(MAX_INSTANT / DAY_MS);
    this.start = this.startDate?.instant ?? -Infinity;
    this.last = this.endDate?.instant ?? MAX_INSTANT;
    if (this.startDate !== null && (this.startDate.day > this.lastDay || this.start > this.last)) {
      faults.add('endDate', `must not be before startDate (${this.startDate.json}), got ${this.endDate?.json}`);
    }
  }

  /** The last instant of the last day, or that of an `endDate` with a time. */
  get end(): number {
    return Math.min(this.last, this.zone.toInstant((this.lastDay + 1) * DAY_MS) - 1);
  }

  toJSON(): Record<string, unknown> {
    return {
      ...(this.startDate && { startDate: this.startDate.json }),
      ...(this.endDate && { endDate: this.endDate.json }),
      ...(this.isZoneKnown && { timezone: this.zone.name }),
    };
  }
}

function readBound(input: unknown, field: string, zone: TriggerZone, faults: FaultList): CalendarBound | null {
  const date = readDate(input, field, zone, faults);
  if (date === null) return null;
  if (!isDay(input)) return { day: dayAt(date.epochMs, zone.zone), instant: date.epochMs, json: date.json };
  const day = parseDay(input, field);
  return { day, instant: undefined, json: formatDay(day) };
}
