/** A trigger as plain JSON: its type and its options in camelCase, dates as ISO 8601 strings with an offset. */
export interface TriggerJson {
  readonly type: string;
  readonly [option: string]: unknown;
}

/** A delay that depends on the job's id alone: every run of the job has the same, and different jobs are spread. */
export interface SeededJitter {
  /** No delay is longer, in seconds. */
  readonly max: number;
  readonly seed: 'id';
}

/** How far runs are delayed: at random by up to so many seconds, or by the same for each run. */
export type Jitter = number | SeededJitter;

/** What a trigger that left something open is completed with when its job is added. */
export interface TriggerContext {
  /** The instant of adding, in epoch milliseconds. */
  readonly now: number;
  /** The scheduler's time zone. */
  readonly timezone: string;
}

/**
 * When a job runs. An immutable value: it holds no state and does not know the time.
 * All instants are epoch milliseconds.
 */
export interface Trigger {
  /** `'date'`, `'interval'`, `'cron'`, ... or a name of one's own. */
  readonly type: string;
  /** The time zone that its times are read and shown in: an IANA name or a fixed offset such as `+02:00`. */
  readonly timezone: string;
  /** Whether its start was left open, and the anchor may fill it in. Said for speed: unsaid, its JSON tells. */
  readonly isStartOpen?: boolean;
  /** A delay on top of each nominal time. The sequence of nominal times does not move. */
  readonly jitter?: Jitter;
  /** The instant of `endDate`, in epoch milliseconds: jitter delays no run beyond it. Left out: there is none. */
  readonly end?: number;
  /**
   * The next nominal time (APScheduler: `get_next_fire_time`).
   *
   * @param previous - the nominal time before, or null when there was none.
   * @param now - the current instant; only looked at when there is no previous time.
   * @returns null when the trigger has ended.
   */
  next(previous: number | null, now: number): number | null;
  /**
   * The latest nominal time earlier than an instant; null when there is none.
   * This is what makes coalescing a year of missed seconds cost what one costs.
   */
  previous(before: number): number | null;
  /** The same trigger with what was left open filled in: a start, a time zone. Itself when nothing was. */
  anchor?(context: TriggerContext): Trigger;
  /** Its plain-JSON form, from which `triggerFromJson` makes an equal trigger. */
  toJSON(): TriggerJson;
}
