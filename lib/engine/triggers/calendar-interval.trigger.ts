import { show } from '../util/inspect.js';
import { DAY_MS, SECOND_MS } from '../time/civil.js';
import { dayAt, formatDay } from './calendar/calendar-day.js';
import { CalendarWindow } from './calendar/calendar-window.js';
import { daySequence, type CalendarStep, type DaySequence } from './calendar/day-sequence.js';
import { FaultList } from './fault-list.js';
import { givenOptions, type GivenOptions } from './given-options.js';
import type { CalendarIntervalTriggerOptions } from './options.js';
import { readJitter } from './jitter-option.js';
import type { Jitter, Trigger, TriggerContext, TriggerJson } from './trigger.js';

/** What makes the distance between two days. No two days are further apart than 9999 years. */
const PARTS = { years: 9999, months: 9999 * 12, weeks: 9999 * 53, days: 9999 * 366 } as const;
/** The highest value of each part of the time of day. */
const TIME = { hour: 23, minute: 59, second: 59 } as const;

/**
 * Fires at a time of the wall clock, on days at a distance of years, months, weeks and days (APScheduler:
 * `CalendarIntervalTrigger`). The days are counted from `startDate`: nothing shifts them.
 *
 * The rules are APScheduler's. Months and years keep the day of the month, and pass over those that have no such
 * day; weeks and days are added after them. A day on which a gap of daylight saving swallows the time is left out;
 * a time that an overlap repeats is fired at the first time only.
 *
 * @example
 * new CalendarIntervalTrigger({ months: 1, hour: 6, startDate: '2030-01-31', timezone: 'Europe/Berlin' })
 */
export class CalendarIntervalTrigger implements Trigger {
  readonly type = 'calendarinterval';
  readonly timezone: string;
  readonly jitter: Jitter;
  private readonly options: GivenOptions;
  private readonly window: CalendarWindow;
  private readonly step: CalendarStep;
  /** The time of day, in milliseconds. */
  private readonly time: number;
  /** Null while the first day is left open. */
  private readonly days: DaySequence | null;

  /** @throws InvalidInputError with every fault */
  constructor(options: CalendarIntervalTriggerOptions) {
    const faults = new FaultList();
    this.options = givenOptions(this.type, options, faults);
    this.step = readStep(this.options, faults);
    const { hour, minute, second } = readWholes(TIME, this.options, faults);
    this.time = ((hour * 60 + minute) * 60 + second) * SECOND_MS;
    this.window = new CalendarWindow(this.options, faults);
    this.jitter = readJitter(this.options['jitter'], faults);
    faults.throwIfAny('Invalid calendarinterval trigger');
    const { firstDay, zone } = this.window;
    this.days = firstDay === null ? null : daySequence(firstDay, this.step);
    this.timezone = zone.name;
  }

  get end(): number {
    return this.window.end;
  }

  next(previous: number | null, now: number): number | null {
    const { zone, start, last, lastDay } = this.window;
    const from = Math.max(previous === null ? now : previous + 1, start);
    if (!(from <= last)) return null;
    const today = dayAt(from, zone);
    const days = this.days ?? daySequence(previous === null ? today : dayAt(previous, zone), this.step);
    for (let day = days.next(today); day !== null && day <= lastDay; day = days.next(day + 1)) {
      const time = this.timeOn(day);
      if (time !== null && time >= from) return time <= last ? time : null;
    }
    return null;
  }

  previous(before: number): number | null {
    const { zone, start, last, lastDay } = this.window;
    const to = Math.min(Math.ceil(before) - 1, last);
    if (this.days === null || !(to >= start)) return null;
    // Where an overlap turns midnight back, the next day has begun already.
    const tomorrow = Math.min(dayAt(to, zone) + 1, lastDay);
    for (let day = this.days.previous(tomorrow); day !== null; day = this.days.previous(day - 1)) {
      const time = this.timeOn(day);
      if (time !== null && time <= to) return time >= start ? time : null;
    }
    return null;
  }

  /** Without a start date, the first day is today (APScheduler: `CalendarIntervalTrigger`). */
  anchor({ now, timezone }: TriggerContext): CalendarIntervalTrigger {
    const { zone, isZoneKnown, firstDay, lastDay } = this.window;
    if (!isZoneKnown) return new CalendarIntervalTrigger({ ...this.options, timezone }).anchor({ now, timezone });
    const today = dayAt(now, zone);
    // A start beyond the end would be refused; left open, the trigger has ended, which is what is meant.
    if (firstDay !== null || today > lastDay) return this;
    return new CalendarIntervalTrigger({ ...this.options, startDate: formatDay(today) });
  }

  toJSON(): TriggerJson {
    const given = Object.keys({ ...PARTS, ...TIME }).filter((name) => this.options[name]);
    return {
      type: this.type,
      ...Object.fromEntries(given.map((name) => [name, this.options[name]])),
      ...this.window.toJSON(),
      ...(this.jitter !== 0 && { jitter: this.jitter }),
    };
  }

  /** When it fires on a day; null when clocks skip its time. */
  private timeOn(day: number): number | null {
    const { zone } = this.window;
    const wall = day * DAY_MS + this.time;
    const time = zone.toInstant(wall);
    return time + zone.offsetAt(time) === wall ? time : null;
  }
}

function readStep(options: GivenOptions, faults: FaultList): CalendarStep {
  const { years, months, weeks, days } = readWholes(PARTS, options, faults);
  const given = Object.keys(PARTS).filter((part) => part in options);
  if (given.length === 0) faults.add('days', `must be given, or another of ${Object.keys(PARTS).join(', ')}`);
  else if (given.every((part) => options[part] === 0)) {
    for (const part of given) faults.add(part, 'must make an interval of a day at least, got 0');
  }
  return { months: years * 12 + months, days: weeks * 7 + days };
}

/** Reads whole numbers from 0 up to a limit each; those that are not given, or not to be read, are 0. */
function readWholes<T extends string>(
  limits: Readonly<Record<T, number>>,
  options: GivenOptions,
  faults: FaultList,
): Record<T, number> {
  const read = (name: T): number => {
    const value = options[name];
    if (value === undefined) return 0;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= limits[name]) return value;
    faults.add(name, `must be a whole number between 0 and ${limits[name]}, got ${show(value)}`);
    return 0;
  };
  return Object.fromEntries((Object.keys(limits) as T[]).map((name) => [name, read(name)])) as Record<T, number>;
}
