import type { DurationInput } from '../time/duration.js';
import type { CrontabDialect } from './cron/crontab-text.js';
import type { Trigger } from './trigger.js';
import type { DateInput } from '../time/iso-date.js';

/** Options of a trigger that fires once. */
export interface DateTriggerOptions {
  /** When. @default the moment its job is added */
  runDate?: DateInput;
  /** In place of `runDate`: how long after its job is added, or after the scheduler starts if that is later. Seconds, or `5s`. */
  delay?: DurationInput;
  /** The zone of a `runDate` without an offset. @default the scheduler's */
  timezone?: string;
}

/** What bounds a repeating trigger and shifts its times. */
export interface RepeatOptions {
  /** No time is earlier. */
  startDate?: DateInput;
  /** No time is later. */
  endDate?: DateInput;
  /** The zone that wall-clock times are in. @default the scheduler's */
  timezone?: string;
  /** How far each run is delayed; delays never add up. @default 0 */
  jitter?: JitterOption;
}

/**
 * How far runs are delayed: each by a random time of up to so many seconds (or a duration such as `2m`); or with
 * `seed: 'id'` by a time up to `max` that follows from the job's id: the same for every run, on every node.
 */
export type JitterOption = DurationInput | { readonly max: DurationInput; readonly seed: 'id' };

interface IntervalRepeatOptions extends RepeatOptions {
  /** The first time; all others keep their distance to it. @default the moment its job is added, plus one interval */
  startDate?: DateInput;
}

/** Options of an interval trigger given in parts. They add up; at least one is given. Fractions are fine. */
export interface IntervalPartsOptions extends IntervalRepeatOptions {
  weeks?: number;
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

/** Options of an interval trigger given as text. */
export interface IntervalEveryOptions extends IntervalRepeatOptions {
  /** `1h30m`, `90s`, `1.5h`, `250ms`, `2w 3d`; or ISO 8601: `PT90S`, `P1DT2H`, `P2W`. A day is 24 hours. */
  every: string;
}

type Never<T> = { [K in keyof T]?: never };

/** Options of a trigger that fires at a fixed distance: parts or text, not both. */
export type IntervalTriggerOptions =
  | (IntervalPartsOptions & { every?: never })
  | (IntervalEveryOptions & Never<Omit<IntervalPartsOptions, keyof RepeatOptions>>);

/** A cron field: a number, or an expression such as `*`, `*\/5`, `9-17/2`, `mon-fri`, `1,15`. */
export type CronField = string | number;

/**
 * Options of a cron trigger in APScheduler's field form: a time fires when all given fields match.
 * Fields more significant than the last given one default to `*`, less significant ones to their least value.
 */
export interface CronFieldsOptions extends RepeatOptions {
  /** Four digits. */
  year?: CronField;
  /** 1-12 or `jan`-`dec`. */
  month?: CronField;
  /** 1-31, `last`, `2nd fri`, `last sun`. */
  day?: CronField;
  /** ISO week, 1-53. */
  week?: CronField;
  /** 0-6 or `mon`-`sun`; 0 is Monday. */
  dayOfWeek?: CronField;
  hour?: CronField;
  minute?: CronField;
  second?: CronField;
}

/** Options beside a crontab string. */
export interface CrontabOptions extends RepeatOptions {
  /**
   * With `'extended'`, the fields for days take croner's `L`, `W` and `#`: the last day, the nearest weekday, the n-th
   * weekday of a month.
   * @default 'standard'
   */
  dialect?: CrontabDialect;
}

/** Options of a cron trigger given as a standard crontab string: five or six fields, 0 and 7 are Sunday, day of month OR day of week. */
export interface CrontabTriggerOptions extends CrontabOptions {
  crontab: string;
}

/** Fields or a crontab string, not both. */
export type CronTriggerOptions =
  | (CronFieldsOptions & { crontab?: never; dialect?: never })
  | (CrontabTriggerOptions & Never<Omit<CronFieldsOptions, keyof RepeatOptions>>);

/**
 * Options of a trigger that fires at a wall-clock time, on days at a distance in the calendar. The parts of the distance
 * are whole numbers and add up; at least one is given.
 */
export interface CalendarIntervalTriggerOptions extends RepeatOptions {
  years?: number;
  months?: number;
  weeks?: number;
  days?: number;
  /** 0-23. @default 0 */
  hour?: number;
  /** 0-59. @default 0 */
  minute?: number;
  /** 0-59. @default 0 */
  second?: number;
  /** The first day, `2030-01-31`; of an instant its day, and no time is earlier. @default the day its job is added */
  startDate?: DateInput;
  /** The last day, `2030-12-31`; of an instant its day, and no time is later. */
  endDate?: DateInput;
}

/** A trigger that another one is made of: itself, or its name under `type` and its options. Has no jitter of its own. */
export type TriggerMember = Trigger | { [T in TriggerType]: { type: T } & TriggerOptionsByType[T] }[TriggerType];

/** Options of a trigger that fires when all of its triggers do, or when one of them does. */
export interface CombinedTriggerOptions {
  /** At least one. */
  triggers: readonly TriggerMember[];
  /** How far each run is delayed; delays never add up. @default 0 */
  jitter?: JitterOption;
}

/** A stretch of time: `from` belongs to it, `to` does not. Days begin at midnight. */
export interface ExclusionWindow {
  from: DateInput;
  to: DateInput;
}

/**
 * What a trigger does not fire at: the times of another trigger, a whole day (`2030-12-25`), an instant, a stretch of
 * time. Days and dates without an offset are in the time zone of the trigger that they are taken out of.
 */
export type TriggerExclusion = TriggerMember | DateInput | ExclusionWindow;

/** Options of a trigger that fires as another one does, except at certain times. */
export interface ExceptTriggerOptions {
  /** The other one. Its jitter counts. */
  base: TriggerMember;
  except: readonly TriggerExclusion[];
}

/** The options of each trigger, by its name. */
export interface TriggerOptionsByType {
  date: DateTriggerOptions;
  interval: IntervalTriggerOptions;
  cron: CronTriggerOptions;
  calendarinterval: CalendarIntervalTriggerOptions;
  and: CombinedTriggerOptions;
  or: CombinedTriggerOptions;
  except: ExceptTriggerOptions;
}

/** The name of a trigger that comes with the package. */
export type TriggerType = keyof TriggerOptionsByType;
