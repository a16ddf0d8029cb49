import type { Fault } from '../../errors.js';
import { isPlainObject } from '../../util/is-plain-object.js';
import { show } from '../../util/inspect.js';
import type { ImportedJob } from '../../jobs/job-input.js';
import { nameOf, PythonFault, readInstant, readPython } from './python-values.js';
import { readTrigger } from './trigger-states.js';

/** How deep args may nest: reading them recurses, unlike JSON.parse. */
const MAX_DEPTH = 64;

type JobState = Readonly<Record<string, unknown>>;

/** Whether this is an export by APScheduler's `export_jobs()`. */
export function isApschedulerExport(data: Readonly<Record<string, unknown>>): boolean {
  return 'scheduler_version' in data;
}

/**
 * Reads a job of an export by APScheduler 3.11. Dates, durations, zones and cron fields in it are pickles; these few types
 * are read as data, and no Python code is run.
 *
 * @param field - its path in the export: `jobs[2]`.
 * @param faults - receives what is not supported.
 */
export function readApschedulerJob(job: JobState, field: string, faults: Fault[]): ImportedJob {
  const { version, id, func, name, executor } = job;
  if (version !== 1) faults.push({ field: `${field}.version`, problem: `must be 1, got ${show(version)}` });
  if (typeof id !== 'string') faults.push({ field: `${field}.id`, problem: `must be a string, got ${show(id)}` });
  const args = readData(job['args'], `${field}.args`, faults);
  const kwargs = readData(job['kwargs'], `${field}.kwargs`, faults);
  const definition = {
    id,
    name,
    task: func,
    executor,
    args,
    kwargs,
    trigger: readTrigger(job['trigger'], `${field}.trigger`, faults),
    misfireGraceTime: job['misfire_grace_time'],
    coalesce: job['coalesce'],
    maxInstances: job['max_instances'],
    nextRunTime: readNextRunTime(job['next_run_time'], `${field}.next_run_time`, faults),
  };
  return { field, definition, imported: { startOpen: false } };
}

/** @returns null for a paused job */
function readNextRunTime(value: unknown, field: string, faults: Fault[]): number | null {
  if (value === null) return null;
  try {
    return readInstant(value).epochMs;
  } catch (error) {
    if (!(error instanceof PythonFault)) throw error;
    faults.push({ field, problem: error.message });
    return null;
  }
}

/** Accepts plain JSON only: a Python value, such as a date, would reach the task as something else. */
function readData(value: unknown, field: string, faults: Fault[], depth = 0): unknown {
  const read = (member: unknown, where: string): unknown => readData(member, where, faults, depth + 1);
  if (depth > MAX_DEPTH) {
    faults.push({ field, problem: `is nested more than ${MAX_DEPTH} levels deep` });
    return null;
  }
  if (Array.isArray(value)) return value.map((member, index) => read(member, `${field}[${index}]`));
  if (!isPlainObject(value)) return value;
  if (!('__apscheduler_pickle__' in value) && !('__apscheduler_class__' in value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, read(member, `${field}.${name}`)]));
  }
  let what: string;
  try {
    what =
      '__apscheduler_class__' in value ? `Python's ${show(value['__apscheduler_class__'])}` : nameOf(readPython(value));
  } catch (error) {
    if (!(error instanceof PythonFault)) throw error;
    what = 'a pickle of Python';
  }
  faults.push({ field, problem: `must be plain JSON, got ${what}` });
  return null;
}
