import { show } from '../../util/inspect.js';
import { isPlainObject } from '../../util/is-plain-object.js';
import { formatDay, isDay, parseDay, startOfDay, timesOfDay, type TimeWindow } from '../calendar/calendar-day.js';
import type { FaultList } from '../fault-list.js';
import { isTrigger } from '../is-trigger.js';
import { readDate, type TriggerZone, type WrittenDate } from '../written-date.js';
import { checkMember, UnreadableTrigger, type Member } from './members.js';

/** Times to leave out, and how they stand in a trigger's JSON. */
export interface ExcludedTimes {
  readonly windows: readonly TimeWindow[];
  readonly json: unknown;
}

/** Reads what is to be left out: a trigger, a day, an instant, a stretch of time. Nothing, when it is refused. */
export function readExclusion(
  value: unknown,
  field: string,
  zone: TriggerZone,
  faults: FaultList,
): (Member | ExcludedTimes)[] {
  if (value instanceof UnreadableTrigger || isTrigger(value)) return checkMember(value, field, faults);
  if (isDay(value)) {
    const day = faults.attempt(() => parseDay(value, field));
    return day === undefined ? [] : [{ windows: timesOfDay(day, zone.zone), json: formatDay(day) }];
  }
  if (isPlainObject(value)) return readWindow(value, field, zone, faults);
  if (typeof value !== 'string' && typeof value !== 'number') {
    faults.add(field, `must be a trigger, a day, an instant or { from, to }, got ${show(value)}`);
    return [];
  }
  const date = readDate(value, field, zone, faults);
  return date === null ? [] : [{ windows: [{ from: date.epochMs, to: date.epochMs + 1 }], json: date.json }];
}

function readWindow(
  { from, to, ...others }: Readonly<Record<string, unknown>>,
  field: string,
  zone: TriggerZone,
  faults: FaultList,
): ExcludedTimes[] {
  for (const name of Object.keys(others)) faults.add(`${field}.${name}`, 'is not known here; known are from, to');
  const begin = readEdge(from, `${field}.from`, zone, faults);
  const end = readEdge(to, `${field}.to`, zone, faults);
  if (begin === null || end === null) return [];
  if (begin.epochMs >= end.epochMs) faults.add(`${field}.to`, `must be after from (${begin.json}), got ${end.json}`);
  return [{ windows: [{ from: begin.epochMs, to: end.epochMs }], json: { from: begin.json, to: end.json } }];
}

type Edge = Pick<WrittenDate, 'epochMs' | 'json'>;

function readEdge(value: unknown, field: string, zone: TriggerZone, faults: FaultList): Edge | null {
  if (value === undefined) faults.add(field, 'is missing');
  if (!isDay(value)) return readDate(value, field, zone, faults);
  const day = faults.attempt(() => parseDay(value, field));
  return day === undefined ? null : { epochMs: startOfDay(day, zone.zone), json: formatDay(day) };
}
