import { DAY_MS, SECOND_MS } from '../time/civil.js';
import type { TimeWindow } from './calendar/calendar-day.js';
import { readExpression, type CronExpression } from './cron/cron-expression.js';
import { nextFire, previousFire } from './cron/cron-search.js';
import { FaultList } from './fault-list.js';
import { givenOptions, type GivenOptions } from './given-options.js';
import type { CrontabOptions, CronTriggerOptions } from './options.js';
import { RepeatWindow } from './repeat-window.js';
import type { Jitter, Trigger, TriggerContext, TriggerJson } from './trigger.js';

const SUBJECT = 'Invalid cron trigger';

/** The years of cron begin in 1970, which no zone reaches more than a day before UTC does. */
const EARLIEST = -DAY_MS;

/**
 * Fires at times of the wall clock: in APScheduler's field form, when all given fields match,
 * or by a standard crontab string.
 *
 * In a zone with daylight saving time, Debian cron's rule holds. Fixed times (neither hour nor minute begins
 * with `*`) run once a day: those that a gap swallows fire once, at its end, those that an overlap repeats fire
 * the first time only. All others follow real time.
 *
 * @example
 * new CronTrigger({ dayOfWeek: 'mon-fri', hour: '9-17', minute: '*\/15', timezone: 'Europe/Berlin' })
 * CronTrigger.fromCrontab('0 9 * * 1-5', { timezone: 'Europe/Berlin' })
 */
export class CronTrigger implements Trigger {
  readonly type = 'cron';
  private readonly window: RepeatWindow;
  private readonly expression: CronExpression;
  /** No time is earlier, in epoch milliseconds. */
  private readonly first: number;

  /** @throws InvalidInputError with every fault; also when no date can ever match */
  constructor(options: CronTriggerOptions) {
    const faults = new FaultList();
    const given = givenOptions(this.type, options, faults);
    this.window = RepeatWindow.read(given, faults);
    const expression = readExpression(given, faults);
    if (expression === undefined) throw faults.toError(SUBJECT);
    this.first = Math.max(this.window.start ?? EARLIEST, EARLIEST);
    this.expression = expression;
    faults.throwIfAny(SUBJECT);
  }

  /**
   * A trigger of a standard crontab string: five fields, or six with seconds first, or a preset such as `@daily`.
   * 0 and 7 are Sunday. When day of month and day of week are both restricted, either is enough.
   *
   * @throws InvalidInputError
   */
  static fromCrontab(expression: string, options: CrontabOptions = {}): CronTrigger {
    return new CronTrigger({ ...options, crontab: expression });
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

  /** Whether it fires at fixed times of the day: neither the hour nor the minute begins with `*`. */
  get isFixed(): boolean {
    return this.expression.schedule.isFixed;
  }

  next(previous: number | null, now: number): number | null {
    const { zone, last } = this.window;
    const from = Math.max(previous === null ? now : previous + 1, this.first);
    if (!(from <= last)) return null;
    const time = nextFire(this.expression.schedule, zone, from);
    return time !== null && time <= last ? time : null;
  }

  previous(before: number): number | null {
    const { zone, last } = this.window;
    const from = Math.min(Math.ceil(before) - 1, last);
    if (!(from >= this.first)) return null;
    const time = previousFire(this.expression.schedule, zone, from);
    return time !== null && time >= this.first ? time : null;
  }

  /**
   * A stretch of time around one of its times, in each second of which it fires, as far as that is cheap to know:
   * within a day at most.
   */
  runAround(time: number): TimeWindow {
    const { zone, last } = this.window;
    const { start, end, offset, offsetBefore } = zone.segmentAt(time);
    const { times, isFixed } = this.expression.schedule;
    const midnight = Math.floor((time + offset) / DAY_MS) * DAY_MS - offset;
    const run = times.runAround((time - midnight) / SECOND_MS);
    // Fixed times do not fire again when an overlap repeats them.
    const again = isFixed ? Math.max(0, offsetBefore - offset) : 0;
    return {
      from: Math.max(midnight + run[0] * SECOND_MS, start + again, this.first),
      to: Math.min(midnight + (run[1] + 1) * SECOND_MS, end, last + 1),
    };
  }

  anchor({ timezone }: TriggerContext): CronTrigger {
    return this.window.isZoneKnown ? this : new CronTrigger({ timezone, ...this.options });
  }

  toJSON(): TriggerJson {
    return { type: this.type, ...this.options };
  }

  /** Those that make an equal trigger. */
  private get options(): GivenOptions {
    return { ...this.expression.json, ...this.window.toJSON() };
  }
}
