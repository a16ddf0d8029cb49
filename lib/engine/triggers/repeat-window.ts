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
  /** Those with nothing but a zone: nearly all triggers have one of them. */
  private static readonly open = new WeakMap<TimeZone, RepeatWindow>();

  private constructor(
    readonly zone: TimeZone,
    /** False while the zone is only the computer's: the anchor will say. */
    readonly isZoneKnown: boolean,
    readonly jitter: Jitter,
    private readonly startDate: WrittenDate | null,
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

  /** The same, and in `timezone` where a zone was left open. */
  in(timezone: string): RepeatWindow {
    const { jitter, startDate, endDate } = this;
    const zone = this.isZoneKnown ? this.zone : TimeZone.of(timezone);
    const isOpen = jitter === 0 && startDate === null && endDate === null;
    const known = isOpen ? RepeatWindow.open.get(zone) : undefined;
    if (known) return known;
    const window = new RepeatWindow(zone, true, jitter, startDate, endDate);
    if (isOpen) RepeatWindow.open.set(zone, window);
    return window;
  }

  /** No time is earlier, in epoch milliseconds; null when nothing was said. */
  get start(): number | null {
    return this.startDate === null ? null : this.startDate.epochMs;
  }

  /** No time is later, in epoch milliseconds. */
  get last(): number {
    return this.endDate === null ? MAX_INSTANT : this.endDate.epochMs;
  }

  /** @param start - what has been put in for one that was left open. */
  toJSON(start: number | null = null): Record<string, unknown> {
    const { startDate, zone } = this;
    const startJson = startDate?.json ?? (start === null ? undefined : formatDate(start, zone.name));
    return {
      ...(startJson !== undefined && { startDate: startJson }),
      ...(this.endDate && { endDate: this.endDate.json }),
      ...(this.isZoneKnown && { timezone: zone.name }),
      ...(this.jitter !== 0 && { jitter: this.jitter }),
    };
  }
}
