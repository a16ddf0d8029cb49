import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { isApschedulerExport, readApschedulerJob } from './apscheduler/apscheduler-export.js';
import { InvalidInputError, type Fault } from '../errors.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { countProblem } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import type { ImportedJob } from '../jobs/job-input.js';
import { isPause } from '../jobs/stored-job.js';
import type { Declaration, Job } from '../model/job.js';
import type { UnreadableJob } from '../model/unreadable-job.js';
import { TRIGGER_OPTION_NAMES } from '../triggers/option-names.js';

const FORMAT = 'nestjs-apscheduler';
const VERSION = 1;

/**
 * Serializes jobs; those that cannot be read as their stores have them, beside the others.
 *
 * @throws InvalidInputError naming each job that cannot be serialized.
 */
export function jobsToJson(jobs: readonly Job[], unreadable: readonly UnreadableJob[] = []): string {
  // A job without a next time whose last run is active has nothing left to run.
  const lasting = jobs.filter(({ nextRunTime, paused, pending }) => nextRunTime !== null || paused || pending);
  const faults = lasting.flatMap(transferFaults);
  if (faults.length > 0) throw new InvalidInputError('Jobs cannot be exported', faults);
  const others = unreadable.length > 0 ? { unreadable } : {};
  return `${JSON.stringify({ format: FORMAT, version: VERSION, jobs: lasting.map(toJson), ...others }, null, 2)}\n`;
}

/** The jobs of an export. */
export interface ImportedJobs {
  readonly jobs: readonly ImportedJob[];
  /** Those that could not be read where they were exported. */
  readonly unreadable: readonly ImportedJob[];
  /** From APScheduler, whose tasks are Python functions. */
  readonly isForeign: boolean;
}

/**
 * Parses an export by `jobsToJson` or by APScheduler's `export_jobs()`.
 *
 * @param isLeftOut - whether the jobs of a task are skipped.
 * @param faults - receives the faults of single jobs.
 * @throws InvalidInputError if it is neither.
 */
export function jobsFromJson(text: string, isLeftOut: (task: unknown) => boolean, faults: Fault[]): ImportedJobs {
  const data = parseObject(text);
  const isForeign = isApschedulerExport(data);
  const { jobs, version, unreadable = [] } = data;
  if (version !== VERSION) refuse('version', `must be ${VERSION}, got ${show(version)}`);
  if (!Array.isArray(jobs)) return refuse('jobs', `must be an array, got ${show(jobs)}`);
  const read = isForeign ? readApschedulerJob : fromJson;
  const imported = jobs.flatMap((job: unknown, index) => {
    const field = `jobs[${index}]`;
    if (!isPlainObject(job)) faults.push({ field, problem: `must be an object, got ${show(job)}` });
    else if (!isLeftOut(job[isForeign ? 'func' : 'task'])) return read(job, field, faults) ?? [];
    return [];
  });
  return {
    jobs: imported,
    unreadable: Array.isArray(unreadable) ? unreadable.flatMap(unreadableFromJson) : [],
    isForeign,
  };
}

/** None where nothing was left of its definition. */
function unreadableFromJson(given: unknown, index: number): readonly ImportedJob[] {
  if (!isPlainObject(given) || !isPlainObject(given['definition'])) return [];
  const { definition, jobStore } = given;
  const job = fromJson({ ...definition, jobStore }, `unreadable[${index}]`, []);
  return job ? [job] : [];
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return refuse('source', `is not JSON: ${(error as Error).message}`);
  }
  return isPlainObject(data) ? data : refuse('source', `must be an object with jobs, got ${show(data)}`);
}

function refuse(field: string, problem: string): never {
  throw new InvalidInputError('Jobs cannot be imported', [{ field, problem }]);
}

