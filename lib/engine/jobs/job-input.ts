import { InvalidInputError, type Fault } from '../errors.js';
import { copyData } from '../util/copy-data.js';
import { show } from '../util/inspect.js';
import type { Declaration, JobPause } from '../model/job.js';
import type { JobOptions, TaskReference } from './job-definition.js';
import { isPlainObject } from '../util/is-plain-object.js';
import {
  checkOption,
  checkOptions,
  jobOptionChecks,
  normalizeOptions,
  type Checks,
  type ResolvedJobDefaults,
} from './job-options.js';
import { parseDate, type DateInput } from '../time/iso-date.js';
import { isTrigger } from '../triggers/is-trigger.js';
import { createTrigger, triggerFromJson } from '../triggers/trigger-factory.js';
import type { Trigger } from '../triggers/trigger.js';

/** Options of a job as they were given, checked; its trigger made. */
export interface JobInput extends Readonly<Omit<JobOptions, keyof ResolvedJobDefaults>>, Partial<ResolvedJobDefaults> {
  readonly task?: TaskReference;
  readonly id?: string;
  readonly jobStore?: string;
  readonly replaceExisting?: boolean;
  readonly enabled?: boolean;
  readonly trigger?: Trigger;
  /** Of a job that is being declared: by which release. */
  readonly declares?: Declaration;
  /** What an imported job has beside what a definition can say. */
  readonly imported?: ImportedState;
}

/** A job of an export. */
export interface ImportedJob {
  /** Its path in the export: `jobs[2]`. */
  readonly field: string;
  /** Not validated yet. */
  readonly definition: Readonly<Record<string, unknown>>;
  readonly imported: ImportedState;
}

/** What jobs bring along from where they were. */
export interface ImportedState {
  /** Whether the trigger's start was filled in when the job was first added. */
  readonly startOpen: boolean;
  readonly declaredBy?: Declaration;
  readonly pause?: JobPause;
  readonly runsLeft?: number;
}

/** Says what else is wrong with an input, seen from where it is to go. Asked even when there are faults already. */
export type MoreFaults = (input: JobInput) => readonly Fault[];

/**
 * Checks a definition and makes its trigger. Takes anything: definitions also come from JSON.
 *
 * @throws InvalidInputError with every fault of the definition and its trigger.
 */
export function parseJobDefinition(
  definition: unknown,
  moreFaults: MoreFaults = () => [],
): JobInput & { readonly task: TaskReference } {
  const { input, faults } = parse(definition, jobOptionChecks, emptyInput());
  if (input.task === undefined && !faults.some(({ field }) => field === 'task')) {
    faults.push({ field: 'task', problem: 'is missing: name a registered task or give a function' });
  }
  faults.push(...moreFaults(input));
  if (faults.length > 0 || !hasTask(input)) {
    throw new InvalidInputError(typeof input.id === 'string' ? `Invalid job "${input.id}"` : 'Invalid job', faults);
  }
  return input;
}

function hasTask(input: JobInput): input is JobInput & { readonly task: TaskReference } {
  return input.task !== undefined;
}

/**
 * Checks changes to a job and makes the new trigger, if there is one.
 *
 * @throws InvalidInputError with every fault.
 */
export function parseJobChanges(id: string, changes: unknown, moreFaults: MoreFaults = () => []): JobInput {
  const { input, faults } = parse(changes, changeChecks, {});
  if (input.id !== undefined && input.id !== id) {
    faults.push({ field: 'id', problem: `cannot be changed, got ${show(input.id)} for job "${id}"` });
  }
  faults.push(...moreFaults(input));
  if (faults.length > 0) throw new InvalidInputError(`Invalid changes to job "${id}"`, faults);
  return input;
}

/**
 * Makes a trigger of a definition that says nothing else, or of its plain form; takes one that is made.
 *
 * @throws InvalidInputError with every fault
 */
export function parseTrigger(given: unknown): Trigger {
  if (isTrigger(given)) return given;
  const faults: Fault[] = [];
  const { trigger, ...options } = isPlainObject(given) ? given : { trigger: given };
  if (trigger === undefined && options['type'] !== undefined) return triggerFromJson(options);
  if (trigger === undefined) faults.push({ field: 'trigger', problem: 'is missing' });
  // Beside a trigger's name its options stand; beside anything else, nothing.
  const strangers = typeof trigger === 'string' ? [] : Object.keys(options);
  for (const field of strangers) faults.push({ field, problem: 'is not known here; known is trigger' });
  const made = makeTrigger(trigger, options, faults);
  if (!made || faults.length > 0) throw new InvalidInputError('Invalid trigger', faults);
  return made;
}

