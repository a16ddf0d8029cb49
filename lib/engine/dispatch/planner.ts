import type { Roles } from '../executors/roles.js';
import { messageOf } from '../util/inspect.js';
import type { Random } from '../triggers/jitter.js';
import type { JobSpec } from '../model/job.js';
import type { Logger } from '../logger.js';
import { nextIfOnTime, planTimes, rangeOf, union, type TimeRange } from './plan.js';
import type { MissReason, RunRecord, SkipReason } from '../model/run-record.js';
import { RunEntry, type RunMaker } from '../runs/run-entry.js';
import { placesOf, type JobConcurrency } from '../runs/job-concurrency.js';
import type { Runner } from '../runs/runner.js';
import { slotOf, type StoreEntry } from '../runs/store-entry.js';
import type { DueJob, DueRun, RunPlan } from '../stores/job-store.js';
import type { RunnableWork } from './runnable-work.js';

export interface PlannerParts {
  readonly logger: Logger;
  readonly random: Random;
  readonly maker: RunMaker;
  readonly runner: Runner;
  readonly roles: Roles;
  readonly work: RunnableWork;
}

const NOTHING: readonly RunEntry[] = [];

/**
 * Makes the runs of due jobs, and records of those that are not made. A job that cannot be planned or run here is left
 * where it is, and logged once.
 */
export class Planner {
  private readonly told = new Set<string>();
  /** What jobs wait for, as it was logged. */
  private readonly missed = new Set<string>();
  /** Why the triggers of jobs failed, by store and job. */
  private readonly failing = new Map<string, string>();

  constructor(private readonly parts: PlannerParts) {}

  /** The executors whose jobs this node plans; undefined for all. */
  get executors(): readonly string[] | undefined {
    return this.parts.roles.taken;
  }

  plan(entry: StoreEntry, job: JobSpec, due: DueJob, now: number, runningElsewhere = 0): RunPlan<RunEntry> | null {
    // What the roles of this node leave to others is nothing to tell.
    if (!this.parts.roles.takes(job.executor)) return null;
    const missing = this.parts.runner.missingFor(job);
    if (missing !== null) {
      this.tellMissing(missing);
      return null;
    }
    if (this.missed.size > 0) this.foundFor(job);
    if (runningElsewhere > 0) runningElsewhere += placesClaimed(entry, job, DUE);
    try {
      const plan = this.planRuns(entry, job, due, now, runningElsewhere);
      return due.runsLeft === undefined || !plan ? plan : limited(plan, due.runsLeft);
    } catch (error) {
      this.failing.set(keyOf(entry, job), `a trigger that works: ${messageOf(error)}`);
      this.tell(`Job "${job.id}" is left alone until it is changed: its trigger fails`, error);
      return null;
    }
  }

  /** The next attempt of a run; null when this node cannot make it, or has to wait for runs of other nodes. */
  retry(entry: StoreEntry, job: JobSpec, failed: RunRecord, now: number, runningElsewhere = 0): RunEntry | null {
    if (!this.parts.roles.takes(job.executor)) return null;
    const missing = this.parts.runner.missingFor(job);
    if (missing !== null) {
      this.tellMissing(missing);
      return null;
    }
    const { nominalTime, retryOf, id } = failed;
    const attempt = failed.state === 'missed' ? failed.attempt : failed.attempt + 1;
    if (runningElsewhere > 0) {
      const taken = runningElsewhere + placesClaimed(entry, job, placeOf(retryOf ?? id, attempt));
      if (isFull(entry.slots.get(job.id), job, taken)) return null;
    }
    const dueAt = dueTimeOf(failed, now);
    const run = new RunEntry(this.parts.maker, job, 'retry', nominalTime, dueAt, now, attempt, retryOf ?? id);
    run.given = failed.given;
    return run;
  }

  /** What a job waits for before it can run, here or on the nodes that it is left to; null when it waits for nothing but its time. */
  obstacleOf(entry: StoreEntry, job: JobSpec): string | null {
    const { roles, runner, work } = this.parts;
    const missing = roles.takes(job.executor) ? runner.missingFor(job) : work.missingElsewhere(entry.alias, job);
    if (missing !== null || this.failing.size === 0) return missing;
    return this.failing.get(keyOf(entry, job)) ?? null;
  }

  private planRuns(
    entry: StoreEntry,
    job: JobSpec,
    due: DueRun,
    now: number,
    runningElsewhere: number,
  ): RunPlan<RunEntry> | null {
    return (
      this.planSingle(entry, job, due, now, runningElsewhere) ?? this.planMissed(entry, job, due, now, runningElsewhere)
    );
  }

  /** The way of nearly all: one run, at its time, with a place free. Null for all others. */
  private planSingle(
    entry: StoreEntry,
    job: JobSpec,
    due: DueRun,
    now: number,
    runningElsewhere: number,
  ): RunPlan<RunEntry> | null {
    const { nominalTime, fireTime } = due;
    const { misfireGraceTime: grace } = job;
    if (this.failing.size > 0 || runningElsewhere > 0 || slotOf(entry, job.id)?.isFull(job)) return null;
    if (grace !== null && now - fireTime > grace * 1000) return null;
    const next = nextIfOnTime(job, nominalTime, now, this.parts.random);
    if (next === undefined) return null;
    const run = new RunEntry(this.parts.maker, job, 'schedule', nominalTime, fireTime, now);
    // It has its place: what records the claim is the outbox at the same time.
    if (this.parts.runner.handedOver.isFor(job.executor)) run.state = 'handed_over';
    return { runs: [run], leftOut: NOTHING, next, pausesJob: false };
  }