function fromJson(job: Readonly<Record<string, unknown>>, field: string, faults: Fault[]): ImportedJob | undefined {
  const fail = (where: string, problem: string): undefined => void faults.push({ field: where, problem });
  if (typeof job['id'] !== 'string') return fail(`${field}.id`, `must be a string, got ${show(job['id'])}`);
  const { paused, startOpen, declaredBy, pause, runsLeft, failures: _, ...definition } = job;
  const mark = readMark(declaredBy);
  if (mark === null) return fail(`${field}.declaredBy`, `must have a release, got ${show(declaredBy)}`);
  if (pause !== undefined && !isPause(pause)) {
    return fail(`${field}.pause`, `must have since, actor, note and reason, got ${show(pause)}`);
  }
  const problem = runsLeft === undefined ? undefined : countProblem(runsLeft, 'maxRuns');
  if (problem !== undefined) return fail(`${field}.runsLeft`, problem);
  return {
    field,
    definition: paused === true ? { ...definition, nextRunTime: null } : definition,
    imported: {
      startOpen: startOpen === true,
      ...(mark && { declaredBy: mark }),
      ...(pause !== undefined && { pause }),
      ...(runsLeft !== undefined && { runsLeft: runsLeft as number }),
    },
  };
}

/** @returns null if it is not a valid declaration */
function readMark(given: unknown): Declaration | null | undefined {
  if (given === undefined) return undefined;
  const release = isPlainObject(given) ? given['release'] : undefined;
  return release === null || (typeof release === 'string' && release !== '') ? { release } : null;
}

export async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8');
}

/** Writes a temporary file and renames it: readers see either the old content or the new one, complete. */
export async function writeText(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, text, 'utf8');
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function toJson(job: Job): Record<string, unknown> {
  const { id, name, task, args, kwargs, trigger, executor, paused } = job;
  const { coalesce, catchUpLimit, misfireGraceTime, maxInstances, overlap, maxQueued, timeout, retry } = job;
  const common = { id, name, task, args, kwargs, trigger: trigger.toJSON(), executor, jobStore: job.jobStore };
  const options = { coalesce, catchUpLimit, misfireGraceTime, maxInstances, overlap, maxQueued, timeout, retry };
  const nextRunTime = job.nextRunTime === null ? {} : { nextRunTime: new Date(job.nextRunTime).toISOString() };
  const flags = {
    ...(paused && { paused }),
    ...(job.startOpen && { startOpen: true }),
    ...(job.runOnStart && { runOnStart: job.runOnStart }),
    ...(job.declaredBy && { declaredBy: job.declaredBy }),
    ...(job.tags.length > 0 && { tags: job.tags }),
    ...(Object.keys(job.metadata).length > 0 && { metadata: job.metadata }),
    ...(job.description !== null && { description: job.description }),
    ...(job.maxRuns !== null && { maxRuns: job.maxRuns }),
    ...(job.runsLeft !== undefined && { runsLeft: job.runsLeft }),
    ...(job.pauseAfterFailures !== null && { pauseAfterFailures: job.pauseAfterFailures }),
    ...(!job.enabled && { enabled: false }),
    ...(job.pause && { pause: job.pause }),
  };
  return { ...common, ...options, ...nextRunTime, ...flags };
}

function transferFaults({ id, task, handler, args, kwargs, trigger, retry }: Job): readonly Fault[] {
  const faults: Fault[] = [];
  if (!Object.hasOwn(TRIGGER_OPTION_NAMES, trigger.type)) {
    faults.push({
      field: `job "${id}"`,
      problem: `has a custom trigger, "${trigger.type}", which an import cannot recreate`,
    });
  }
  if (handler)
    faults.push({ field: `job "${id}"`, problem: `runs the function "${task}", which has no registered name` });
  if (retry?.predicate)
    faults.push({ field: `job "${id}"`, problem: 'has a retryIf that is a function without a registered name' });
  for (const [field, value] of Object.entries({ args, kwargs })) {
    if (!isJson(value))
      faults.push({ field: `job "${id}"`, problem: `has ${field} that JSON cannot hold: ${show(value)}` });
  }
  return faults;
}

function isJson(value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    return false;
  }
}
