import { RunCancelledError, RunLostError } from '../errors.js';
import type { AbortReason } from './run-record.js';
import type { AbortOutcome } from './job-execution.js';

export const cancelledOutcome = (jobId: string, reason: AbortReason): AbortOutcome => ({
  state: 'cancelled',
  reason,
  error: new RunCancelledError(jobId, reason),
});

/** The outcome of a run that this node can no longer report. */
export const lostOutcome = (jobId: string, reason: 'node lost' | 'shutdown'): AbortOutcome => ({
  state: 'lost',
  reason,
  error: new RunLostError(jobId),
});
