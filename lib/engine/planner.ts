import { messageOf } from './inspect.js';
import type { Random } from './jitter.js';
import type { JobSpec } from './job.js';
import type { Logger } from './logger.js';
import { planTimes, type TimeRange } from './plan.js';
import type { MissReason, RunRecord, SkipReason } from './run.js';
import { RunEntry, type RunMaker } from './runs/run-entry.js';
import type { StoreEntry } from './runs/store-entry.js';
import type { DueRun, RunPlan } from './stores/job-store.js';

export interface PlannerParts {
  readonly logger: Logger;
  readonly random: Random;
  readonly maker: RunMaker;
  /** What this node lacks to run a job; null when it lacks nothing. */
  readonly missingFor: (job: JobSpec) => string | null;
}

const NOTHING: readonly RunEntry[] = [];

/**
 * Makes the runs of due jobs, and records of those that are not made. A job that cannot be planned or run here is left
 * where it is, and told once.
 */
export class Planner {
  private readonly told = new Set<string>();
  /** Why the triggers of jobs failed, by store and job. */
  private readonly failing = new Map<string, string>();

  constructor(private readonly parts: PlannerParts) {}

  plan(entry: StoreEntry, job: JobSpec, due: DueRun, now: number): RunPlan | null {
    const missing = this.parts.missingFor(job);
    if (missing !== null) {
      this.tell(`Jobs wait for what this node does not have: ${missing}`);
      return null;
    }
    try {
      return this.planRuns(entry, job, due, now);
    } catch (error) {
      this.failing.set(keyOf(entry, job), `a trigger that works: ${messageOf(error)}`);
      this.tell(`Job "${job.id}" is left alone until it is changed: its trigger fails`, error);
      return null;
    }
  }

  /** The next attempt of a run; null when this node cannot make it. */
  retry(job: JobSpec, failed: RunRecord, now: number): RunEntry | null {
    const missing = this.parts.missingFor(job);
    if (missing !== null) {
      this.tell(`Jobs wait for what this node does not have: ${missing}`);
      return null;
    }
    // One that could not begin was no attempt.
    const attempt = failed.startedAt === null ? failed.attempt : failed.attempt + 1;
    const { nominalTime, retryAt, retryOf, id } = failed;
    return new RunEntry(this.parts.maker, job, 'retry', nominalTime, retryAt ?? now, now, attempt, retryOf ?? id);
  }

  /** What a job waits for before it can run here; null when it waits for nothing but its time. */
  obstacleOf(entry: StoreEntry, job: JobSpec): string | null {
    return this.parts.missingFor(job) ?? this.failing.get(keyOf(entry, job)) ?? null;
  }

  private planRuns(entry: StoreEntry, job: JobSpec, due: DueRun, now: number): RunPlan {
    const { times, coalesced, dropped, next, parks, error } = planTimes(job, due, now, this.parts.random);
    if (this.failing.size > 0) this.failing.delete(keyOf(entry, job));
    if (parks) this.tell(`Job "${job.id}" runs and is paused then: its trigger cannot say its next time`, error);
    const inTime = inGrace(times, job, now);
    const overlap = inTime.length > 0 && next !== null ? overlapOf(entry, job) : null;
    const isMadeUp = inTime.length > 0 && overlap === null;
    let leftOut = NOTHING;
    if (coalesced && isMadeUp) leftOut = [this.leaveOut(job, 'skipped', 'coalesced', coalesced, now)];
    if (dropped) leftOut = [...leftOut, this.leaveOut(job, 'missed', 'catch-up limit', dropped, now)];
    // Times that nobody makes up for share the fate of the run that would have.
    const withCoalesced = (range: TimeRange): TimeRange => (coalesced && !isMadeUp ? union(range, coalesced) : range);
    if (inTime.length < times.length) {
      const late = withCoalesced(rangeOf(times.slice(0, times.length - inTime.length)));
      leftOut = [...leftOut, this.leaveOut(job, 'missed', 'misfire', late, now)];
    }
    if (overlap === null) {
      return { runs: this.runsOf(job, inTime, now), leftOut, next, parks };
    }
    const range = withCoalesced(rangeOf(inTime));
    const skipped = this.extend(entry, job, overlap, range, now);
    const skippedTimes = coalesced ? [range.from, range.to] : inTime.map(({ nominalTime }) => nominalTime);
    return { runs: NOTHING, leftOut: [...leftOut, skipped], skippedTimes, next, parks };
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

  private tell(message: string, error?: unknown): void {
    if (this.told.has(message)) return;
    this.told.add(message);
    if (error === undefined) this.parts.logger.warn(message);
    else this.parts.logger.error(message, error);
  }
}

function keyOf({ alias }: StoreEntry, { id }: JobSpec): string {
  return JSON.stringify([alias, id]);
}

function rangeOf(times: readonly DueRun[]): TimeRange {
  return { from: (times[0] as DueRun).nominalTime, to: (times.at(-1) as DueRun).nominalTime };
}

function union(a: TimeRange, b: TimeRange): TimeRange {
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

/** Those that are not too late. Times are in order, so the late ones come first. */
function inGrace(times: readonly DueRun[], { misfireGraceTime }: JobSpec, now: number): readonly DueRun[] {
  if (misfireGraceTime === null) return times;
  const first = times.findIndex(({ fireTime }) => now - fireTime <= misfireGraceTime * 1000);
  return first < 0 ? [] : times.slice(first);
}

/** Why a due run is left out when its job runs as often as it may; null when it is not. */
function overlapOf({ slots }: StoreEntry, job: JobSpec): SkipReason | null {
  const slot = slots.get(job.id);
  if (!slot?.isFull(job)) return null;
  if (job.overlap === 'skip') return 'overlap';
  return job.overlap === 'queue' && slot.waiting.length >= job.maxQueued ? 'queue full' : null;
}
