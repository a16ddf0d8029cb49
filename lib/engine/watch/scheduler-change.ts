import {
  EVENT_ALL_JOBS_REMOVED,
  EVENT_AUDIT_RECORDED,
  EVENT_EXECUTOR_ADDED,
  EVENT_EXECUTOR_REMOVED,
  EVENT_JOB_ADDED,
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MAX_INSTANCES,
  EVENT_JOB_MISSED,
  EVENT_JOB_MODIFIED,
  EVENT_JOB_REMOVED,
  EVENT_JOB_SUBMITTED,
  EVENT_JOBSTORE_ADDED,
  EVENT_JOBSTORE_REMOVED,
  EVENT_SCHEDULER_PAUSED,
  EVENT_SCHEDULER_RESUMED,
  EVENT_SCHEDULER_SHUTDOWN,
  EVENT_SCHEDULER_STARTED,
  type SchedulerEvent,
} from '../events.js';
import type { AuditAction, AuditRecord } from '../model/audit.js';
import type { MissReason, Run, RunState, SkipReason } from '../model/run-record.js';

const STATE_TYPES = {
  [EVENT_SCHEDULER_STARTED]: 'scheduler_started',
  [EVENT_SCHEDULER_SHUTDOWN]: 'scheduler_shutdown',
  [EVENT_SCHEDULER_PAUSED]: 'scheduler_paused',
  [EVENT_SCHEDULER_RESUMED]: 'scheduler_resumed',
  [EVENT_EXECUTOR_ADDED]: 'executor_added',
  [EVENT_EXECUTOR_REMOVED]: 'executor_removed',
  [EVENT_JOBSTORE_ADDED]: 'jobstore_added',
  [EVENT_JOBSTORE_REMOVED]: 'jobstore_removed',
  [EVENT_ALL_JOBS_REMOVED]: 'all_jobs_removed',
} as const;

const JOB_TYPES = {
  [EVENT_JOB_ADDED]: 'job_added',
  [EVENT_JOB_REMOVED]: 'job_removed',
  [EVENT_JOB_MODIFIED]: 'job_modified',
} as const;

const RUN_TYPES = {
  [EVENT_JOB_SUBMITTED]: 'job_submitted',
  [EVENT_JOB_EXECUTED]: 'job_executed',
  [EVENT_JOB_ERROR]: 'job_error',
  [EVENT_JOB_MISSED]: 'job_missed',
  [EVENT_JOB_MAX_INSTANCES]: 'job_max_instances',
} as const;

type StateChangeType = (typeof STATE_TYPES)[keyof typeof STATE_TYPES];
type JobChangeType = (typeof JOB_TYPES)[keyof typeof JOB_TYPES];
type RunChangeType = (typeof RUN_TYPES)[keyof typeof RUN_TYPES];

/** The types of changes: the names of the events' codes in lower case. */
export const STATE_CHANGE_TYPES: readonly StateChangeType[] = Object.values(STATE_TYPES);
export const JOB_CHANGE_TYPES: readonly JobChangeType[] = Object.values(JOB_TYPES);
export const RUN_CHANGE_TYPES: readonly RunChangeType[] = Object.values(RUN_TYPES);
export const AUDIT_CHANGE_TYPE = 'audit_recorded';

interface AnyChange {
  /** In epoch milliseconds. */
  readonly time: number;
  /** The name of the node; null where it is not known. */
  readonly node: string | null;
}

/** This scheduler, an executor or a job store of it changed. */
export interface StateChange extends AnyChange {
  readonly type: StateChangeType;
  /** The alias of the executor or job store concerned, if any. */
  readonly alias: string | null;
}

/** A job was added, changed (also paused or resumed) or removed. */
export interface JobChange extends AnyChange {
  readonly type: JobChangeType;
  readonly jobId: string;
  readonly jobStore: string;
}

/** A run began or ended, or was left out. */
export interface RunChange extends AnyChange {
  readonly type: RunChangeType;
  readonly jobId: string;
  readonly jobStore: string;
  readonly runId: string;
  readonly state: RunState;
  /** Why it was left out; null for runs that were begun. */
  readonly reason: MissReason | SkipReason | null;
  /** The nominal time, in epoch milliseconds. */
  readonly scheduledRunTime: number;
}

