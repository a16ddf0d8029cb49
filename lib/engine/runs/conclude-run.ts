import { messageOf, stackOf } from '../util/inspect.js';
import type { RunError, RunOutcome } from './run-record.js';
import { cutText } from './cut-text.js';
import type { AbortOutcome } from './job-execution.js';
import type { RunEntry } from './run-entry.js';

/** How much JSON text of a result is kept, in characters. */
export const MAX_RESULT_LENGTH = 10_000;
const MAX_NAME_LENGTH = 1000;
const MAX_MESSAGE_LENGTH = 10_000;
const MAX_STACK_LENGTH = 10_000;
/** How many errors are kept of one that has causes or collects others, and how much text of each of those. */
const MAX_ERRORS = 20;
const MAX_COLLECTED = 10;
const MAX_INNER_LENGTH = 2_000;

/**
 * Writes down how a run ended, now that its task is over.
 *
 * @param abortOutcome - how it was told to end. A task that has done its work before it noticed a cancellation has succeeded; one
 *   that took too long has not, whatever it returned.
 */
export function concludeRun(run: RunEntry, outcome: RunOutcome, abortOutcome: AbortOutcome | null, now: number): void {
  run.settled = true;
  // Its state was told while the task still went on.
  if (run.finishedAt !== null) return;
  run.finishedAt = now;
  if (outcome.state === 'succeeded' && abortOutcome?.state !== 'timed_out') {
    run.state = 'succeeded';
    keepResult(run, outcome.returnValue);
  } else if (abortOutcome) {
    decide(run, abortOutcome);
  } else {
    run.state = 'failed';
    run.error = runErrorOf((outcome as { error: unknown }).error);
  }
}

/** Writes down how a run has been told to end, whether its task heeds that or not. */
export function decide(run: RunEntry, { state, reason, error }: AbortOutcome): void {
  run.state = state;
  run.reason = reason;
  run.error = runErrorOf(error);
}

/** @param seen - those that are part of the same record: an error may be among its own causes. */
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

function keepResult(run: RunEntry, value: unknown): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
    run.result = value;
    return;
  }
  const text = toJson(value);
  // JSON has no word for NaN and Infinity, and says null.
  if (text === undefined || typeof value === 'number') run.resultOmitted = 'JSON cannot hold it';
  else if (text.length > MAX_RESULT_LENGTH) run.resultOmitted = `its JSON is too long: ${text.length} characters`;
  // What is kept must not change when the task's own object does.
  else run.result = JSON.parse(text) as unknown;
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

/** What is thrown may be anything, with getters that throw. */
function nameOf(error: unknown): string {
  try {
    return error instanceof Error && typeof error.name === 'string' ? error.name : 'Error';
  } catch {
    return 'Error';
  }
}
