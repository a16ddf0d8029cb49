import type { JobSpec } from '../../engine/model/job.js';
import type { RunRecord } from '../../engine/model/run-record.js';
import { completionTime } from '../../engine/stores/completion-time.js';
import { claimSize, type DueRun, type RunPlan } from '../../engine/stores/job-store.js';
import { scheduleFields } from './job-codec.js';
import { encodeEntry, encodeRun } from './run-codec.js';

/** Up to which time and id jobs and retries are passed over; empty for none. */
export interface Passed {
  readonly job: readonly [time: string, id: string];
  readonly retry: readonly [time: string, id: string];
}

export const NOTHING_PASSED: Passed = { job: ['', ''], retry: ['', ''] };

/** What is to become of due work, as it is sent. */
export class DueCommit {
  readonly jobs: { readonly job: JobSpec; readonly plan: RunPlan }[] = [];
  readonly retries: { readonly job: JobSpec; readonly run: RunRecord }[] = [];
  readonly left: string[] = [];
  /** The time and the id of the last job, and of the last retry, that is left. */
  lastLeft: Passed = NOTHING_PASSED;
  /** What its plans have. */
  size = 0;
  private readonly unplanned: string[] = [];
  private readonly jobFields: (string | number)[] = [];
  private readonly retryFields: (string | number)[] = [];

  /**
   * @param shown - the job's state as it was shown.
   * @param elsewhere - how many runs of it other nodes had under way as it was shown.
   * @param edition - of the job; it stays.
   */
  addJob(job: JobSpec, plan: RunPlan, due: DueRun, shown: string, elsewhere: number, edition: string): void {
    const { runs, leftOut, next, pausesJob, runsLeft } = plan;
    const schedule = {
      nextRunTime: next?.fireTime ?? null,
      nextNominalTime: next?.nominalTime ?? null,
      paused: pausesJob,
      ...(runsLeft !== undefined && { runsLeft }),
    };
    const [time, nominal, paused] = scheduleFields(schedule);
    this.jobs.push({ job, plan });
    this.size += claimSize(plan);
    const counts = [elsewhere, completionTime(job, plan, due) ?? '-', runs.length, leftOut.length];
    this.jobFields.push(job.id, shown, `${edition} ${time} ${nominal} ${paused}`, time, ...counts);
    for (const run of runs) this.jobFields.push(run.id, encodeEntry(run));
    for (const run of leftOut) this.jobFields.push(run.id, encodeEntry(run), run.finishedAt ?? run.nominalTime);
  }

  /** @param flag - of the failed run's row; it stays. */
  addRetry(job: JobSpec, run: RunRecord, shown: string, elsewhere: number, failed: RunRecord, flag: string): void {
    this.retries.push({ job, run });
    this.retryFields.push(failed.id, encodeRun(failed, flag), job.id, shown, elsewhere, run.id, encodeEntry(run));
  }

  /** Something stays where it is; this node is shown it again when it has changed. */
  leave(name: string, shown: string, dueAt: string): void {
    this.left.push(name, shown, dueAt);
    const place = [dueAt, name.slice(1)] as const;
    const { job, retry } = this.lastLeft;
    this.lastLeft = name.startsWith('j') ? { job: place, retry } : { job, retry: place };
  }

  /** A job was shown, and there was no room for it: it is due as before. */
  release(id: string, shown: string, dueAt: string): void {
    this.unplanned.push(`u${id}`, shown, dueAt);
  }

  get isFull(): boolean {
    return this.unplanned.length > 0;
  }

  fields(): (string | number)[] {
    return [
      this.jobs.length,
      ...this.jobFields,
      this.retries.length,
      ...this.retryFields,
      ...this.left,
      ...this.unplanned,
    ];
  }
}
