import type { Clock } from '../clock.js';
import { firstRun } from '../dispatch/plan.js';
import type { Random } from '../triggers/jitter.js';
import { HOUR_MS } from '../time/civil.js';
import { CronTrigger } from '../triggers/cron.trigger.js';
import { DateTrigger } from '../triggers/date.trigger.js';
import { IntervalTrigger } from '../triggers/interval.trigger.js';
import { triggerFromJson } from '../triggers/trigger-factory.js';
import type { Trigger } from '../triggers/trigger.js';
import type { Logger } from '../logger.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { JobLookupError, JobUnreadableError } from '../errors.js';
import type { JobRecord } from '../model/job.js';

/** A longer change is a correction, after which the new time counts alone (cron(8) of Debian). */
const CORRECTION_MS = 3 * HOUR_MS;

export interface SetBack {
  /** The corrected time. */
  readonly now: number;
  /** By how much the clock has been set back, in milliseconds. */
  readonly byMs: number;
  readonly random: Random;
}

/**
 * A job whose next time was computed before the clock was set back: it has its next time after the corrected one instead.
 * Intervals keep their phase. A date stays, and so do fixed cron times that have run already, unless the change is a
 * correction of three hours or more.
 *
 * @param lastNominalTime - of its last run; null if there was none.
 * @returns the job itself if nothing changes.
 */
export function afterSetBack(
  job: JobRecord,
  lastNominalTime: number | null,
  { now, byMs, random }: SetBack,
): JobRecord {
  const { id, nextNominalTime, nextRunTime, paused } = job;
  if (paused || nextRunTime === null || nextRunTime <= now || job.trigger instanceof DateTrigger) return job;
  const hasRun = lastNominalTime !== null && lastNominalTime > now;
  const isRepeated =
    job.trigger instanceof IntervalTrigger || (job.trigger instanceof CronTrigger && !job.trigger.isFixed);
  if (hasRun && !isRepeated && byMs < CORRECTION_MS) return job;
  const trigger = job.startOpen ? startedBy(job.trigger, now) : job.trigger;
  const first = firstRun(id, trigger, now, random);
  if (first === null || first.nominalTime >= (nextNominalTime ?? nextRunTime)) return job;
  return { ...job, trigger, nextRunTime: first.fireTime, nextNominalTime: first.nominalTime };
}

/** The trigger with a start that was filled in from the wrong time, and lies ahead now, moved to where it does not delay it. */
function startedBy(trigger: Trigger, now: number): Trigger {
  const { startDate, ...rest } = trigger.toJSON();
  const start = typeof startDate === 'string' ? Date.parse(startDate) : NaN;
  if (!(start > now)) return trigger;
  if (trigger instanceof IntervalTrigger) {
    const { intervalMs } = trigger;
    const steps = Math.floor((start - now) / intervalMs);
    return triggerFromJson({ ...rest, startDate: new Date(start - steps * intervalMs).toISOString() });
  }
  const opened = triggerFromJson(rest);
  return opened.anchor?.({ now, timezone: trigger.timezone }) ?? opened;
}

/** How many jobs are looked at before yielding to the event loop. */
const SLICE = 500;

/** Schedules the jobs of a store anew after the clock that it goes by was set back. Of several nodes that do it, the first changes a job. */
export async function rescheduleAfterSetBack(
  { store }: StoreEntry,
  byMs: number,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<void> {
  const setBack = { now: clock.now() + (store.status?.()?.clockSkewMs ?? 0), byMs, random };
  const jobs = await store.list();
  for (let from = 0; from < jobs.length; from += SLICE) {
    const slice = jobs.slice(from, from + SLICE);
    const lastRuns = await store.lastRuns(slice.map(({ id }) => id));
    for (const job of slice) {
      const { id } = job;
      const last = lastRuns.get(id)?.lastNominalTime ?? null;
      if (afterSetBack(job, last, setBack) === job) continue;
      try {
        await store.update(id, (current) => afterSetBack(current, last, setBack));
      } catch (error) {
        // It has been removed or damaged meanwhile.
        if (!(error instanceof JobLookupError || error instanceof JobUnreadableError)) throw error;
      }
    }
    await clock.yield();
  }
}

/** Reports in the log and in health that a shared store's clock was set back, and schedules its jobs anew. */
export async function followStoreClock(
  entry: StoreEntry,
  byMs: number,
  parts: { readonly clock: Clock; readonly random: Random; readonly logger: Logger },
): Promise<void> {
  const { alias, pulse } = entry;
  const { clock, logger } = parts;
  pulse.setBack = { at: clock.now(), byMs };
  const by = `${Math.round(byMs / 1000)} s`;
  logger.warn(`The clock of job store "${alias}" was set back by ${by}: its jobs are scheduled anew from the new time`);
  try {
    await rescheduleAfterSetBack(entry, byMs, parts);
  } catch (error) {
    logger.error(`Jobs of job store "${alias}" could not be scheduled anew after its clock was set back`, error);
  }
}
