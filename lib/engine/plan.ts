import { delayMs, longestDelayMs, surestDelayMs, type Random } from './jitter.js';
import type { JobRecord } from './job.js';
import type { Logger } from './logger.js';
import { nextTime } from './next-time.js';
import type { DueRun, RunPlan } from './stores/job-store.js';
import type { Trigger } from './triggers/trigger.js';

/** At most so many missed times are made up one by one; older ones are told as dropped. */
export const CATCH_UP_LIMIT = 1000;

/** A plan, and why the trigger could not say its next time, where it could not. */
type Plan = RunPlan & { readonly error?: unknown };

/** The first run of a job's trigger as seen at an instant; null when it has none. */
export function firstRun(jobId: string, trigger: Trigger, now: number, random: Random): DueRun | null {
  const nominalTime = nextTime(trigger, null, now);
  return nominalTime === null ? null : withJitter(nominalTime, jobId, trigger, random);
}

/** A nominal time with its jitter. Jitter is laid over the sequence and never enters it, so it cannot add up. */
function withJitter(nominalTime: number, jobId: string, { jitter }: Trigger, random: Random): DueRun {
  return { nominalTime, fireTime: jitter ? nominalTime + delayMs(jitter, jobId, random) : nominalTime };
}

/** A nominal time that passed before its jitter was drawn. */
function missedRun(nominalTime: number, { id, trigger: { jitter } }: JobRecord): DueRun {
  return { nominalTime, fireTime: jitter ? nominalTime + surestDelayMs(jitter, id) : nominalTime };
}

/**
 * Decides what a due job runs now, and when it is due again.
 * The cost does not depend on how long the job has been waiting.
 *
 * @throws what the trigger throws when it is asked for what has been missed.
 */
export function planRuns(job: JobRecord, now: number, random: Random): Plan {
  const { id, trigger, nextRunTime, nextNominalTime } = job;
  const fireTime = nextRunTime ?? now;
  const first: DueRun = { nominalTime: nextNominalTime ?? fireTime, fireTime };
  // A later time counts as missed only once its jitter is surely over.
  const latest = trigger.previous(now - (trigger.jitter ? longestDelayMs(trigger.jitter, id) : 0) + 1);
  if (latest === null || latest <= first.nominalTime) return onwards(job, [first], now, random);
  if (job.coalesce) {
    return { ...onwards(job, [missedRun(latest, job)], now, random), coalescedFrom: first.nominalTime };
  }
  return catchUp(job, first, latest, now, random);
}

/** Every missed time up to the limit, the latest ones: found backwards, so that a year of them costs no more. */
function catchUp(job: JobRecord, first: DueRun, latest: number, now: number, random: Random): Plan {
  const missed: DueRun[] = [];
  let time: number | null = latest;
  while (time !== null && time > first.nominalTime && missed.length < CATCH_UP_LIMIT) {
    missed.push(missedRun(time, job));
    time = job.trigger.previous(time);
  }
  missed.reverse();
  if (missed.length < CATCH_UP_LIMIT) return onwards(job, [first, ...missed], now, random);
  const to = time === null ? first.nominalTime : Math.max(time, first.nominalTime);
  return { ...onwards(job, missed, now, random), dropped: { from: first.nominalTime, to } };
}

function onwards(job: JobRecord, runs: readonly DueRun[], now: number, random: Random): Plan {
  const plan = { runs, coalescedFrom: null, dropped: null, next: null, parks: false };
  const last = (runs.at(-1) as DueRun).nominalTime;
  try {
    const nominalTime = nextTime(job.trigger, last, now);
    return nominalTime === null ? plan : { ...plan, next: withJitter(nominalTime, job.id, job.trigger, random) };
  } catch (error) {
    // What is due is due, whatever comes after it.
    return { ...plan, parks: true, error };
  }
}

/** Plans runs for the loop. A job that cannot be planned or run here is left where it is, and told once. */
export class Planner {
  private readonly told = new Set<string>();

  constructor(
    private readonly logger: Logger,
    private readonly random: Random,
    private readonly canRun: (job: JobRecord) => boolean,
  ) {}

  plan(job: JobRecord, now: number): RunPlan | null {
    if (!this.canRun(job)) {
      this.tell(`Jobs wait for what this node does not have: task "${job.task}" or executor "${job.executor}"`);
      return null;
    }
    try {
      const plan = planRuns(job, now, this.random);
      if (plan.parks)
        this.tell(`Job "${job.id}" runs and is paused then: its trigger cannot say its next time`, plan.error);
      return plan;
    } catch (error) {
      this.tell(`Job "${job.id}" is left alone until it is changed: its trigger fails`, error);
      return null;
    }
  }

  private tell(message: string, error?: unknown): void {
    if (this.told.has(message)) return;
    this.told.add(message);
    if (error === undefined) this.logger.warn(message);
    else this.logger.error(message, error);
  }
}
