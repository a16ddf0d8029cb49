import type { EventBus } from './event-bus.js';
import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MAX_INSTANCES,
  EVENT_JOB_MISSED,
  EVENT_JOB_SUBMITTED,
  type MissReason,
} from './events.js';
import { stackOf } from './inspect.js';
import type { JobExecution } from './job-execution.js';
import type { JobRecord } from './job.js';
import type { Logger } from './logger.js';
import type { RunOutcome } from './run.js';
import type { StoreEntry } from './store-entry.js';
import type { RunPlan } from './stores/job-store.js';

/** Tells listeners and the log what becomes of runs. */
export class RunReporter {
  constructor(
    private readonly events: EventBus,
    private readonly logger: Logger,
  ) {}

  submission(
    code: typeof EVENT_JOB_SUBMITTED | typeof EVENT_JOB_MAX_INSTANCES,
    entry: StoreEntry,
    job: JobRecord,
    { runs, coalescedFrom }: Pick<RunPlan, 'runs' | 'coalescedFrom'>,
  ): void {
    if (!this.events.wants(code)) return;
    const scheduledRunTimes = runs.map(({ nominalTime }) => nominalTime);
    this.events.emit({ code, jobId: job.id, jobStore: entry.alias, scheduledRunTimes, coalescedFrom });
  }

  overlap({ id, maxInstances }: JobRecord): void {
    this.logger.warn(`Run of job "${id}" skipped: it is running ${maxInstances} time(s) already, its maxInstances`);
  }

  /** Runs for the nominal times `from` to `to` were not made. */
  missed(entry: StoreEntry, job: JobRecord, from: number, to: number, reason: MissReason, runId = ''): void {
    const times = from === to ? isoOf(from) : `${isoOf(from)} to ${isoOf(to)}`;
    this.logger.warn(`Run of job "${job.id}" for ${times} was missed: ${reason}`);
    this.events.emit({
      code: EVENT_JOB_MISSED,
      jobId: job.id,
      jobStore: entry.alias,
      runId,
      scheduledRunTime: from,
      lastScheduledRunTime: to,
      reason,
    });
  }

  outcome({ entry, job, run, context }: JobExecution, outcome: RunOutcome): void {
    const about = { jobId: job.id, jobStore: entry.alias, runId: context.runId, scheduledRunTime: run.nominalTime };
    if (outcome.state === 'failed') {
      const { error } = outcome;
      this.logger.error(`Job "${job.id}" failed`, error);
      this.events.emit({ code: EVENT_JOB_ERROR, ...about, exception: error, traceback: stackOf(error) });
    } else if (this.events.wants(EVENT_JOB_EXECUTED)) {
      this.events.emit({ code: EVENT_JOB_EXECUTED, ...about, returnValue: outcome.returnValue });
    }
  }
}

function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
