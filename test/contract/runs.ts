import type { JobSpec, RunPlan, RunState } from 'nestjs-apscheduler/engine';
import type { MissReason, RunCause, SkipReason } from '../../lib/engine/run.js';
import { RunEntry, type RunMaker } from '../../lib/engine/runs/run-entry.js';
import { RunIds } from '../../lib/engine/runs/run-ids.js';

/** About now, for stores that have a clock of their own. */
export const T = Math.floor(Date.now() / 1000) * 1000;

const maker: RunMaker = { node: 'here', ids: new RunIds() };

/** A run that has not begun, as the engine makes it. */
export function newRun(
  job: JobSpec,
  nominalTime: number,
  given: { cause?: RunCause; fireTime?: number; attempt?: number; retryOf?: string } = {},
): RunEntry {
  const { cause = 'schedule', fireTime = nominalTime, attempt = 1, retryOf = null } = given;
  return new RunEntry(maker, job, cause, nominalTime, fireTime, T, attempt, retryOf);
}

/** The run as it is once it has ended so. */
export function end(run: RunEntry, state: RunState, at: number): RunEntry {
  run.startedAt ??= at;
  run.state = state;
  run.settled = true;
  run.finishedAt = at;
  return run;
}

/** The run as one that is not made, or a range of them. */
export function leftOut(
  run: RunEntry,
  state: 'missed' | 'skipped',
  reason: MissReason | SkipReason,
  to = run.nominalTime,
  at = T,
): RunEntry {
  return run.leaveOut(state, reason, at, to);
}

/** A plan that makes no run, and moves the job on. */
export function onTo(time: number | null): RunPlan {
  return {
    runs: [],
    leftOut: [],
    parks: false,
    next: time === null ? null : { nominalTime: time, fireTime: time },
  };
}
