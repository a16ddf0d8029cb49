import { fireTimeOf, longestDelayMs, surestDelayMs, surestFireTimeOf, type Random } from '../triggers/jitter.js';
import type { JobSpec } from '../model/job.js';
import { SECOND_MS } from '../time/civil.js';
import { nextTime } from '../triggers/next-time.js';
import type { DueRun } from '../stores/job-store.js';
import type { Trigger } from '../triggers/trigger.js';
import { WorkBudget, WorkExhausted } from '../util/work-budget.js';

/** The first and the last of the nominal times that are left out. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** The times that a due job runs for now, those that are left out, and its next time. */
export interface TimePlan {
  /** The times to run for, within their grace time. */
  readonly times: readonly DueRun[];
  /** Missed times that are coalesced into one of `times`. */
  readonly coalesced: TimeRange | null;
  /** Missed times beyond the catch-up limit. */
  readonly dropped: TimeRange | null;
  /** Missed times beyond the misfire grace time. */
  readonly late: TimeRange | null;
  /** Null if the trigger has ended. */
  readonly next: DueRun | null;
  /** The error of a trigger that failed to compute its next time. */
  readonly pausesJob: boolean;
  readonly error?: unknown;
}

/** The missed times that are made up, before the grace time is applied. */
interface MadeUp {
  /** In order, also by their fire times. */
  readonly times: readonly DueRun[];
  readonly coalesced?: TimeRange | null;
  readonly dropped?: TimeRange | null;
  /** Times before `times` that are beyond their grace time. */
  readonly late?: TimeRange | null;
}

/** The first run of a job's trigger as seen at an instant; null when it has none. */
export function firstRun(jobId: string, trigger: Trigger, now: number, random: Random): DueRun | null {
  const nominalTime = nextTime(trigger, null, now);
  return nominalTime === null ? null : withJitter(nominalTime, jobId, trigger, random);
}

/** A nominal time with its jitter. Jitter never affects the sequence of nominal times, so it cannot accumulate. */
function withJitter(nominalTime: number, jobId: string, trigger: Trigger, random: Random): DueRun {
  return { nominalTime, fireTime: fireTimeOf(nominalTime, trigger, jobId, random) };
}

/**
 * A nominal time that passed before its jitter was drawn. It was not due before the drawn time of the run before it, so
 * fire times are in the order of nominal times.
 */
function missedRun(nominalTime: number, first: DueRun, { id, trigger }: JobSpec): DueRun {
  const fireTime = surestFireTimeOf(nominalTime, trigger, id);
  return { nominalTime, fireTime: trigger.jitter ? Math.max(fireTime, first.fireTime) : fireTime };
}

/**
 * The next time of a job that is on time, the common case: no other time of its trigger has passed.
 *
 * @returns null if its trigger has ended; undefined if it is not on time, or its trigger fails: see {@link planTimes}.
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

/** The end of the missed times: a later one counts as missed only when its jitter has certainly passed. */
function passedAt(id: string, { jitter }: Trigger, now: number): number {
  return jitter ? now - longestDelayMs(jitter, id) : now;
}

/**
 * Decides what a due job runs now, and when it is due again.
 * The cost does not depend on how long the job has been waiting.
 *
 * @throws what the trigger throws while missed times are computed.
 */
export function planTimes(job: JobSpec, { nominalTime, fireTime }: DueRun, now: number, random: Random): TimePlan {
  const first: DueRun = { nominalTime, fireTime };
  const { id, trigger } = job;
  const next = nextIfOnTime(job, nominalTime, now, random);
  if (next !== undefined) return withinGrace(job, { times: [first] }, { next, pausesJob: false }, now);
  const latest = trigger.previous(passedAt(id, trigger, now) + 1);
  const isOnlyOne = latest === null || latest <= nominalTime;
  const madeUp = isOnlyOne ? { times: [first] } : makeUp(job, first, latest, now);
  return withinGrace(job, madeUp, onwards(job, isOnlyOne ? nominalTime : latest, now, random), now);
}

function makeUp(job: JobSpec, first: DueRun, latest: number, now: number): MadeUp {
  if (job.coalesce === 'earliest') return earliest(job, first, latest, now);
  if (!job.coalesce) return catchUp(job, first, latest);
  const coalesced = { from: first.nominalTime, to: job.trigger.previous(latest) ?? first.nominalTime };
  return { times: [missedRun(latest, first, job)], coalesced };
}

