const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/**
 * A duration in its parts (Flask-APScheduler: `extract_timedelta`).
 *
 * @param ms - in milliseconds, not negative.
 * @returns whole weeks, days, hours and minutes; what is left in seconds, with its fraction.
 * @throws RangeError when it is negative or not finite.
 *
 * @example
 * extractTimedelta(90 * 60_000); // [0, 0, 1, 30, 0]
 */
export function extractTimedelta(
  ms: number,
): [weeks: number, days: number, hours: number, minutes: number, seconds: number] {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`extractTimedelta: ${ms} ms is not a duration`);
  return [
    Math.floor(ms / WEEK),
    Math.floor((ms % WEEK) / DAY),
    Math.floor((ms % DAY) / HOUR),
    Math.floor((ms % HOUR) / MINUTE),
    (ms % MINUTE) / SECOND,
  ];
}
