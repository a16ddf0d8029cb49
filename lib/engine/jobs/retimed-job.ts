import type { Random } from '../triggers/jitter.js';
import type { JobRecord } from '../model/job.js';
import { firstRun } from '../dispatch/plan.js';
import { DateTrigger } from '../triggers/date.trigger.js';
import { IntervalTrigger } from '../triggers/interval.trigger.js';
import type { Trigger } from '../triggers/trigger.js';

export interface RetimeParts {
  readonly now: number;
  readonly timezone: string;
  readonly random: Random;
}

/**
 * Where a job goes on that a declaration gives another trigger: from its last nominal time. A start that the new trigger
 * leaves open is that time, so an interval keeps the old one's phase. What is overdue stays due: it was promised. Of the
 * new trigger's times none that has passed is made up otherwise; those were never promised.
 *
 * @param incoming - the job as declared, as if it were new.
 * @param given - the new trigger as it was given, its start left open or not.
 */
export function retimed(current: JobRecord, incoming: JobRecord, given: Trigger, parts: RetimeParts): JobRecord {
  const { now, timezone, random } = parts;
  const last = lastNominalTime(current, now);
  // The open start of a date means at once.
  const isFromLast = incoming.startOpen && last !== null && !(given instanceof DateTrigger);
  const trigger = isFromLast ? (given.anchor?.({ now: last, timezone }) ?? given) : incoming.trigger;
  const { nextRunTime, nextNominalTime, paused } = current;
  if (paused || (nextNominalTime !== null && nextNominalTime <= now)) {
    return { ...incoming, trigger, nextRunTime, nextNominalTime, paused };
  }
  // A time that the old trigger had just now is not had again.
  const run = firstRun(current.id, trigger, last === now ? now + 1 : now, random);
  return run ? { ...incoming, trigger, nextRunTime: run.fireTime, nextNominalTime: run.nominalTime } : incoming;
}

/** The latest nominal time that a job has had; before its first one, when it was added, if that is known. Null when there is neither. */
function lastNominalTime({ trigger, nextNominalTime, startOpen }: JobRecord, now: number): number | null {
  const last = trigger.previous(Math.min(nextNominalTime ?? Infinity, now + 1));
  if (last !== null || !startOpen || !(trigger instanceof IntervalTrigger) || trigger.grid === null) return last;
  return trigger.grid.start - trigger.intervalMs;
}
