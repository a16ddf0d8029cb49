import { RunCancelledError, RunLostError } from '../errors.js';
import type { AbortReason } from './run-record.js';
import type { Fate } from './job-execution.js';

export const cancelledFate = (jobId: string, reason: AbortReason): Fate => ({
  state: 'cancelled',
  reason,
  error: new RunCancelledError(jobId, reason),
});

/** Of a run whose outcome nobody will know. */
export const lostFate = (jobId: string, reason: 'node lost' | 'shutdown'): Fate => ({
  state: 'lost',
  reason,
  error: new RunLostError(jobId),
});
