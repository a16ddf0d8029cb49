import { isDeepStrictEqual } from 'node:util';
import { InvalidInputError, type Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import type { JobRecord, JobSchedule, JobSpec } from '../../engine/model/job.js';
import { readStoredJob, scheduleProblem, unknownMembers } from '../../engine/jobs/stored-job.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { triggerFromJson } from '../../engine/triggers/trigger-factory.js';
import type { Trigger } from '../../engine/triggers/trigger.js';

const MAX_ID_LENGTH = 191;

/** Where a job stands, as its state says. */
export interface JobState extends JobSchedule {
  /** What tells a job from an earlier one of its id. */
  readonly incarnation: string;
  /** What its definition was, of all that it ever was: incarnation and revision. */
  readonly edition: string;
  /** Why it cannot be read; null when it can. */
  readonly problem: string | null;
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
  return JSON.stringify({ ...(before === undefined ? {} : others(before)), ...definition, trigger });
}

type Definition = Omit<JobSpec, 'id' | 'handler' | 'trigger'>;

function definitionOf(job: JobRecord): Definition {
  const { name, task, args, kwargs, startOpen, executor, coalesce, catchUpLimit, misfireGraceTime } = job;
  const { maxInstances, overlap, maxQueued, timeout, retry, runOnStart } = job;
  const what = { name, task, args, kwargs, startOpen, executor, retry, runOnStart };
  const options = { coalesce, catchUpLimit, misfireGraceTime, maxInstances, overlap, maxQueued, timeout };
  const definition: Record<string, unknown> = { ...what, ...options };
  for (const name of OPTIONAL) if (job[name] !== undefined) definition[name] = job[name];
  return definition as unknown as Definition;
}

/** Members that few jobs have. */
const OPTIONAL = [
  ...(['declaredBy', 'tags', 'metadata', 'description', 'maxRuns', 'pauseAfterFailures'] as const),
  ...(['enabled', 'pause', 'failures'] as const),
];

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

/** What a later release has written with a job. */
function others(definition: string): Record<string, unknown> {
  const { task: _task, executor: _executor, ...stored } = JSON.parse(definition) as Record<string, unknown>;
  return unknownMembers(stored);
}

/** @throws Error naming what cannot be read. */
export function decodeJob(id: string, text: string): JobSpec {
  const stored: unknown = JSON.parse(text);
  const { task, executor } = isPlainObject(stored) ? stored : {};
  return readStoredJob(id, task, executor, stored);
}

/**
 * The next fire time, its nominal time and whether the job is paused: the end of a state. How many runs a schedule has left
 * stands with the nominal time, but for a job that is over.
 */
export function scheduleFields(schedule: JobSchedule): [string, string, string] {
  const { nextRunTime, nextNominalTime, paused, runsLeft } = schedule;
  const left = runsLeft === undefined || (nextRunTime === null && !paused) ? '' : `/${runsLeft}`;
  const next = nextRunTime === null ? '-' : String(nextRunTime);
  const nominal = nextRunTime === null ? '-' : String(nextNominalTime ?? nextRunTime);
  return [next, nominal + left, paused ? '1' : '0'];
}

/** As the scripts know it: script.ts, isSound. */
const STATE = /^(\d+) (\d+) (?:(-?\d+) (-?\d+)|- -)(?:\/(\d+))? ([01])$/;

export function decodeState(state: string): JobState {
  const [, incarnation = '', revision = '', next, nominal, left, paused] = STATE.exec(state) ?? [];
  const schedule = {
    nextRunTime: next === undefined ? null : Number(next),
    nextNominalTime: nominal === undefined ? null : Number(nominal),
    ...(left !== undefined && { runsLeft: Number(left) }),
  };
  const problem = paused === undefined ? `its state is ${show(state)}` : scheduleProblem(schedule);
  return { incarnation, edition: `${incarnation} ${revision}`, ...schedule, paused: paused === '1', problem };
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
