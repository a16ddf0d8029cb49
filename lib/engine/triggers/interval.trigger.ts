import { show } from '../util/inspect.js';
import { DAY_MS, HOUR_MS, MAX_INSTANT, MINUTE_MS, SECOND_MS } from '../time/civil.js';
import { parseDuration } from '../time/duration.js';
import { IntervalGrid, nextInGrid, previousInGrid } from './combining/interval-grid.js';
import { FaultList } from './fault-list.js';
import { givenOptions, type GivenOptions } from './given-options.js';
import type { IntervalTriggerOptions } from './options.js';
import { RepeatWindow } from './repeat-window.js';
import type { Jitter, Trigger, TriggerContext, TriggerJson } from './trigger.js';

const PARTS = [
  ['weeks', 7 * DAY_MS],
  ['days', DAY_MS],
  ['hours', HOUR_MS],
  ['minutes', MINUTE_MS],
  ['seconds', SECOND_MS],
] as const;
const PART_NAMES = PARTS.map(([name]) => name);

/** What an interval trigger is made of, once its options have been read. */
class IntervalParts {
  constructor(
    readonly intervalMs: number,
    readonly window: RepeatWindow,
    readonly start: number | null,
  ) {}
}

/**
 * Fires at a fixed distance of real time: at `startDate` and every interval after it. The times form a grid
 * that nothing shifts, neither a restart nor a late run.
 *
 * @example
 * new IntervalTrigger({ minutes: 10 })
 * new IntervalTrigger({ every: '1h30m' })
 * new IntervalTrigger({ hours: 1, minutes: 30, startDate: '2030-01-01 09:00', timezone: 'Europe/Berlin' })
 */
export class IntervalTrigger implements Trigger {
  /** The distance between two times, in milliseconds. */
  readonly intervalMs: number;
  private readonly window: RepeatWindow;
  /** Not the window's: most have theirs from the anchor, and so they share a window. Null while it is left open. */
  private readonly start: number | null;

  /** @throws InvalidInputError with every fault */
  constructor(options: IntervalTriggerOptions) {
    const { intervalMs, window, start } = options instanceof IntervalParts ? options : readOptions(options);
    this.intervalMs = intervalMs;
    this.window = window;
    this.start = start;
  }

  get type(): 'interval' {
    return 'interval';
  }

  /** Its times; null while its start is left open. Made for those that combine it: there may be a million triggers. */
  get grid(): IntervalGrid | null {
    const { start } = this;
    return start === null ? null : new IntervalGrid(start, this.intervalMs, this.window.last);
  }

  get timezone(): string {
    return this.window.zone.name;
  }

  get jitter(): Jitter {
    return this.window.jitter;
  }

  get end(): number {
    return this.window.last;
  }

  get isStartOpen(): boolean {
    return this.start === null;
  }

  next(previous: number | null, now: number): number | null {
    const { start, intervalMs } = this;
    const { last } = this.window;
    if (start !== null) return nextInGrid(start, intervalMs, last, previous ?? Math.ceil(now) - 1);
    const time = (previous ?? now) + intervalMs;
    return time <= last ? time : null;
  }

  previous(before: number): number | null {
    const { start } = this;
    return start === null ? null : previousInGrid(start, this.intervalMs, this.window.last, before);
  }

  /** Without a start date, the first time is one interval from now (APScheduler: `IntervalTrigger`). */
  anchor({ now, timezone }: TriggerContext): IntervalTrigger {
    const { start, intervalMs, window } = this;
    const { last, isZoneKnown } = window;
    const first = now + intervalMs;
    // A start beyond the end would be refused; left open, the trigger has ended, which is what is meant.
    const isComplete = start !== null || first > last;
    // Only the zone tells when an end is that was written without an offset.
    if (!isZoneKnown && (isComplete || last < MAX_INSTANT)) {
      return new IntervalTrigger({ timezone, ...this.options }).anchor({ now, timezone });
    }
    if (isComplete) return this;
    // What has been read need not be written and read again: nearly every job that is added comes by here.
    const parts: unknown = new IntervalParts(intervalMs, window.in(timezone), Math.floor(first));
    return new IntervalTrigger(parts as IntervalTriggerOptions);
  }

  toJSON(): TriggerJson {
    return { type: this.type, ...this.options };
  }

  /** Those that make an equal trigger. */
  private get options(): GivenOptions {
    return { ...partsOf(this.intervalMs), ...this.window.toJSON(this.start) };
  }
}

function readOptions(options: IntervalTriggerOptions): IntervalParts {
  const faults = new FaultList();
  const given = givenOptions('interval', options, faults);
  const intervalMs = readInterval(given, faults);
  const window = RepeatWindow.read(given, faults);
  faults.throwIfAny('Invalid interval trigger');
  return new IntervalParts(intervalMs, window, window.start);
}

function readInterval(options: GivenOptions, faults: FaultList): number {
  const length = options['every'] === undefined ? readParts(options, faults) : readText(options, faults);
  if (length === undefined) return 0;
  const intervalMs = Math.round(length);
  if (intervalMs < 1) refuse(options, 'must make an interval of a millisecond at least', faults);
  if (intervalMs > MAX_INSTANT) refuse(options, 'must not make an interval beyond the calendar', faults);
  return intervalMs;
}

function refuse(options: GivenOptions, problem: string, faults: FaultList): void {
  const given = 'every' in options ? ['every'] : PART_NAMES.filter((part) => part in options);
  for (const name of given) faults.add(name, `${problem}, got ${show(options[name])}`);
}

function readText(options: GivenOptions, faults: FaultList): number | undefined {
  for (const part of PART_NAMES) if (part in options) faults.add(part, 'must not be given beside every');
  return faults.attempt(() => parseDuration(options['every'], 'every'));
}

/** The sum of the parts, in milliseconds; undefined when there is none, or one of them cannot be read. */
function readParts(options: GivenOptions, faults: FaultList): number | undefined {
  let sum = 0;
  let isGiven = false;
  let isReadable = true;
  for (const [part, unitMs] of PARTS) {
    const value = options[part];
    if (value === undefined) continue;
    isGiven = true;
    if (typeof value === 'number' && value >= 0 && value < Infinity) sum += value * unitMs;
    else {
      faults.add(part, `must be a number of ${part} and not negative, got ${show(value)}`);
      isReadable = false;
    }
  }
  if (!isGiven) faults.add('seconds', `must be given, or another of ${PART_NAMES.join(', ')}, or every`);
  return isGiven && isReadable ? sum : undefined;
}

/** An interval as APScheduler writes it: each part less than one of the part before, none that is zero. */
function partsOf(intervalMs: number): Record<string, number> {
  const parts: Record<string, number> = {};
  let rest = intervalMs;
  for (const [part, unitMs] of PARTS) {
    const value = part === 'seconds' ? rest / unitMs : Math.floor(rest / unitMs);
    if (value > 0) parts[part] = value;
    rest -= value * unitMs;
  }
  return parts;
}
