import { InvalidInputError } from '../errors.js';
import { findJsonFaults } from '../util/json-faults.js';
import type { Execution } from './executor.js';

/** The trace that a run belongs to, as W3C Trace Context writes it: `traceparent`, and `tracestate` where there is one. */
export type TraceContext = Readonly<Record<string, string>>;

/** A run as plain JSON, for an executor whose tasks run elsewhere: in a thread, in another process, on another computer. */
export interface RunEnvelope {
  readonly runId: string;
  readonly jobId: string;
  /** The registered name of the task to call. */
  readonly task: string;
  readonly args: readonly unknown[];
  /** Empty: the task is called without them. */
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** The nominal time that the run is for, in epoch milliseconds. */
  readonly scheduledTime: number;
  /** 1 for the first. */
  readonly attempt: number;
  /** How long the task may take, in milliseconds from its start; null where there is no limit. */
  readonly timeout: number | null;
  /** By when an outcome must be there, in epoch milliseconds by the scheduler's clock; null where there is no limit. */
  readonly deadline: number | null;
  /** Null where nothing is traced. */
  readonly trace: TraceContext | null;
}

/**
 * The envelope of a run that has begun.
 *
 * @param trace - the trace that the executor continues elsewhere.
 * @throws InvalidInputError with each argument that is not plain JSON: it would not arrive as it is.
 *
 * @example
 * if (execution.begin()) queue.add(execution.task, envelopeOf(execution));
 */
export function envelopeOf(execution: Execution, trace: TraceContext | null = null): RunEnvelope {
  const { task, args, kwargs, context, deadline, timeoutMs: timeout } = execution;
  const { runId, jobId, scheduledTime, attempt } = context;
  const faults = [...findJsonFaults(args, 'args'), ...findJsonFaults(kwargs, 'kwargs')];
  if (faults.length > 0) throw new InvalidInputError(`The run of job "${jobId}" cannot leave this thread`, faults);
  return { runId, jobId, task, args, kwargs, scheduledTime, attempt, timeout, deadline, trace };
}
