import type { Clock } from '../clock.js';
import { InvalidInputError } from '../errors.js';
import { WorkBudget, WorkExhausted } from '../util/work-budget.js';
import { UPPER_BOUNDS } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { parseTrigger } from './job-input.js';
import { isPlainObject } from '../util/is-plain-object.js';
import type { Job } from '../model/job.js';
import { nextTime } from '../triggers/next-time.js';
import { formatDate, parseDate, type DateInput } from '../time/iso-date.js';
import { describeTrigger } from '../triggers/description/describe-trigger.js';
import { FaultList } from '../triggers/fault-list.js';
import { neverFires } from '../triggers/never-fires.js';
import type { Trigger } from '../triggers/trigger.js';

/** How many times a preview can have. */
export const MAX_PREVIEW_COUNT = UPPER_BOUNDS.previewCount;

/** How long times are looked for before the event loop gets its turn. */
const SLICE_MS = 5;

/** What all times of a preview may cost together. */
const PREVIEW_WORK = 250_000;

/** What of a trigger is to be seen. */
export interface PreviewOptions {
  /** How many times at most, 1 to 1000. @default 10 */
  count?: number;
  /** No time is earlier. Text without an offset is in the trigger's time zone. @default now */
  from?: DateInput;
}

/** A nominal time of a trigger: jitter is not in it. */
export interface PreviewedTime {
  /** In epoch milliseconds. */
  readonly time: number;
  /** ISO 8601 with the offset that the trigger's time zone has then: `2030-05-05T12:00:00+02:00`. */
  readonly iso: string;
}

/** What a trigger means, and when it fires next. */
export interface TriggerPreview {
  /** In English: `at 09:00, Monday to Friday (Europe/Berlin)`. */
  readonly description: string;
  /** The time zone that the times are written in. */
  readonly timezone: string;
  /** Fewer than were asked for when the trigger ends, or no further time can be found. */
  readonly times: readonly PreviewedTime[];
}

/** What previews are seen from. */
export interface PreviewContext {
  readonly clock: Clock;
  /** The scheduler's time zone. */
  readonly timezone: string;
}

/**
 * The next times of a trigger that no job has: those that a job would have which is added at `from`.
 *
 * @throws InvalidInputError with every fault; also when the trigger never fires
 */
export async function previewTrigger(
  definition: unknown,
  options: unknown,
  context: PreviewContext,
): Promise<TriggerPreview> {
  const { trigger, first, count } = parsePreview(definition, options, context);
  return preview(trigger, first, count, context.clock);
}

/**
 * The next times of a job. A run that is overdue is the first of them; a paused job has those that it would have if it
 * went on; a job that has ended has none.
 *
 * @throws InvalidInputError with every fault of the options
 */
export async function previewJob(job: Job, options: unknown, { clock }: PreviewContext): Promise<TriggerPreview> {
  const faults = new FaultList();
  const { count, from } = readOptions(options, job.trigger.timezone, faults);
  faults.throwIfAny('Invalid preview');
  const now = clock.now();
  // What comes after an overdue time is not overdue, too: missed times are made up by one run.
  const afterwards = from === undefined ? now : -Infinity;
  return preview(job.trigger, firstOf(job, from, now), count, clock, afterwards);
}

/**
 * Checks a trigger and how it is to be previewed.
 *
 * @throws InvalidInputError with every fault; also when the trigger never fires
 */
export function parsePreview(
  definition: unknown,
  options: unknown,
  { clock, timezone }: PreviewContext,
): { readonly trigger: Trigger; readonly first: number; readonly count: number } {
  const faults = new FaultList();
  const given = faults.attempt(() => parseTrigger(definition));
  const anchoredAt = (now: number): Trigger | undefined => given?.anchor?.({ now, timezone }) ?? given;
  // The zone that a date without an offset is in is only known of an anchored trigger; whether it fires is asked below.
  const zone = new FaultList().attempt(() => anchoredAt(clock.now()))?.timezone ?? timezone;
  const { count, from = clock.now() } = readOptions(options, zone, faults);
  const trigger = faults.attempt(() => anchoredAt(from));
  const first = trigger && faults.attempt(() => nextTime(trigger, null, from));
  if (trigger && first === null) {
    const { field, problem } = neverFires(trigger);
    faults.add(field, problem);
  }
  if (!trigger || typeof first !== 'number') throw faults.toError('Invalid preview');
  faults.throwIfAny('Invalid preview');
  return { trigger, first, count };
}

const OPTIONS = ['count', 'from'];

function readOptions(options: unknown, timezone: string, faults: FaultList): { count: number; from?: number } {
  if (!isPlainObject(options)) {
    faults.add('options', `must be a plain object, got ${show(options)}`);
    return { count: 0 };
  }
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) faults.add(name, `is not known here; known are ${OPTIONS.join(', ')}`);
  }
  const { count = 10, from } = options;
  const isCount = typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MAX_PREVIEW_COUNT;
  if (!isCount) faults.add('count', `must be a whole number from 1 to ${MAX_PREVIEW_COUNT}, got ${show(count)}`);
  const date = from === undefined ? undefined : faults.attempt(() => parseDate(from as DateInput, 'from', timezone));
  return { count: isCount ? count : 0, ...(date && { from: date.epochMs }) };
}

function firstOf(
  { trigger, nextNominalTime, paused, pending }: Job,
  from: number | undefined,
  now: number,
): number | null {
  if (nextNominalTime !== null && nextNominalTime >= (from ?? -Infinity)) return nextNominalTime;
  if (nextNominalTime === null && !paused && !pending) return null;
  const time = nextTime(trigger, null, from ?? now);
  // A date is answered whenever it is.
  return time === null || time < (from ?? -Infinity) ? null : time;
}

/** @param afterwards - no time but the first is earlier. */
async function preview(
  trigger: Trigger,
  first: number | null,
  count: number,
  clock: Clock,
  afterwards = -Infinity,
): Promise<TriggerPreview> {
  const { timezone } = trigger;
  const times: PreviewedTime[] = [];
  const budget = new WorkBudget(PREVIEW_WORK);
  let sliceEnd = clock.now() + SLICE_MS;
  for (let time = first; time !== null;) {
    times.push({ time, iso: formatDate(time, timezone) });
    // One more than is asked for is not looked for: it might be far away.
    if (times.length === count) break;
    if (clock.now() >= sliceEnd) {
      await clock.yield();
      sliceEnd = clock.now() + SLICE_MS;
    }
    const previous = Math.max(time, afterwards - 1);
    time = furtherTime(trigger, previous, budget);
  }
  return { description: describeTrigger(trigger), timezone, times };
}

/** Null also where no further time can be found: what has been found is worth showing. */
export function furtherTime(trigger: Trigger, previous: number, budget: WorkBudget): number | null {
  try {
    return budget.run(() => nextTime(trigger, previous, previous));
  } catch (error) {
    if (error instanceof InvalidInputError || error instanceof WorkExhausted) return null;
    throw error;
  }
}
