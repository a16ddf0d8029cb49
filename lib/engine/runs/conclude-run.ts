import { messageOf, stackOf } from '../util/inspect.js';
import type { RunError, RunOutcome } from '../model/run-record.js';
import { cutText } from './cut-text.js';
import type { AbortOutcome } from './abort-outcome.js';
import type { RunLimits } from './run-limits.js';
import type { RunEntry } from './run-entry.js';

const MAX_NAME_LENGTH = 1000;
const MAX_MESSAGE_LENGTH = 10_000;
const MAX_STACK_LENGTH = 10_000;
/** How many nested errors (causes, members of an AggregateError) are kept, and how much text of each. */
const MAX_ERRORS = 20;
const MAX_COLLECTED = 10;
const MAX_INNER_LENGTH = 2_000;

/**
 * Records the outcome of a run whose task has ended.
 *
 * @param abortOutcome - the outcome of an abort, if any. A task that finished its work despite a cancellation has succeeded; one
 *   that timed out has not, whatever it returned.
 */
export function concludeRun(
  run: RunEntry,
  outcome: RunOutcome,
  abortOutcome: AbortOutcome | null,
  now: number,
  limits: RunLimits,
): void {
  run.settled = true;
  // Its state was recorded while the task was still active.
  if (run.finishedAt !== null) return;
  run.finishedAt = now;
  if (outcome.state === 'succeeded' && abortOutcome?.state !== 'timed_out') {
    run.state = 'succeeded';
    run.startedAt ??= now;
    keepResult(run, outcome.returnValue, limits);
  } else if (abortOutcome) {
    decide(run, abortOutcome);
  } else {
    const { state, error } = outcome as Exclude<RunOutcome, { state: 'succeeded' }>;
    run.state = state;
    // An executor that hands runs over need not know when it began.
    if (state !== 'lost') run.startedAt ??= now;
    if (state !== 'failed') run.reason = state === 'lost' ? 'worker lost' : 'timeout';
    run.error = runErrorOf(error);
  }
}

/** Records the outcome of an aborted run, whether or not its task reacts to the signal. */
export function decide(run: RunEntry, { state, reason, error }: AbortOutcome): void {
  run.state = state;
  run.reason = reason;
  run.error = runErrorOf(error);
}

/** @param seen - the errors of the same record, since causes may be circular. */
export function runErrorOf(error: unknown, seen: Set<unknown> = new Set()): RunError {
  const isInner = seen.size > 0;
  seen.add(error);
  const stack = stackOf(error);
  const inner = (value: unknown): RunError[] =>
    value === undefined || value === null || seen.has(value) || seen.size >= MAX_ERRORS
      ? []
      : [runErrorOf(value, seen)];
  const text = (whole: string, length: number): string =>
    cutText(whole, isInner ? Math.min(length, MAX_INNER_LENGTH) : length);
  const kept = {
    name: text(nameOf(error), MAX_NAME_LENGTH),
    message: text(messageOf(error), MAX_MESSAGE_LENGTH),
    stack: stack === null ? null : text(stack, MAX_STACK_LENGTH),
  };
  const { causes, collected } = innerErrorsOf(error);
  const [cause] = causes.flatMap(inner);
  const errors = collected.slice(0, MAX_COLLECTED).flatMap(inner);
  return { ...kept, ...(cause && { cause }), ...(errors.length > 0 && { errors }) };
}

function keepResult(run: RunEntry, value: unknown, { resultBytes }: RunLimits): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
    run.result = value;
    return;
  }
  const text = toJson(value);
  // JSON turns NaN and Infinity into null.
  if (text === undefined || typeof value === 'number') {
    run.resultOmitted = 'JSON cannot hold it';
    return;
  }
  const length = Buffer.byteLength(text);
  if (length > resultBytes) {
    run.resultOmitted = `its JSON is too long: ${length} bytes, and limits.resultBytes is ${resultBytes}`;
  } else {
    // A copy, since the task may change its own object later.
    run.result = JSON.parse(text) as unknown;
  }
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function innerErrorsOf(error: unknown): { causes: unknown[]; collected: unknown[] } {
  try {
    if (!(error instanceof Error)) return { causes: [], collected: [] };
    const collected: unknown = error instanceof AggregateError ? error.errors : [];
    return { causes: [error.cause], collected: Array.isArray(collected) ? collected : [] };
  } catch {
    return { causes: [], collected: [] };
  }
}

/** Anything can be thrown, including objects with getters that throw. */
function nameOf(error: unknown): string {
  try {
    return error instanceof Error && typeof error.name === 'string' ? error.name : 'Error';
  } catch {
    return 'Error';
  }
}
