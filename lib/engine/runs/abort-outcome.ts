import { RunCancelledError, RunLostError } from '../errors.js';
import type { AbortReason } from '../model/run-record.js';

/** How a run is to end, whatever its task makes of it. */
export interface AbortOutcome {
  readonly state: 'timed_out' | 'cancelled' | 'lost';
  readonly reason: AbortReason;
  /** The reason of the run's signal. */
  readonly error: Error;
}

export const cancelledOutcome = (jobId: string, reason: AbortReason): AbortOutcome => ({
  state: 'cancelled',
  reason,
  error: new RunCancelledError(jobId, reason),
});

/** The outcome of a run of a node that has lost its lease: another node may make it again by now. */
export const nodeLostOutcome = (jobId: string): AbortOutcome => lostOutcome(jobId, 'node lost');

/** The outcome of a run that this node can no longer report. */
export const lostOutcome = (jobId: string, reason: 'node lost' | 'shutdown'): AbortOutcome => ({
  state: 'lost',
  reason,
  error: new RunLostError(jobId),
});
