import type { JobSpec } from '../../engine/model/job.js';
import type { MissReason, RunCause, RunState, SkipReason } from '../../engine/model/run-record.js';
import { RunEntry, type RunMaker } from '../../engine/runs/run-entry.js';

/** What differs from a run of the job's schedule that is made now. */
export interface RunGiven {
  readonly cause?: RunCause;
  /** @default the nominal time */
  readonly fireTime?: number;
  readonly attempt?: number;
  readonly retryOf?: string;
}

/** A run that has not begun, as the engine makes it. */
export function newRun(
  maker: RunMaker,
  job: Pick<JobSpec, 'id' | 'task'> & { readonly executor?: string },
  nominalTime: number,
  madeAt: number,
  given: RunGiven = {},
): RunEntry {
  const { cause = 'schedule', fireTime = nominalTime, attempt = 1, retryOf = null } = given;
  return new RunEntry(
    maker,
    { ...job, executor: job.executor ?? 'default' },
    cause,
    nominalTime,
    fireTime,
    madeAt,
    attempt,
    retryOf,
  );
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
  at: number,
  to = run.nominalTime,
): RunEntry {
  return run.leaveOut(state, reason, at, to);
}