  private planMissed(
    entry: StoreEntry,
    job: JobSpec,
    due: DueRun,
    now: number,
    runningElsewhere: number,
  ): RunPlan<RunEntry> | null {
    const { times, coalesced, dropped, late, next, pausesJob, error } = planTimes(job, due, now, this.parts.random);
    if (this.failing.size > 0) this.failing.delete(keyOf(entry, job));
    // A place that another node has is waited for where the job is: whichever node is free takes it then.
    const mayNotSkip = job.overlap !== 'skip' || next === null;
    if (runningElsewhere > 0 && mayNotSkip && isFull(entry.slots.get(job.id), job, runningElsewhere)) return null;
    if (pausesJob) this.tell(`Job "${job.id}" runs and is paused then: its trigger cannot say its next time`, error);
    const overlap = times.length > 0 && next !== null ? overlapOf(entry, job, runningElsewhere) : null;
    const leftOut: RunEntry[] = [];
    if (coalesced && overlap === null) leftOut.push(this.leaveOut(job, 'skipped', 'coalesced', coalesced, now));
    if (dropped) leftOut.push(this.leaveOut(job, 'missed', 'catch-up limit', dropped, now));
    if (late) leftOut.push(this.leaveOut(job, 'missed', 'misfire', late, now));
    if (overlap === null) {
      return { runs: this.runsOf(job, times, now), leftOut, next, pausesJob };
    }
    // Coalesced times share the fate of the run that stands for them.
    const range = coalesced ? union(rangeOf(times), coalesced) : rangeOf(times);
    const skipped = this.extend(entry, job, overlap, range, now);
    const skippedTimes = coalesced ? [range.from, range.to] : times.map(({ nominalTime }) => nominalTime);
    return { runs: NOTHING, leftOut: [...leftOut, skipped], skippedTimes, next, pausesJob };
  }

  private runsOf(job: JobSpec, times: readonly DueRun[], now: number): readonly RunEntry[] {
    const { maker } = this.parts;
    return times.map(({ nominalTime, fireTime }) => new RunEntry(maker, job, 'schedule', nominalTime, fireTime, now));
  }

  private leaveOut(
    job: JobSpec,
    state: 'missed' | 'skipped',
    reason: MissReason | SkipReason,
    { from, to }: TimeRange,
    now: number,
  ): RunEntry {
    return new RunEntry(this.parts.maker, job, 'schedule', from, from, now).leaveOut(state, reason, now, to);
  }

  /** An episode of runs that are left out for one reason has one record: an hour of overlap would make thousands. */
  private extend({ slots }: StoreEntry, job: JobSpec, reason: SkipReason, range: TimeRange, now: number): RunEntry {
    const slot = slots.get(job.id);
    const { leftOut = null } = slot ?? {};
    if (leftOut?.reason === reason) return leftOut.leaveOut('skipped', reason, now, range.to);
    const run = this.leaveOut(job, 'skipped', reason, range, now);
    if (slot) slot.leftOut = run;
    return run;
  }

  private tellMissing(what: string): void {
    if (this.missed.has(what)) return;
    this.missed.add(what);
    this.parts.logger.warn(`Jobs wait for what this node does not have: ${what}`);
  }

  /** The job has all that it needs: if something is missing later, that is logged again. */
  private foundFor({ task, executor }: JobSpec): void {
    this.missed.delete(`task "${task}"`);
    this.missed.delete(`executor "${executor}"`);
  }

  private tell(message: string, error?: unknown): void {
    if (this.told.has(message)) return;
    this.told.add(message);
    if (error === undefined) this.parts.logger.warn(message);
    else this.parts.logger.error(message, error);
  }
}

/**
 * When a retry was due. A missed run was no attempt: its lateness counts from when it was due first. A run by hand that was left to
 * other nodes waits for one of them, and must not be too late for that.
 */
function dueTimeOf({ fireTime, reason, retryAt, state }: RunRecord, now: number): number {
  if (reason === 'other node') return now;
  return state === 'missed' ? fireTime : (retryAt ?? now);
}

/** A plan within the `maxRuns` of its job. */
function limited(plan: RunPlan<RunEntry>, left: number): RunPlan<RunEntry> {
  const runs = plan.runs.slice(0, left);
  const runsLeft = left - runs.length;
  return runsLeft > 0 ? { ...plan, runs, runsLeft } : { ...plan, runs, runsLeft, next: null, pausesJob: false };
}

function keyOf({ alias }: StoreEntry, { id }: JobSpec): string {
  return JSON.stringify([alias, id]);
}

/** Why a due run is left out when its job runs as often as it may; null when it is not. */
function overlapOf({ slots }: StoreEntry, job: JobSpec, runningElsewhere: number): SkipReason | null {
  const slot = slots.get(job.id);
  if (!isFull(slot, job, runningElsewhere)) return null;
  if (job.overlap === 'skip' || job.overlap === 'allow') return 'overlap';
  return job.overlap === 'queue' && slot && slot.waiting.length >= job.maxQueued ? 'queue full' : null;
}

/**
 * How many places the runs of a job will take that the claim under way has planned, without one of them. A claim that is
 * repeated plans them again, which must not count twice.
 */
function placesClaimed({ claiming }: StoreEntry, { id }: JobSpec, except: string): number {
  const runs = claiming.filter(({ jobId }) => jobId === id);
  const places = new Set(
    runs.map(({ attempt, cause, retryOf }) => (cause === 'retry' ? placeOf(retryOf, attempt) : DUE)),
  );
  places.delete(except);
  return places.size;
}

/** The place of the runs that are due by the schedule: one for them all. */
const DUE = 'due';
const placeOf = (retryOf: string | null, attempt: number): string => `${retryOf} ${attempt}`;

function isFull(slot: JobConcurrency | undefined, job: JobSpec, runningElsewhere: number): boolean {
  return (slot?.running ?? 0) + runningElsewhere >= placesOf(job);
}
