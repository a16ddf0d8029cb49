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
const INVALID_LINE = 'Invalid line';

/**
 * Serializes jobs; those that cannot be read as their stores have them, beside the others.
 *
 * @throws InvalidInputError naming each job that cannot be serialized.
 */
export function jobsToJson(jobs: readonly Job[], unreadable: readonly UnreadableJob[] = []): string {
  const lasting = jobs.filter(isLasting);
  const faults = lasting.flatMap(transferFaults);
  if (faults.length > 0) throw new InvalidInputError('Jobs cannot be exported', faults);
  const others = unreadable.length > 0 ? { unreadable } : {};
  return `${JSON.stringify({ format: FORMAT, version: VERSION, jobs: lasting.map(toJson), ...others }, null, 2)}\n`;
}

/** A job without a next time whose last run is active has nothing left to run. */
const isLasting = ({ nextRunTime, paused, pending }: Job): boolean => nextRunTime !== null || paused || pending;

/** The line that an export of lines begins with. */
export function headerLine(): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION })}\n`;
}

/** A job as a line; no line for one that has nothing left to run, and a mark for one that JSON cannot hold. */
export function jobToLine(job: Job, isRedacted: boolean): string {
  if (!isLasting(job)) return '';
  const faults = transferFaults(job);
  const { id, jobStore } = job;
  const line = isRedacted ? { ...toJson(job), redacted: true } : toJson(job);
  const problem = faults.map((fault) => fault.problem).join('; ');
  return `${JSON.stringify(faults.length > 0 ? { skipped: { id, jobStore, problem } } : line)}\n`;
}

/** Says that a job cannot be read, with what is left of its definition. */
export function unreadableToLine({ definition, id, jobStore, problem }: UnreadableJob): string {
  const skipped = { id, jobStore, problem, ...(Object.keys(definition).length > 0 && { definition }) };
  return `${JSON.stringify({ skipped })}\n`;
}

/**
 * Parses a line of an export.
 *
 * @param faultsOf - finds what else is wrong with it.
 * @returns null for the line that an export begins with.
 * @throws InvalidInputError
 */
export function parseLine(
  text: string,
  faultsOf: (line: Readonly<Record<string, unknown>>) => readonly Fault[] = () => [],
): Readonly<Record<string, unknown>> | null {
  const data = parseObject(text);
  const faults = faultsOf(data);
  if (faults.length > 0) throw new InvalidInputError(INVALID_LINE, faults);
  if (data['format'] === undefined) return data;
  const { format, version } = data;
  if (format !== FORMAT) refuse('format', `must be ${FORMAT}, got ${show(format)}`);
  if (version !== VERSION) refuse('version', `must be ${VERSION}, got ${show(version)}`);
  return null;
}

/** @throws InvalidInputError when it has no job that can be imported. */
export function jobFromLine(line: Readonly<Record<string, unknown>>): ImportedJob {
  const faults: Fault[] = [];
  const { redacted = false, skipped, ...given } = line;
  if (redacted !== false) {
    faults.push({
      field: 'redacted',
      problem: 'is set: the line was exported without the secrets of the job; export it with the action secrets.read',
    });
  }
  const lost = isPlainObject(skipped) ? skipped : undefined;
  const left = lost && isPlainObject(lost['definition']) ? lost['definition'] : undefined;
  if (lost && !left) {
    faults.push({
      field: 'skipped',
      problem: `is set: job ${show(lost['id'])} was not exported: ${String(lost['problem'])}`,
    });
  }
  const job =
    faults.length > 0 ? undefined : fromJson(left ? { ...left, jobStore: lost?.['jobStore'] } : given, '', faults);
  if (!job) throw new InvalidInputError(INVALID_LINE, faults);
  return job;
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
  const fail = (member: string, problem: string): undefined =>
    void faults.push({ field: memberOf(field, member), problem });
  if (typeof job['id'] !== 'string') return fail('id', `must be a string, got ${show(job['id'])}`);
  const { paused, startOpen, declaredBy, pause, runsLeft, failures: _, ...definition } = job;
  const mark = readMark(declaredBy);
  if (mark === null) return fail('declaredBy', `must have a release, got ${show(declaredBy)}`);
  if (pause !== undefined && !isPause(pause)) {
    return fail('pause', `must have since, actor, note and reason, got ${show(pause)}`);
  }
  const problem = runsLeft === undefined ? undefined : countProblem(runsLeft, 'maxRuns');
  if (problem !== undefined) return fail('runsLeft', problem);
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

/** The path of a member of a job whose own path may be empty. */
export const memberOf = (path: string, member: string): string => (path === '' ? member : `${path}.${member}`);

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