/** Data of the caller's. */
const COPIED: ReadonlySet<string> = new Set(['args', 'kwargs', 'metadata']);

/** What a job is kept in does not change, and whether it is enabled is its declaration's matter. */
const changeChecks: Checks = new Map(
  [...jobOptionChecks].filter(([name]) => name !== 'jobStore' && name !== 'replaceExisting' && name !== 'enabled'),
);

/**
 * Checks what was given. Each member is read once, by the name that it comes with: definitions may be spread together, and
 * then each has a shape of its own, of which every member that is asked for by name costs as much as all of this.
 *
 * @param input - what it goes into.
 */
function parse(given: unknown, checks: Checks, input: Record<string, unknown>): { input: JobInput; faults: Fault[] } {
  const faults: Fault[] = [];
  if (!isPlainObject(given)) {
    return { input: {}, faults: [{ field: 'definition', problem: `must be a plain object, got ${show(given)}` }] };
  }
  let trigger: unknown;
  let func: unknown;
  const others: Record<string, unknown> = {};
  for (const field of Object.keys(given)) {
    const value = given[field];
    if (value === undefined) continue;
    if (field === 'trigger') trigger = value;
    else if (field === 'func') func = value;
    else if (field === 'nextRunTime') input['nextRunTime'] = value;
    else if (jobOptionChecks.has(field)) {
      checkOption(field, value, checks, faults);
      // What the caller does to its own objects afterwards is not meant for the job.
      input[field] = COPIED.has(field) ? copyData(value) : value;
    } else others[field] = value;
  }
  if (func !== undefined) {
    if (input['task'] !== undefined)
      faults.push({ field: 'func', problem: 'is another name of task: give one of them' });
    checkOption('task', func, checks, faults);
    input['task'] = func;
  }
  // With a trigger's name, every option that no job has belongs to the trigger: it knows best whether it is one of its own.
  if (typeof trigger !== 'string') checkOptions(others, checks, faults);
  const made = makeTrigger(trigger, others, faults);
  const { nextRunTime } = input;
  // What instant it is may depend on the trigger's zone; whether it is one does not.
  if (nextRunTime !== undefined && nextRunTime !== null) {
    attempt(() => parseDate(nextRunTime as DateInput, 'nextRunTime', 'UTC'), faults);
  }
  // From here on, seconds are numbers and modes have their names.
  if (faults.length === 0) normalizeOptions(input);
  if (made) input['trigger'] = made;
  return { input, faults };
}

/** With every member that there can be, so that all inputs of new jobs have one shape: they are made and read very often. */
function emptyInput(): { [Name in keyof Required<JobInput>]: undefined } {
  return {
    id: undefined,
    name: undefined,
    task: undefined,
    args: undefined,
    kwargs: undefined,
    trigger: undefined,
    declares: undefined,
    imported: undefined,
    executor: undefined,
    jobStore: undefined,
    replaceExisting: undefined,
    nextRunTime: undefined,
    runOnStart: undefined,
    tags: undefined,
    metadata: undefined,
    description: undefined,
    maxRuns: undefined,
    pauseAfterFailures: undefined,
    enabled: undefined,
    coalesce: undefined,
    catchUpLimit: undefined,
    misfireGraceTime: undefined,
    maxInstances: undefined,
    overlap: undefined,
    maxQueued: undefined,
    timeout: undefined,
    retry: undefined,
  };
}

function makeTrigger(trigger: unknown, options: Record<string, unknown>, faults: Fault[]): Trigger | undefined {
  if (trigger === undefined) return undefined;
  if (typeof trigger === 'string') return attempt(() => createTrigger(trigger, options), faults);
  if (isPlainObject(trigger) && typeof trigger['next'] !== 'function') {
    return attempt(() => triggerFromJson(trigger), faults, 'trigger.');
  }
  if (isTrigger(trigger)) return trigger;
  faults.push({
    field: 'trigger',
    problem: `must be a trigger's name, its options or a trigger, got ${show(trigger)}`,
  });
  return undefined;
}

/** What `read` answers; undefined when it is refused, for faults that join the others under `path`. */
function attempt<T>(read: () => T, faults: Fault[], path = ''): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    faults.push(...error.faults.map((fault) => ({ ...fault, field: path + fault.field })));
    return undefined;
  }
}
