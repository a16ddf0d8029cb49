import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../../lib/engine/errors.js';
import { TimeZone } from '../../../../../lib/engine/time/time-zone.js';
import type { Trigger, TriggerJson } from '../../../../../lib/engine/triggers/trigger.js';
import { triggerFromJson } from '../../../../../lib/engine/triggers/trigger-factory.js';

const DAY = 86_400_000;
/** Berlin sets its clocks forward on 2030-03-31; the days around it are looked at. */
const FROM = Date.parse('2030-03-29T00:00:00Z');
const TO = FROM + 4 * DAY;
const dayText = (day: number): string => new Date(FROM + day * DAY).toISOString().slice(0, 10);

const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', '+05:30');
const instants = fc.integer({ min: 0, max: (TO - FROM) / 60_000 }).map((minute) => FROM + minute * 60_000);
const texts = instants.map((instant) => new Date(instant).toISOString());

const crons = fc.record({
  type: fc.constant('cron'),
  dayOfWeek: fc.constantFrom('*', 'fri,sun', 'sat-sun', 'mon'),
  hour: fc.constantFrom('*', '*/2', '0-11', '2', '1-3', '22,23'),
  minute: fc.constantFrom('*/30', '0,15', '30', '*'),
  timezone: zones,
});
const intervals = fc.record({
  type: fc.constant('interval'),
  minutes: fc.constantFrom(1, 15, 30, 45, 60, 90, 120, 1440),
  startDate: fc.constantFrom(0, 15, 30, 90).map((minute) => new Date(FROM + minute * 60_000).toISOString()),
  timezone: zones,
});
const calendars = fc.record({
  type: fc.constant('calendarinterval'),
  days: fc.integer({ min: 1, max: 2 }),
  hour: fc.constantFrom(0, 2, 3, 22),
  minute: fc.constantFrom(0, 30),
  startDate: fc.nat(3).map(dayText),
  timezone: zones,
});
const dates = fc.record({ type: fc.constant('date'), runDate: texts, timezone: zones });
const leaves = fc.oneof({ weight: 3, arbitrary: crons }, { weight: 2, arbitrary: intervals }, calendars, dates);

