import { delayMs, longestDelayMs, surestDelayMs, type Random } from './jitter.js';
import type { JobSpec } from '../jobs/job.js';
import { nextTime } from './next-time.js';
import type { DueRun } from '../stores/job-store.js';
import type { Trigger } from '../triggers/trigger.js';

/** Nominal times that are left out, the first and the last of them. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Which times a due job runs for now, which it leaves out, and where it goes on. */
export interface TimePlan {
  readonly times: readonly DueRun[];
  /** Missed times that one of `times` makes up for. */
  readonly coalesced: TimeRange | null;
  /** Missed times beyond the catch-up limit. */
  readonly dropped: TimeRange | null;
  /** Null when the trigger has ended. */
  readonly next: DueRun | null;
  /** Whether the trigger could not say its next time, and why. */
  readonly pausesJob: boolean;
  readonly error?: unknown;
}

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
function missedRun(nominalTime: number, { id, trigger: { jitter } }: JobSpec): DueRun {
  return { nominalTime, fireTime: jitter ? nominalTime + surestDelayMs(jitter, id) : nominalTime };
}

/**
 * Where a job goes on that is on time, as nearly all are: no other time of its trigger has passed.
 *
 * @returns null when its trigger has ended; undefined when it is not on time, or its trigger fails: see {@link planTimes}.
 */
export function nextIfOnTime(
  { id, trigger }: JobSpec,
  nominalTime: number,
  now: number,
  random: Random,
): DueRun | null | undefined {
  const after = nextAfter(trigger, nominalTime, now);
  if (after === undefined || after === null) return after;
  return after > passedAt(id, trigger, now) ? withJitter(after, id, trigger, random) : undefined;
}

/** Until when times have passed: a later one counts as missed only once its jitter is surely over. */
function passedAt(id: string, { jitter }: Trigger, now: number): number {
  return jitter ? now - longestDelayMs(jitter, id) : now;
}

/**
 * Decides what a due job runs now, and when it is due again.
 * The cost does not depend on how long the job has been waiting.
 *
 * @throws what the trigger throws when it is asked for what has been missed.
 */
export function planTimes(job: JobSpec, { nominalTime, fireTime }: DueRun, now: number, random: Random): TimePlan {
  const first: DueRun = { nominalTime, fireTime };
  const { id, trigger, coalesce } = job;
  const next = nextIfOnTime(job, nominalTime, now, random);
  if (next !== undefined) return { times: [first], coalesced: null, dropped: null, next, pausesJob: false };
  const passed = passedAt(id, trigger, now);
  const latest = trigger.previous(passed + 1);
  if (latest === null || latest <= nominalTime) return onwards(job, [first], nominalTime, now, random);
  if (!coalesce) return catchUp(job, first, latest, now, random);
  const made = coalesce === true ? missedRun(latest, job) : first;
  const coalesced =
    coalesce === true
      ? { from: nominalTime, to: trigger.previous(latest) ?? nominalTime }
      : { from: trigger.next(nominalTime, now) ?? latest, to: latest };
  return { ...onwards(job, [made], latest, now, random), coalesced };
}

/** The next time; undefined when the trigger fails to say it. */
function nextAfter(trigger: Trigger, nominalTime: number, now: number): number | null | undefined {
  try {
    return nextTime(trigger, nominalTime, now);
  } catch {
    return undefined;
  }
}

/** Every missed time up to the limit, the latest ones: found backwards, so that a year of them costs no more. */
function catchUp(job: JobSpec, first: DueRun, latest: number, now: number, random: Random): TimePlan {
  const { catchUpLimit } = job;
  const missed: DueRun[] = [];
  let time: number | null = latest;
  while (time !== null && time > first.nominalTime && missed.length < catchUpLimit) {
    missed.push(missedRun(time, job));
    time = job.trigger.previous(time);
  }
  missed.reverse();
  if (missed.length < catchUpLimit) return onwards(job, [first, ...missed], latest, now, random);
  const to = time === null ? first.nominalTime : Math.max(time, first.nominalTime);
  return { ...onwards(job, missed, latest, now, random), dropped: { from: first.nominalTime, to } };
}

/** @param last - the nominal time that the sequence has come to. */
function onwards(job: JobSpec, times: readonly DueRun[], last: number, now: number, random: Random): TimePlan {
  const plan = { times, coalesced: null, dropped: null, next: null, pausesJob: false };
  try {
    const nominalTime = nextTime(job.trigger, last, now);
    return nominalTime === null ? plan : { ...plan, next: withJitter(nominalTime, job.id, job.trigger, random) };
  } catch (error) {
    // What is due is due, whatever comes after it.
    return { ...plan, pausesJob: true, error };
  }
}
