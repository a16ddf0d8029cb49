import type { Executor } from '../executors/executor.js';
import type { JobSpec } from '../model/job.js';
import type { ActiveRuns } from './active-runs.js';
import type { JobConcurrency } from './job-concurrency.js';
import type { JobExecution } from './job-execution.js';

/** Finds runs by hand that could never start, as the runs they wait for wait for them. */
export class WaitingRuns {
  constructor(
    private readonly active: ActiveRuns,
    private readonly executors: ReadonlyMap<string, Executor>,
  ) {}

  /** A run and those that wait for it: the second asked for it, the third for the second, and so on. */
  waitersOf(execution: JobExecution): readonly JobExecution[] {
    const caller = execution.batch.waiter?.caller ?? null;
    const waiting = caller === null ? undefined : this.active.list().find(({ run }) => run === caller);
    return waiting === undefined ? [execution] : [execution, ...this.waitersOf(waiting)];
  }

  /** Whether a run that `caller` waits for could never start. */
  wouldDeadlock(caller: JobExecution, job: JobSpec, slot: JobConcurrency | undefined): boolean {
    const canEnd = new Map<JobExecution, boolean>([[caller, false]]);
    return (slot?.isFull(job) === true && !this.getsFree(slot, canEnd)) || !this.hasRoom(job, canEnd);
  }

  /** @param known - which runs can end, as far as it is known; false while it is being found out. */
  private canEnd(execution: JobExecution, known: Map<JobExecution, boolean>): boolean {
    const found = known.get(execution);
    if (found !== undefined) return found;
    known.set(execution, false);
    const starts = execution.hasBegun || this.hasRoom(execution.job, known);
    const answer = starts && this.gets(execution, known);
    known.set(execution, answer);
    return answer;
  }

  /** Whether everything that a run waits for can end. */
  private gets(caller: JobExecution, known: Map<JobExecution, boolean>): boolean {
    const all = this.active.list();
    const isAwaited = ({ batch }: Pick<JobExecution, 'batch'>): boolean => batch.waiter?.caller === caller.run;
    if (!all.filter(isAwaited).every((execution) => this.canEnd(execution, known))) return false;
    const queued = all.filter(({ slot }) => slot.waiting.some((batch) => isAwaited({ batch })));
    return queued.every(({ slot }) => this.getsFree(slot, known));
  }

  private getsFree(slot: JobConcurrency, known: Map<JobExecution, boolean>): boolean {
    return this.active.list().some((execution) => execution.slot === slot && this.canEnd(execution, known));
  }

  private hasRoom({ executor }: JobSpec, known: Map<JobExecution, boolean>): boolean {
    const { concurrency = Infinity } = this.executors.get(executor) ?? {};
    const active = this.active.list();
    if (active.length < concurrency) return true;
    const begun = active.filter(({ hasBegun, job }) => job.executor === executor && hasBegun);
    return begun.length < concurrency || begun.some((execution) => this.canEnd(execution, known));
  }
}