/** Leaves out the times that are too late. */
function withinGrace(
  { misfireGraceTime }: JobSpec,
  { times, coalesced = null, dropped = null, late = null }: MadeUp,
  goesOn: Pick<TimePlan, 'next' | 'pausesJob' | 'error'>,
  now: number,
): TimePlan {
  const count = misfireGraceTime === null ? 0 : times.findIndex((run) => !isLate(run, misfireGraceTime, now));
  if (count === 0) return { times, coalesced, dropped, late, ...goesOn };
  const tooLate = rangeOf(count < 0 ? times : times.slice(0, count));
  if (count > 0) return { times: times.slice(count), coalesced, dropped, late: tooLate, ...goesOn };
  // Coalesced times are treated like the run that represents them.
  return { times: [], coalesced: null, dropped, late: coalesced ? union(tooLate, coalesced) : tooLate, ...goesOn };
}

function isLate({ fireTime }: DueRun, graceSeconds: number, now: number): boolean {
  return now - fireTime > graceSeconds * SECOND_MS;
}

/** The next time; undefined if the trigger fails. */
function nextAfter(trigger: Trigger, nominalTime: number, now: number): number | null | undefined {
  try {
    return nextTime(trigger, nominalTime, now);
  } catch {
    return undefined;
  }
}

/** The earliest missed time that is not too late. */
function earliest(job: JobSpec, first: DueRun, latest: number, now: number): MadeUp {
  const { id, misfireGraceTime: grace, trigger } = job;
  const after = trigger.next(first.nominalTime, now) ?? latest;
  if (grace === null || !isLate(first, grace, now)) return { times: [first], coalesced: { from: after, to: latest } };
  const delay = trigger.jitter ? surestDelayMs(trigger.jitter, id) : 0;
  // The first instant that is not too late.
  const from = Math.ceil(now - grace * SECOND_MS - delay);
  const lastLate = Math.max(trigger.previous(from) ?? first.nominalTime, first.nominalTime);
  const made = trigger.next(lastLate, now);
  if (made === null || made > latest) return { times: [first], coalesced: { from: after, to: latest } };
  const rest = made < latest ? (trigger.next(made, now) ?? latest) : null;
  return {
    times: [missedRun(made, first, job)],
    late: { from: first.nominalTime, to: lastLate },
    coalesced: rest === null ? null : { from: rest, to: latest },
  };
}

/** The work budget for finding missed times. Times beyond it are dropped, like those beyond the limit. */
const CATCH_UP_WORK = 250_000;

/** The latest missed times up to the limit, found backwards, so that a year of them costs no more. */
function catchUp(job: JobSpec, first: DueRun, latest: number): MadeUp {
  const { catchUpLimit } = job;
  const missed: DueRun[] = [];
  let time: number | null = latest;
  const budget = new WorkBudget(CATCH_UP_WORK);
  while (time !== null && time > first.nominalTime && missed.length < catchUpLimit && !budget.isExhausted) {
    missed.push(missedRun(time, first, job));
    time = previousTime(job.trigger, time, budget);
  }
  missed.reverse();
  if (missed.length < catchUpLimit && !budget.isExhausted) return { times: [first, ...missed] };
  const to = time === null ? first.nominalTime : Math.max(time, first.nominalTime);
  return { times: missed, dropped: { from: first.nominalTime, to } };
}

/** Also null if the budget is spent. */
function previousTime(trigger: Trigger, time: number, budget: WorkBudget): number | null {
  try {
    return budget.run(() => trigger.previous(time));
  } catch (error) {
    if (error instanceof WorkExhausted) return null;
    throw error;
  }
}

/** @param last - the last nominal time of the sequence so far. */
function onwards(
  { id, trigger }: JobSpec,
  last: number,
  now: number,
  random: Random,
): Pick<TimePlan, 'next' | 'pausesJob' | 'error'> {
  try {
    const nominalTime = nextTime(trigger, last, now);
    return { next: nominalTime === null ? null : withJitter(nominalTime, id, trigger, random), pausesJob: false };
  } catch (error) {
    // A failure here must not affect the runs that are due.
    return { next: null, pausesJob: true, error };
  }
}

export function rangeOf(times: readonly DueRun[]): TimeRange {
  return { from: (times[0] as DueRun).nominalTime, to: (times.at(-1) as DueRun).nominalTime };
}

/** The range from the start of the earlier one to the end of the later one. */
export function union(one: TimeRange, other: TimeRange): TimeRange {
  return { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };
}