/** An entry of the audit trail was recorded. {@link Scheduler.getAudit} answers it, with what was changed. */
export interface AuditRecordedChange extends AnyChange {
  readonly type: typeof AUDIT_CHANGE_TYPE;
  readonly auditId: string;
  readonly action: AuditAction;
  /** Who did it; null if no actor is named. */
  readonly actor: string | null;
  /** Null where it concerns no single job. */
  readonly jobId: string | null;
  readonly jobStore: string;
}

/** Other nodes made more runs, or entries of the audit trail, than are looked at: some of them are not told. */
export interface ChangeGap extends AnyChange {
  readonly type: 'gap';
  readonly of: 'runs' | 'audit';
  readonly jobStore: string;
}

/** What {@link Scheduler.watch} tells. `type` discriminates the kinds. */
export type SchedulerChange = StateChange | JobChange | RunChange | AuditRecordedChange | ChangeGap;

/** Called with each change. What it throws is logged. */
export type SchedulerChangeListener = (change: SchedulerChange) => void;

/** Tells what an event of this scheduler changes. Thousands of runs a second go by here: without lists of one. */
export function tellChanges(
  event: SchedulerEvent,
  node: string,
  time: number,
  tell: (change: SchedulerChange) => void,
): void {
  switch (event.code) {
    case EVENT_JOB_ADDED:
    case EVENT_JOB_REMOVED:
    case EVENT_JOB_MODIFIED:
      tell({ type: JOB_TYPES[event.code], time, node, jobId: event.jobId, jobStore: event.jobStore });
      return;
    case EVENT_JOB_SUBMITTED:
    case EVENT_JOB_MAX_INSTANCES: {
      const { code, jobId, jobStore, reason = null, runIds, scheduledRunTimes } = event;
      const state = code === EVENT_JOB_SUBMITTED ? (event.handedOver ? 'handed_over' : 'running') : 'skipped';
      for (let index = 0; index < runIds.length; index++) {
        const runId = runIds[index] as string;
        const scheduledRunTime = scheduledRunTimes[index] ?? time;
        tell({ type: RUN_TYPES[code], time, node, jobId, jobStore, runId, state, reason, scheduledRunTime });
      }
      return;
    }
    case EVENT_JOB_EXECUTED:
    case EVENT_JOB_ERROR:
    case EVENT_JOB_MISSED: {
      const { code, jobId, jobStore, runId, scheduledRunTime } = event;
      const state =
        code === EVENT_JOB_EXECUTED ? 'succeeded' : event.code === EVENT_JOB_ERROR ? event.state : ('missed' as const);
      const reason = event.code === EVENT_JOB_MISSED ? event.reason : null;
      tell({ type: RUN_TYPES[code], time, node, jobId, jobStore, runId, state, reason, scheduledRunTime });
      return;
    }
    case EVENT_AUDIT_RECORDED:
      tell(auditChangeOf(event.entry, event.entry.jobStore));
      return;
    default:
      tell({ type: STATE_TYPES[event.code], time, node, alias: event.alias });
  }
}

/** An entry of a store's audit trail, as a change. */
export function auditChangeOf(
  { action, actor, id, jobId, node, time }: AuditRecord,
  jobStore: string,
): AuditRecordedChange {
  return { type: AUDIT_CHANGE_TYPE, time, node, auditId: id, action, actor, jobId, jobStore };
}

/** How a run that has been read from its store stands, as a change. */
export function changeOf(run: Run, time: number): RunChange {
  const { id: runId, jobId, jobStore, node, nominalTime: scheduledRunTime, state } = run;
  const isLeftOut = state === 'missed' || state === 'skipped';
  const reason = isLeftOut ? (run.reason as MissReason | SkipReason | null) : null;
  return { type: typeOf(state), time, node, jobId, jobStore, runId, state, reason, scheduledRunTime };
}

function typeOf(state: RunState): RunChangeType {
  switch (state) {
    case 'running':
    case 'handed_over':
      return 'job_submitted';
    case 'succeeded':
      return 'job_executed';
    case 'missed':
      return 'job_missed';
    case 'skipped':
      return 'job_max_instances';
    default:
      return 'job_error';
  }
}
