import { isDeepStrictEqual } from 'node:util';
import { InvalidInputError, type Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import { withinBounds } from '../../engine/jobs/job-options.js';
import type { JobRecord, JobSchedule, JobSpec } from '../../engine/jobs/job.js';
import { triggerFromJson } from '../../engine/triggers/trigger-factory.js';
import type { Trigger } from '../../engine/triggers/trigger.js';

const MAX_ID_LENGTH = 191;

/** Where a job stands, as its state says. */
export interface JobState extends JobSchedule {
  /** What tells a job from an earlier one of its id. */
  readonly incarnation: string;
  /** What its definition was, of all that it ever was: incarnation and revision. */
  readonly edition: string;
}

/**
 * A job's definition as text.
 *
 * @param before - the definition of a job that is changed.
 * @throws InvalidInputError naming what JSON cannot hold.
 */
export function encodeJob(job: JobRecord, before?: string): string {
  const { id, trigger } = job;
  const definition = definitionOf(job);
  const faults = faultsOf(job, definition);
  if (faults.length > 0) throw new InvalidInputError(`Job "${id}" cannot be kept in Redis`, faults);
  return JSON.stringify({ ...(before === undefined ? {} : unknownMembers(before)), ...definition, trigger });
}

type Definition = Omit<JobSpec, 'id' | 'handler' | 'trigger'>;

function definitionOf(job: JobRecord): Definition {
  const { name, task, args, kwargs, startOpen, executor, coalesce, catchUpLimit, misfireGraceTime } = job;
  const { maxInstances, overlap, maxQueued, timeout, retry, runOnStart } = job;
  const what = { name, task, args, kwargs, startOpen, executor, retry, runOnStart };
  const options = { coalesce, catchUpLimit, misfireGraceTime, maxInstances, overlap, maxQueued, timeout };
  return { ...what, ...options, ...(job.declaredBy && { declaredBy: job.declaredBy }) };
}

/** What this release knows of a job; whatever else stands in its definition is a later release's, and is kept. */
const MEMBERS: ReadonlySet<string> = new Set([
  'name',
  'task',
  'args',
  'kwargs',
  'startOpen',
  'executor',
  'coalesce',
  'catchUpLimit',
  'misfireGraceTime',
  'maxInstances',
  'overlap',
  'maxQueued',
  'timeout',
  'retry',
  'runOnStart',
  'declaredBy',
] as const satisfies readonly (keyof Definition)[]);

function unknownMembers(text: string): Record<string, unknown> {
  const { trigger: _trigger, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !MEMBERS.has(name)));
}

function faultsOf({ id, task, handler, trigger, retry }: JobRecord, definition: Definition): readonly Fault[] {
  const faults: Fault[] = [];
  if (id.length > MAX_ID_LENGTH) faults.push({ field: 'id', problem: `must have at most ${MAX_ID_LENGTH} characters` });
  if (!id.isWellFormed()) faults.push({ field: 'id', problem: 'must be Unicode text: it has half a surrogate pair' });
  if (handler) faults.push({ field: 'task', problem: `"${task}" is a function without a registered name` });
  if (retry?.predicate) faults.push({ field: 'retry.retryIf', problem: 'is a function without a registered name' });
  for (const [field, value] of Object.entries(definition)) {
    if (isJson(value) || (field === 'retry' && retry?.predicate)) continue;
    faults.push({ field, problem: `must be what JSON can hold, got ${show(value)}` });
  }
  if (!canReadBack(trigger)) {
    faults.push({
      field: 'trigger',
      problem: `"${trigger.type}" is of its own making; it must be one of this package`,
    });
  }
  return faults;
}

/** @throws InvalidInputError, SyntaxError when it is from a release that knows more. */
export function decodeJob(id: string, text: string): JobSpec {
  const { trigger, ...rest } = JSON.parse(text) as Definition & { trigger: unknown };
  const members = Object.fromEntries(Object.entries(rest).filter(([name]) => MEMBERS.has(name)));
  return withinBounds({ ...(members as unknown as Definition), id, trigger: triggerFromJson(trigger) });
}

/** The next fire time, its nominal time and whether the job is paused: the end of a state. */
export function scheduleFields({ nextRunTime, nextNominalTime, paused }: JobSchedule): [string, string, string] {
  const next = nextRunTime === null ? '-' : String(nextRunTime);
  const nominal = nextRunTime === null ? '-' : String(nextNominalTime ?? nextRunTime);
  return [next, nominal, paused ? '1' : '0'];
}

export function decodeState(state: string): JobState {
  const [incarnation = '', revision = '', next = '-', nominal = '-', paused] = state.split(' ');
  return {
    incarnation,
    edition: `${incarnation} ${revision}`,
    nextRunTime: next === '-' ? null : Number(next),
    nextNominalTime: nominal === '-' ? null : Number(nominal),
    paused: paused === '1',
  };
}

function isJson(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  try {
    const text = JSON.stringify(value);
    return text !== undefined && isDeepStrictEqual(JSON.parse(text), value);
  } catch {
    return false;
  }
}

/** Those of this package that have no other trigger inside, which may be anybody's. */
const SIMPLE: ReadonlySet<string> = new Set(['date', 'interval', 'cron', 'calendarinterval']);

function canReadBack(trigger: Trigger): boolean {
  if (SIMPLE.has(trigger.type)) return true;
  try {
    return isDeepStrictEqual(triggerFromJson(trigger.toJSON()).toJSON(), trigger.toJSON());
  } catch {
    return false;
  }
}
