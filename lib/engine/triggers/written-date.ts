import { formatDate, formatWall, parseDate, type DateInput } from '../time/iso-date.js';
import { localTimeZone, TimeZone } from '../time/time-zone.js';
import type { FaultList } from './fault-list.js';

/** A date among a trigger's options, which is answered the way it was written. */
export class WrittenDate {
  /**
   * @param offset - the offset that was written with it.
   * @param zone - the zone or the offset that it is answered in; null while the trigger's zone is left open.
   * @param text - what was written; null where that was no text.
   */
  constructor(
    readonly epochMs: number,
    readonly offset: string | null,
    private readonly zone: string | null,
    private readonly text: string | null,
  ) {}

  /** Whether its zone may tell when it is: an instant is the same in every zone. */
  get isText(): boolean {
    return this.text !== null;
  }

  /** What a trigger's JSON says. Made when it is asked for: it is long, and most triggers are never written. */
  get json(): string | number {
    if (this.zone !== null) return formatDate(this.epochMs, this.zone);
    // Any offset in the JSON would be taken for the trigger's zone. What was left open stays open.
    return this.text === null ? this.epochMs : formatWall(this.text);
  }
}

/** The zone that a trigger's times are in. */
export interface TriggerZone {
  readonly zone: TimeZone;
  /** Whether it was said, or is only the computer's until the trigger is anchored. */
  readonly isKnown: boolean;
}

/** APScheduler's rule: the option, else the first offset that is written in a date, else (at the anchor) the scheduler's. */
export function readZone(timezone: unknown, dates: readonly unknown[], faults: FaultList): TriggerZone {
  const name = timezone === undefined ? firstOffset(dates) : timezone;
  const zone = name === undefined ? undefined : faults.attempt(() => TimeZone.of(name as string));
  return { zone: zone ?? TimeZone.of(localTimeZone()), isKnown: zone !== undefined };
}

/** Reads a date; null when there is none, or none that can be read. */
export function readDate(
  input: unknown,
  field: string,
  { zone, isKnown }: TriggerZone,
  faults: FaultList,
): WrittenDate | null {
  if (input === undefined) return null;
  const written = input as DateInput;
  const parsed = faults.attempt(() => parseDate(written, field, zone.name));
  if (parsed === undefined) return null;
  const { epochMs, offset } = parsed;
  return new WrittenDate(epochMs, offset, offset ?? (isKnown ? zone.name : null), textOf(written));
}

const textOf = (input: DateInput): string | null => (typeof input === 'string' ? input : null);

function firstOffset(dates: readonly unknown[]): string | undefined {
  for (const date of dates) {
    const offset = writtenOffset(date);
    if (offset !== undefined) return offset;
  }
  return undefined;
}

/** The offset written in a date; undefined when there is none or the date is none. */
function writtenOffset(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined;
  try {
    return parseDate(input, 'date', 'UTC').offset ?? undefined;
  } catch {
    return undefined;
  }
}
