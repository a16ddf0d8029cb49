import { formatDate } from '../time/iso-date.js';
import { TimeZone } from '../time/time-zone.js';
import { FaultList } from './fault-list.js';
import { givenOptions } from './given-options.js';
import type { DateTriggerOptions } from './options.js';
import type { Trigger, TriggerContext, TriggerJson } from './trigger.js';
import { readDate, readZone, type WrittenDate } from './written-date.js';

/**
 * Fires once.
 *
 * @example
 * new DateTrigger({ runDate: '2030-05-05T12:00:00+02:00' })
 */
export class DateTrigger implements Trigger {
  readonly type = 'date';
  readonly timezone: string;
  private readonly isZoneKnown: boolean;
  private readonly run: WrittenDate | null;

  /** @throws InvalidInputError with every fault */
  constructor(options: DateTriggerOptions = {}) {
    const faults = new FaultList();
    const { timezone, runDate } = givenOptions(this.type, options, faults);
    const { zone, isKnown } = readZone(timezone, [runDate], faults);
    this.run = readDate(runDate, 'runDate', { zone, isKnown }, faults);
    faults.throwIfAny('Invalid date trigger');
    this.isZoneKnown = isKnown;
    this.timezone = this.run === null ? zone.name : zoneOfAnswer(this.run, zone);
  }

  /** When it fires, in epoch milliseconds; null while that is left open. */
  get runDate(): number | null {
    return this.run?.epochMs ?? null;
  }

  /** The run date, also when it is past: what is too late is not decided here. Nothing once it has fired. */
  next(previous: number | null, now: number): number | null {
    if (previous === null) return this.runDate ?? now;
    return this.runDate !== null && this.runDate > previous ? this.runDate : null;
  }

  previous(before: number): number | null {
    return this.run !== null && this.run.epochMs < before ? this.run.epochMs : null;
  }

  anchor({ now, timezone }: TriggerContext): DateTrigger {
    if (this.isZoneKnown && this.run !== null) return this;
    return new DateTrigger({ runDate: now, timezone, ...this.options });
  }

  toJSON(): TriggerJson {
    return { type: this.type, ...this.options };
  }

  /** Those that make an equal trigger. */
  private get options(): DateTriggerOptions {
    return {
      ...(this.run && { runDate: this.run.json }),
      ...(this.isZoneKnown && { timezone: this.timezone }),
    };
  }
}

/** The offset given is the offset answered: one that is written beats the zone, unless the zone says the same. */
function zoneOfAnswer({ epochMs, offset }: WrittenDate, zone: TimeZone): string {
  if (offset === null || formatDate(epochMs, zone.name).endsWith(offset)) return zone.name;
  return offset;
}
