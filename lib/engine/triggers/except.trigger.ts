import { isDeepStrictEqual } from 'node:util';
import { isPlainObject } from '../util/is-plain-object.js';
import { TimeZone } from '../time/time-zone.js';
import { CombinedTrigger, cursorOf, isOpen } from './combining/combined.trigger.js';
import { CalendarIntervalTrigger } from './calendar-interval.trigger.js';
import { ExcludedWindows } from './combining/excluded-windows.js';
import type { TimeWindow } from './calendar/calendar-day.js';
import { readExclusion, type ExcludedTimes } from './combining/exclusions.js';
import { checkTrigger, isFewEnough, type Member } from './combining/members.js';
import { WHOLE_SECONDS } from './combining/interval-grid.js';
import { Cursor, Search } from './combining/search.js';
import { CronTrigger } from './cron.trigger.js';
import { FaultList } from './fault-list.js';
import { IntervalTrigger } from './interval.trigger.js';
import { isTrigger } from './is-trigger.js';
import type { ExclusionWindow } from './options.js';
import type { Jitter, Trigger, TriggerContext, TriggerJson } from './trigger.js';
import type { DateInput } from '../time/iso-date.js';
import type { TriggerZone } from './written-date.js';

/**
 * Fires as another trigger does, except at certain times: holidays, maintenance.
 *
 * @example
 * new ExceptTrigger(CronTrigger.fromCrontab('0 9 * * 1-5'), '2030-12-25', { from: '2030-07-15', to: '2030-08-01' })
 */
export class ExceptTrigger extends CombinedTrigger {
  /** That of the other trigger. */
  readonly jitter: Jitter;
  protected readonly failure = 'leaves no time that could be found';
  private readonly base: Trigger;
  /** As it was given; dates, which somebody might change, as numbers. */
  private readonly given: readonly (Trigger | number | string | ExclusionWindow)[];
  private readonly exclusions: readonly (Member | ExcludedTimes)[];
  private readonly windows: ExcludedWindows;

  /**
   * @param base - the other trigger.
   * @param excluded - the times of a trigger; a whole day such as `2030-12-25`; an instant; a stretch of time. Days and
   *   dates without an offset are in the base's time zone, and so are triggers that have none of their own.
   * @throws InvalidInputError with every fault; also when a trigger is given that excludes everything
   */
  constructor(base: Trigger, ...excluded: readonly (Trigger | DateInput | ExclusionWindow)[]) {
    const faults = new FaultList();
    const bases = checkTrigger(base, 'base', faults);
    const zone = faults.attempt(() => bases.map(({ trigger }) => zoneOf(trigger))[0], 'base');
    const given = isFewEnough(excluded, 'except', faults) ? excluded.map(copyOf) : [];
    const exclusions = given.flatMap((it, index) => readExclusion(it, `except[${index}]`, zone ?? NO_ZONE, faults));
    super('except', [...bases, ...exclusions.filter(isMember)], faults);
    this.base = base;
    this.jitter = base.jitter ?? 0;
    this.given = given;
    this.exclusions = exclusions;
    this.windows = new ExcludedWindows(exclusions.flatMap((it) => (isMember(it) ? [] : it.windows)));
    const members = exclusions.filter(isMember);
    const baseJson = members.length > 0 && bases.length > 0 ? withoutJitter(base.toJSON()) : undefined;
    for (const { field, trigger } of members) {
      if (covers(trigger, base, baseJson)) faults.add(field, 'must not exclude every time of the base');
    }
    faults.throwIfAny('Invalid except trigger');
  }

  cursor(search: Search): Cursor {
    const areSeconds = firesOnSeconds(this.base);
    const excluded = this.exclusions.filter(isMember).map(({ trigger }) => ({
      cursor: cursorOf(trigger, search),
      around: (time: number) =>
        areSeconds && trigger instanceof CronTrigger ? trigger.runAround(time) : { from: time, to: time + 1 },
    }));
    return new ExceptCursor(cursorOf(this.base, search), this.windows, excluded, search);
  }

  toJSON(): TriggerJson {
    const except = this.exclusions.map((it) => (isMember(it) ? it.trigger.toJSON() : it.json));
    return { type: this.type, base: this.base.toJSON(), except };
  }

  protected withMembers([base = this.base, ...triggers]: readonly Trigger[]): ExceptTrigger {
    const rest = triggers.values();
    return new ExceptTrigger(base, ...this.given.map((it) => (isTrigger(it) ? (rest.next().value ?? it) : it)));
  }

  /** What is excluded is meant in the base's time zone. */
  protected override contextOf([base]: readonly Trigger[], context: TriggerContext): TriggerContext {
    return base === undefined ? context : { ...context, timezone: base.timezone };
  }

  protected override assertFires(now: number): void {
    if (this.firstFrom(now) !== null) return;
    const search = new Search(1, now);
    const hasEnded = search.first(cursorOf(this.base, search), now) === null;
    if (!hasEnded) throw this.refusal('leaves no time: everything that is to come is excluded');
  }
}

const NO_ZONE: TriggerZone = { zone: TimeZone.of('UTC'), isKnown: false };

function zoneOf(trigger: Trigger): TriggerZone {
  return { zone: TimeZone.of(trigger.timezone), isKnown: !isOpen(trigger) };
}

function isMember(exclusion: Member | ExcludedTimes): exclusion is Member {
  return 'trigger' in exclusion;
}

function copyOf(value: Trigger | DateInput | ExclusionWindow): Trigger | number | string | ExclusionWindow {
  if (value instanceof Date) return value.getTime();
  return isPlainObject(value) && !isTrigger(value) ? { ...(value as ExclusionWindow) } : value;
}

/** Whether a trigger surely fires whenever another one does. */
function covers(excluded: Trigger, base: Trigger, baseJson: unknown): boolean {
  if (excluded instanceof IntervalTrigger && base instanceof IntervalTrigger && base.grid) {
    return excluded.grid?.covers(base.grid) === true;
  }
  return excluded.type === base.type && isDeepStrictEqual(excluded.toJSON(), baseJson);
}

function withoutJitter({ jitter: _jitter, ...json }: TriggerJson): unknown {
  return json;
}

/** Whether all times of a trigger are at whole seconds, as far as that is cheap to know. */
function firesOnSeconds(trigger: Trigger): boolean {
  if (trigger instanceof IntervalTrigger) return trigger.grid !== null && WHOLE_SECONDS.covers(trigger.grid);
  return trigger instanceof CronTrigger || trigger instanceof CalendarIntervalTrigger;
}

interface ExcludedCursor {
  readonly cursor: Cursor;
  /** A stretch around one of its times in which all times of the base are excluded. */
  readonly around: (time: number) => TimeWindow;
}

class ExceptCursor extends Cursor {
  constructor(
    private readonly base: Cursor,
    private readonly windows: ExcludedWindows,
    private readonly excluded: readonly ExcludedCursor[],
    search: Search,
  ) {
    super(search);
  }

  /** Steps over what is excluded as far as it goes, not time by time. */
  protected find(from: number, limit: number): number | null {
    for (let reached = from; ;) {
      const time = this.base.seek(reached, limit);
      if (time === null) return null;
      this.clear(time);
      if (this.search.isBefore(limit, time)) return null;
      const window = this.windowAround(time);
      if (window === undefined) return time;
      reached = this.search.leave(window);
    }
  }

  private windowAround(time: number): TimeWindow | undefined {
    return this.windows.around(time) ?? this.excluded.find(({ cursor }) => cursor.has(time))?.around(time);
  }
}
