import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { CarriedError } from '../remote/carried-error.js';
import type { LoggedLine } from '../remote/run-reports.js';

/* What a worker says of a run, as JSON: in the progress of its job while it goes on, and in the job's return value. */

/** The member that marks what a `SchedulerWorkerHost` has written; its value is the version of the form. */
export const REPORT = 'apscheduler';

/** What a worker says of a run so far. Each member may be missing: workers in other languages say what they like. */
export interface WorkerReport {
  /** Its name for people. */
  readonly worker?: string;
  /** When it called the task, in epoch milliseconds by its clock. */
  readonly startedAt?: number;
  /** How many lines the task had said before `lines`. Without it, all of them are new. */
  readonly from?: number;
  /** What the task has said by `log()`. */
  readonly lines?: readonly string[];
  /** For the application's log. */
  readonly logged?: readonly LoggedLine[];
  /** How far the run is, from 0 to 1. */
  readonly progress?: number;
  /** Why it has failed: written before the job fails, since BullMQ keeps only the message of an error. */
  readonly failure?: WorkerFailure;
}

/** How a run has ended without a result. */
export interface WorkerFailure {
  readonly state: 'failed' | 'timed_out' | 'lost';
  readonly error: CarriedError;
}

/** What the job of a run returns. */
export interface WorkerAnswer extends WorkerReport {
  readonly [REPORT]: 1;
  /** What the task returned; missing for nothing. */
  readonly value?: unknown;
}

const LEVELS: readonly unknown[] = ['debug', 'info', 'warn', 'error'] satisfies LoggedLine['level'][];
const STATES: readonly unknown[] = ['failed', 'timed_out', 'lost'] satisfies WorkerFailure['state'][];

/** What is left of a report when everything is dropped that is not as it should be. A number is percent, as BullMQ has it. */
export function readReport(value: unknown): WorkerReport {
  if (typeof value === 'number') return value > 0 && value <= 100 ? { progress: value / 100 } : {};
  if (!isPlainObject(value)) return {};
  const { worker, startedAt, from, lines, logged, progress, failure } = value;
  return {
    ...(typeof worker === 'string' && worker !== '' && { worker }),
    ...(typeof startedAt === 'number' && Number.isFinite(startedAt) && { startedAt }),
    ...(Number.isInteger(from) && (from as number) >= 0 && { from: from as number }),
    ...(Array.isArray(lines) && { lines: lines.filter((line) => typeof line === 'string') }),
    ...(Array.isArray(logged) && { logged: logged.filter(isLoggedLine) }),
    ...(typeof progress === 'number' && progress >= 0 && progress <= 1 && { progress }),
    ...(isFailure(failure) && { failure }),
  };
}

/** Whether a job's return value is that of a `SchedulerWorkerHost`, and not the result itself. */
export function isAnswer(value: unknown): value is WorkerAnswer {
  return isPlainObject(value) && value[REPORT] === 1;
}

function isLoggedLine(line: unknown): line is LoggedLine {
  if (!isPlainObject(line) || typeof line['message'] !== 'string' || !LEVELS.includes(line['level'])) return false;
  return line['error'] === null || isCarried(line['error']);
}

function isFailure(failure: unknown): failure is WorkerFailure {
  return isPlainObject(failure) && STATES.includes(failure['state']) && isCarried(failure['error']);
}

/** Whether it can be revived: it comes from outside. */
function isCarried(error: unknown): error is CarriedError {
  if (!isPlainObject(error)) return false;
  if ('thrown' in error) return true;
  const { name, message, stack, members, cause, errors } = error;
  const hasText = typeof name === 'string' && typeof message === 'string';
  const hasStack = stack === null || typeof stack === 'string';
  const hasErrors = errors === null || (Array.isArray(errors) && errors.every(isCarried));
  return hasText && hasStack && hasErrors && isPlainObject(members) && (cause === null || isCarried(cause));
}
