import { SECOND_MS } from '../time/civil.js';
import { parseSeconds } from '../time/duration.js';
import { formatOffset } from '../time/fixed-offset.js';
import { TimeZone } from '../time/time-zone.js';
import { FaultList } from './fault-list.js';
import { givenOptions } from './given-options.js';
import type { DateTriggerOptions } from './options.js';
import type { Trigger, TriggerContext, TriggerJson } from './trigger.js';
import { readDate, readZone, WrittenDate } from './written-date.js';

/** What a date trigger is made of, once its options have been read. */
class DateParts {
  constructor(
    readonly zone: TimeZone,
    readonly isZoneKnown: boolean,
    readonly run: WrittenDate | null,
    /** In seconds, while `run` is open. */
    readonly delay: number,
  ) {}
}

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
  private readonly delay: number;

  /** @throws InvalidInputError with every fault */
  constructor(options: DateTriggerOptions = {}) {
    const { zone, isZoneKnown, run, delay } = options instanceof DateParts ? options : readOptions(options);
    this.run = run;
    this.delay = delay;
    this.isZoneKnown = isZoneKnown;
    this.timezone = run === null ? zone.name : zoneOfAnswer(run, zone);
  }

  /** When it fires, in epoch milliseconds; null while that is left open. */
  get runDate(): number | null {
    return this.run?.epochMs ?? null;
  }

  /** The run date, also when it is past: what is too late is not decided here. Nothing once it has fired. */
  next(previous: number | null, now: number): number | null {
    if (previous === null) return this.runDate ?? now + this.delay * SECOND_MS;
    return this.runDate !== null && this.runDate > previous ? this.runDate : null;
  }

  previous(before: number): number | null {
    return this.run !== null && this.run.epochMs < before ? this.run.epochMs : null;
  }

  anchor({ now, timezone }: TriggerContext): DateTrigger {
    const { run, isZoneKnown } = this;
    if (isZoneKnown && run !== null) return this;
    // Only the zone tells when a date is that was written without an offset.
    if (run !== null && run.isText) return new DateTrigger({ timezone, ...this.options });
    const zone = TimeZone.of(isZoneKnown ? this.timezone : timezone);
    const at = run === null ? Math.floor(now + this.delay * SECOND_MS) : run.epochMs;
    const parts: unknown = new DateParts(zone, true, new WrittenDate(at, null, zone.name, null), 0);
    return new DateTrigger(parts as DateTriggerOptions);
  }

  toJSON(): TriggerJson {
    return { type: this.type, ...this.options };
  }

  /** Those that make an equal trigger. */
  private get options(): DateTriggerOptions {
    return {
      ...(this.run && { runDate: this.run.json }),
      ...(this.delay > 0 && { delay: this.delay }),
      ...(this.isZoneKnown && { timezone: this.timezone }),
    };
  }
}

function readOptions(options: DateTriggerOptions): DateParts {
  const faults = new FaultList();
  const { timezone, runDate, delay } = givenOptions('date', options, faults);
  const { zone, isKnown } = readZone(timezone, [runDate], faults);
  const run = readDate(runDate, 'runDate', { zone, isKnown }, faults);
  const seconds = delay === undefined ? 0 : (faults.attempt(() => parseSeconds(delay, 'delay', 'dateDelay')) ?? 0);
  if (delay !== undefined && runDate !== undefined) faults.add('delay', 'must not stand beside runDate');
  faults.throwIfAny('Invalid date trigger');
  return new DateParts(zone, isKnown, run, seconds);
}

/** The offset given is the offset answered: one that is written beats the zone, unless the zone says the same. */
function zoneOfAnswer({ epochMs, offset }: WrittenDate, zone: TimeZone): string {
  return offset === null || formatOffset(zone.offsetAt(epochMs)) === offset ? zone.name : offset;
}
