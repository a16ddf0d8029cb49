import type { Job } from '../../engine/model/job.js';
import type { Run, RunPage } from '../../engine/model/run-record.js';
import type { UnreadableJob } from '../../engine/model/unreadable-job.js';
import type { UnreadableRun } from '../../engine/model/unreadable-run.js';
import { jobToDict } from './job-to-dict.js';
import type { Redactor } from '../../engine/audit/redactor.js';
import { runPageToDict, runToDict, unreadableRunToDict } from './run-to-dict.js';
import { unreadableToDict } from './unreadable-to-dict.js';

type WireObject = Record<string, unknown>;

/** Jobs and runs as the wire shows them to one actor. */
export class WireView {
  /** @param redactor - for actors that may not see secrets. */
  constructor(private readonly redactor?: Redactor) {}

  job(job: Job): WireObject {
    return jobToDict(this.shown(job));
  }

  /** The job as the actor may see it. */
  shown(job: Job): Job {
    return this.redactor?.job(job) ?? job;
  }

  /** Without its definition where that may hold what is hidden. */
  shownUnreadable(job: UnreadableJob): UnreadableJob {
    return this.hidesRecords ? { ...this.withoutRecord(job), definition: {} } : job;
  }

  run(run: Run): WireObject {
    return runToDict(this.redactor?.run(run) ?? run);
  }

  runPage({ runs, ...page }: RunPage): WireObject {
    const { redactor } = this;
    const unreadable = page.unreadable?.map((run) => this.withoutRecord(run));
    return runPageToDict({
      ...page,
      runs: redactor ? runs.map((run) => redactor.run(run)) : runs,
      ...(unreadable && { unreadable }),
    });
  }

  unreadableJob(job: UnreadableJob): WireObject {
    return unreadableToDict(this.withoutRecord(job));
  }

  /** With its record, which may hold anything. */
  damagedJob(job: UnreadableJob): WireObject {
    return { ...this.unreadableJob(job), raw: this.hidesRecords ? null : job.raw };
  }

  /** With its record, which may hold anything. */
  damagedRun(run: UnreadableRun): WireObject {
    return { ...unreadableRunToDict(this.withoutRecord(run)), raw: this.hidesRecords ? null : run.raw };
  }

  /** What the task of a job threw. */
  errorMessage(message: string, { id, task }: Job): string {
    return this.redactor?.text(message, ['error', 'message'], { jobId: id, task }) ?? message;
  }

  /** Whether a record that cannot be read is not shown. */
  get hidesRecords(): boolean {
    return this.redactor?.hidesRecords === true;
  }

  /** Why something cannot be read may quote it. */
  private withoutRecord<T extends UnreadableJob | UnreadableRun>(unreadable: T): T {
    return this.hidesRecords ? { ...unreadable, problem: 'its record cannot be read' } : unreadable;
  }
}