const exclusions = fc.oneof(
  fc.nat(3).map(dayText),
  texts,
  fc
    .tuple(instants, fc.integer({ min: 1, max: DAY }))
    .map(([from, length]) => ({ from: new Date(from).toISOString(), to: new Date(from + length).toISOString() })),
);
const { tree: trees } = fc.letrec<{ tree: TriggerJson; member: TriggerJson }>((tie) => ({
  member: fc.oneof({ maxDepth: 3, depthSize: 'small' }, leaves, tie('tree')),
  tree: fc.oneof(
    fc.record({
      type: fc.constantFrom('or', 'and'),
      triggers: fc.array(tie('member'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant('except'),
      base: tie('member'),
      except: fc.array(fc.oneof(exclusions, tie('member')), { maxLength: 3 }),
    }),
  ),
}));

const enumerated = new Map<string, Set<number>>();

/** All times in the window, by what the words mean: union, intersection, difference of sets. */
function timesOf(json: TriggerJson): Set<number> {
  const members = (json['triggers'] ?? []) as TriggerJson[];
  if (json.type === 'or') return new Set(members.flatMap((member) => [...timesOf(member)]));
  if (json.type === 'and') return members.map(timesOf).reduce((common, times) => intersection(common, times));
  if (json.type === 'except') return exceptTimes(json['base'] as TriggerJson, json['except'] as unknown[]);
  const key = JSON.stringify(json);
  const times = enumerated.get(key) ?? new Set(walk(triggerFromJson(json)));
  enumerated.set(key, times);
  return times;
}

function intersection(a: Set<number>, b: Set<number>): Set<number> {
  return new Set([...a].filter((time) => b.has(time)));
}

function exceptTimes(base: TriggerJson, except: unknown[]): Set<number> {
  const zone = TimeZone.of(triggerFromJson(base).timezone);
  const tests = except.map((it): ((time: number) => boolean) => {
    if (typeof it === 'string' && it.length === 10)
      return (time) => new Date(time + zone.offsetAt(time)).toISOString().slice(0, 10) === it;
    if (typeof it === 'string') return (time) => time === Date.parse(it);
    const { from, to } = it as { from?: string; to?: string };
    if (from !== undefined && to !== undefined) return (time) => time >= Date.parse(from) && time < Date.parse(to);
    const times = timesOf(it as TriggerJson);
    return (time) => times.has(time);
  });
  return new Set([...timesOf(base)].filter((time) => !tests.some((isExcluded) => isExcluded(time))));
}

/** Forward through the window. A search that gives up has looked further than that. */
function walk(trigger: Trigger): number[] {
  const times: number[] = [];
  try {
    for (let time = trigger.next(FROM - 1, FROM); time !== null && time <= TO; time = trigger.next(time, FROM)) {
      times.push(time);
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  return times;
}

function walkBack(trigger: Trigger): number[] {
  const times: number[] = [];
  for (let time = trigger.previous(TO + 1); time !== null && time >= FROM; time = trigger.previous(time))
    times.push(time);
  return times;
}

const isRefusal = (error: unknown): error is InvalidInputError =>
  error instanceof InvalidInputError && error.faults.length > 0;

/** The trigger of a tree; undefined where it is refused, which only happens to what has no times. */
function make(json: TriggerJson): Trigger | undefined {
  try {
    return triggerFromJson(json);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const isWhole = error.faults.every(({ field }) => !/\]\.|^base\./.test(field));
    if (isWhole) expect([...timesOf(json)]).toEqual([]);
    return undefined;
  }
}

describe('Any combination of triggers', () => {
  it('fires where the words say: or is the union, and the intersection, except the difference', () => {
    fc.assert(
      fc.property(trees, (json) => {
        const trigger = make(json);
        if (trigger === undefined) return;
        const expected = [...timesOf(json)].toSorted((a, b) => a - b);
        expect(walk(trigger)).toEqual(expected);
        expect(walkBack(trigger)).toEqual(expected.toReversed());
      }),
      { numRuns: 200 },
    );
  });

  it('moves forward, and back again to where it was, from any instant', () => {
    fc.assert(
      fc.property(trees, instants, (json, instant) => {
        const trigger = make(json);
        if (trigger === undefined) return;
        const expected = [...timesOf(json)].toSorted((a, b) => a - b);
        const next = expected.find((time) => time > instant);
        const previous = expected.findLast((time) => time < instant);
        if (next !== undefined) {
          expect(trigger.next(instant, 0)).toBe(next);
          expect(trigger.next(null, instant + 1)).toBe(next);
          expect(trigger.previous(next + 1)).toBe(next);
        }
        if (previous !== undefined) {
          expect(trigger.previous(instant)).toBe(previous);
          expect(trigger.next(previous - 1, 0)).toBe(previous);
        }
      }),
    );
  });

  it('has, for or, the earliest time of its members, whatever came before', () => {
    const lists = fc.array(leaves, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lists, instants, (triggers, instant) => {
        const times = triggers.map((json) => triggerFromJson(json).next(instant, 0)).filter((time) => time !== null);
        const earliest = times.length === 0 ? null : Math.min(...times);
        expect(triggerFromJson({ type: 'or', triggers }).next(instant, 0)).toBe(earliest);
      }),
    );
  });

  it('survives JSON, before and after it is anchored', () => {
    const context = { now: FROM, timezone: 'Africa/Cairo' };
    fc.assert(
      fc.property(trees, fc.boolean(), (json, isOpen) => {
        const trigger = make(isOpen ? (withoutZones(json) as TriggerJson) : json);
        if (trigger === undefined) return;
        for (const it of [trigger, anchored(trigger)]) {
          const copy = triggerFromJson(JSON.parse(JSON.stringify(it)));
          expect(copy.toJSON()).toEqual(it.toJSON());
          expect(walk(copy)).toEqual(walk(it));
        }
      }),
      { numRuns: 60 },
    );

    function anchored(trigger: Trigger): Trigger {
      try {
        return trigger.anchor?.(context) ?? trigger;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return trigger;
      }
    }
  });
});

function withoutZones(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZones);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'timezone')
      .map(([name, member]) => [name, withoutZones(member)]),
  );
}
