import { DAY_MS, SECOND_MS } from '../../time/civil.js';
import type { TimeZone } from '../../time/time-zone.js';
import { spendWork } from '../../util/work-budget.js';
import type { CronSchedule } from './cron-schedule.js';

/*
 * From wall-clock times to instants by the rule of Debian's cron.
 *
 * Fixed times run once a day: those that a gap swallows fire together at its end, those that an overlap repeats
 * fire in its first pass. Seen as a map, every fixed wall-clock time has exactly one instant, and later times
 * never have earlier instants. Wildcard times follow real time: they fire whenever the wall clock shows one.
 *
 * `edge` is where the clock stood at the change that a segment begins with: before a gap, it is where the
 * swallowed times begin; in an overlap, it is where the repeated ones end.
 */

/** A schedule with so many days in a row on which a gap swallows its time has no other days: it never fires. */
const MAX_ROUNDS = 400;
/** What a look at another stretch of a zone's time may cost. */
const ROUND_WORK = 100;

/**
 * The first instant, from `from` on, at which a schedule fires; null when there is none. In epoch milliseconds.
 */
export function nextFire(schedule: CronSchedule, zone: TimeZone, from: number): number | null {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (round > 0) spendWork(ROUND_WORK);
    const segment = zone.segmentAt(from);
    const { start, end, offset } = segment;
    let wall = from + offset;
    if (schedule.isFixed) {
      const edge = start + segment.offsetBefore;
      if (wall < edge || from === start) wall = edge;
    }
    const found = nextWall(schedule, wall);
    // A swallowed time lies before the segment: it fires at its start.
    if (found < end + offset) return Math.max(found - offset, start);
    if (end === Infinity) return null;

    const isRepeated = !schedule.isFixed && end + zone.segmentAt(end).offset < wall;
    if (isRepeated) {
      from = end;
      continue;
    }
    if (found === Infinity) return null;
    const target = zone.firstSegmentReaching(found);
    if (found >= target.start + target.offset) return found - target.offset;
    // Swallowed by the gap that the target begins with; its start decides what that means.
    from = target.start;
  }
  return null;
}

/**
 * The last instant, up to `from`, at which a schedule fires; null when there is none. In epoch milliseconds.
 */
export function previousFire(schedule: CronSchedule, zone: TimeZone, from: number): number | null {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (round > 0) spendWork(ROUND_WORK);
    const { start, offset, offsetBefore } = zone.segmentAt(from);
    const wall = from + offset;
    const edge = start + offsetBefore;
    const isSecondPass = wall < edge;
    const found = isSecondPass && schedule.isFixed ? -Infinity : previousWall(schedule, wall);
    const lowest = schedule.isFixed ? edge : start + offset;
    if (found >= lowest) return Math.max(found - offset, start);
    if (start === -Infinity) return null;

    if (isSecondPass) {
      // The first pass went further on the wall than this instant.
      from = start - SECOND_MS;
      continue;
    }
    if (found === -Infinity) return null;
    if (schedule.isFixed) {
      const target = zone.firstSegmentReaching(found);
      return Math.max(found - target.offset, target.start);
    }
    const target = zone.lastSegmentReaching(found);
    if (found < target.end + target.offset) return found - target.offset;
    from = target.end - SECOND_MS;
  }
  return null;
}

/** The first matching wall-clock time from `wall` on, as if it were UTC; Infinity when there is none. */
function nextWall({ days, times }: CronSchedule, wall: number): number {
  const today = Math.floor(wall / DAY_MS);
  const time = Math.ceil((wall - today * DAY_MS) / SECOND_MS) | 0;
  const day = days.next(time <= times.last ? today : today + 1);
  if (day === today) return day * DAY_MS + times.next(time) * SECOND_MS;
  return day === -1 ? Infinity : day * DAY_MS + times.first * SECOND_MS;
}

/** The last matching wall-clock time up to `wall`, as if it were UTC; -Infinity when there is none. */
function previousWall({ days, times }: CronSchedule, wall: number): number {
  const today = Math.floor(wall / DAY_MS);
  const time = ((wall - today * DAY_MS) / SECOND_MS) | 0;
  const day = days.previous(time >= times.first ? today : today - 1);
  if (day === today && day !== -1) return day * DAY_MS + times.previous(time) * SECOND_MS;
  return day === -1 ? -Infinity : day * DAY_MS + times.last * SECOND_MS;
}
