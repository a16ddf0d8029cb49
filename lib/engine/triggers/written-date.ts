import { formatDate, formatWall, parseDate } from '../time/iso-date.js';
import { localTimeZone, TimeZone } from '../time/time-zone.js';
import type { FaultList } from './fault-list.js';
import type { DateInput } from './trigger.js';

/** A date among a trigger's options, which is answered the way it was written. */
export interface WrittenDate {
  readonly epochMs: number;
  /** The offset that was written with it. */
  readonly offset: string | null;
  /** What a trigger's JSON says. */
  readonly json: string | number;
}

/** The zone that a trigger's times are in. */
export interface TriggerZone {
  readonly zone: TimeZone;
  /** Whether it was said, or is only the computer's until the trigger is anchored. */
  readonly isKnown: boolean;
}

/** APScheduler's rule: the option, else the first offset that is written in a date, else (at the anchor) the scheduler's. */
export function readZone(timezone: unknown, dates: readonly unknown[], faults: FaultList): TriggerZone {
  const written = (): string | undefined => dates.map(writtenOffset).find((offset) => offset !== undefined);
  const name = timezone === undefined ? written() : timezone;
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
  const parsed = faults.attempt(() => parseDate(input as DateInput, field, zone.name));
  if (parsed === undefined) return null;
  const { epochMs, offset } = parsed;
  if (isKnown || offset !== null) return { epochMs, offset, json: formatDate(epochMs, offset ?? zone.name) };
  // Any offset in the JSON would be taken for the trigger's zone. What was left open stays open.
  return { epochMs, offset, json: typeof input === 'string' ? formatWall(input) : epochMs };
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
