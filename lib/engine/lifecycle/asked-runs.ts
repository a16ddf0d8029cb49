import type { Clock } from '../clock.js';
import { InvalidInputError, NotRunHereError, SchedulerNotRunningError } from '../errors.js';
import type { Roles } from '../executors/roles.js';
import type { TaskRegistry } from '../executors/tasks.js';
import type { JobSpec } from '../model/job.js';
import type { GivenArguments } from '../model/run-record.js';
import type { RunWaiter } from '../runs/job-concurrency.js';
import { RunEntry, type RunMaker } from '../runs/run-entry.js';
import type { Runner } from '../runs/runner.js';
import type { StoreEntry } from '../runs/store-entry.js';

export interface AskedRunsParts {
  readonly clock: Clock;
  readonly maker: RunMaker;
  readonly roles: Roles;
  readonly tasks: TaskRegistry;
  readonly runner: Runner;
  /** Whether this node only ends what it has under way. */
  readonly isDrained: () => boolean;
}

/** Runs that somebody asks for, or the start of a scheduler: this node makes them, or leaves them to one that does. */
export class AskedRuns {
  constructor(private readonly parts: AskedRunsParts) {}

  /**
   * @returns the run: on its way; or missed, with the reason `other node`, when another node makes it.
   * @throws NotRunHereError; what {@link Runner.runNow} throws.
   */
  async run(
    entry: StoreEntry,
    job: JobSpec & { readonly paused: boolean },
    cause: 'manual' | 'start',
    waiter: RunWaiter | null,
    given: GivenArguments | null = null,
  ): Promise<RunEntry> {
    const { runner } = this.parts;
    const why = this.obstacleOf(job);
    if (why === null) return runner.runNow(entry, job, cause, waiter, given);
    const hint = hintFor(entry, job, waiter);
    if (hint !== null) throw new NotRunHereError(job.id, why, hint);
    return this.leaveToOthers(entry, job, cause, given);
  }

  /** Records it as missed: it is tried again by a node that takes the executor's runs. No event says that it was missed, since it was not. */
  private async leaveToOthers(
    entry: StoreEntry,
    job: JobSpec,
    cause: 'manual' | 'start',
    given: GivenArguments | null,
  ): Promise<RunEntry> {
    const { clock, maker, runner, tasks } = this.parts;
    if (runner.mode === 'closing' || !entry.open) throw new SchedulerNotRunningError();
    const { args, kwargs } = { ...job, ...given };
    const faults = given ? tasks.argumentFaults(job.task, args, kwargs) : [];
    if (faults.length > 0) throw new InvalidInputError(`Job "${job.id}" cannot run`, faults);
    const now = clock.now();
    const run = new RunEntry(maker, job, cause, now, now, now).leaveOut('missed', 'other node', now);
    run.given = given;
    run.retryAt = now;
    await entry.store.record([run]);
    return run;
  }

  private obstacleOf({ executor }: JobSpec): string | null {
    const { isDrained, roles } = this.parts;
    if (!roles.takes(executor)) return `by its roles it makes no runs of executor "${executor}"`;
    return isDrained() ? 'it is drained' : null;
  }
}

/** Why no other node can make the run either; null if one can. */
function hintFor(
  { alias, store }: StoreEntry,
  { paused }: { readonly paused: boolean },
  waiter: RunWaiter | null,
): string | null {
  if (!store.capabilities.shared) return `and other nodes do not share job store "${alias}"`;
  // Retries of a paused job wait, and the run is one for whoever makes it.
  if (paused) return 'and other nodes make no runs of a paused job: resume it first';
  return waiter === null ? null : 'pass wait: false to let another node make the run';
}
