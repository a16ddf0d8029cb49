import { hash } from 'node:crypto';
import { InvalidInputError, type Fault } from '../../../engine/errors.js';
import type { JobRecord, JobSpec } from '../../../engine/model/job.js';
import { readStoredJob, unknownMembers } from '../../../engine/jobs/stored-job.js';
import { triggerFromJson } from '../../../engine/triggers/trigger-factory.js';
import type { Trigger } from '../../../engine/triggers/trigger.js';
import { findJsonFaults } from '../../../engine/util/json-faults.js';
import type { JobRow, NewJobRow } from './job-row.js';
import { searchRowOf } from './search-row.js';

/** The kinds of triggers that are known to come back as what they were. */
const readable = new WeakSet<object>();

/**
 * What a job's row is to say of it.
 *
 * @param before - the row's `spec`, of a job that is changed.
 * @throws InvalidInputError for what a database cannot hold.
 */
export function encodeJob(job: JobRecord, before?: string): Omit<NewJobRow, 'uid' | 'last_run'> {
  const faults = findFaults(job);
  if (faults.length > 0) throw new InvalidInputError(`Job "${job.id}" cannot be kept in a database`, faults);
  const { id, task, executor, nextRunTime, nextNominalTime, paused, runsLeft = null, ...rest } = job;
  const spec = JSON.stringify({
    ...(before === undefined ? {} : unknownMembers(JSON.parse(before) as Record<string, unknown>)),
    ...rest,
  });
  return {
    id,
    task,
    executor,
    spec,
    spec_hash: specHashOf(task, executor, spec),
    next_run_time: nextRunTime,
    next_nominal_time: nextNominalTime,
    paused: paused ? 1 : 0,
    runs_left: runsLeft,
    ...searchRowOf(job),
  };
}

/**
 * What a job's row says.
 *
 * @throws when it cannot be read: a later release may have written it.
 */
export function decodeJob({ id, task, executor, spec }: Pick<JobRow, 'id' | 'task' | 'executor' | 'spec'>): JobSpec {
  return readStoredJob(id, task, executor, JSON.parse(spec));
}

function findFaults({ args, kwargs, handler, retry, trigger }: JobRecord): Fault[] {
  const faults = [...findJsonFaults(args, 'args'), ...findJsonFaults(kwargs, 'kwargs')];
  if (handler)
    faults.push({ field: 'task', problem: 'must be registered, so that other processes know it by its name' });
  if (retry?.predicate) faults.push({ field: 'retry.retryIf', problem: 'must be registered, or the name of a task' });
  const problem = triggerProblem(trigger);
  if (problem !== undefined) faults.push({ field: 'trigger', problem });
  return faults;
}

/** One look at each class is enough. */
function triggerProblem(trigger: Trigger): string | undefined {
  if (readable.has(trigger.constructor)) return undefined;
  try {
    triggerFromJson(JSON.parse(JSON.stringify(trigger)));
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return `cannot be read back from its JSON (${error.faults.map(({ field, problem }) => `${field} ${problem}`).join('; ')})`;
  }
  readable.add(trigger.constructor);
  return undefined;
}

/** By it a node knows that it has read a job before. */
export function specHashOf(task: string, executor: string, spec: string): string {
  return hash('sha256', JSON.stringify([task, executor, spec]), 'base64url').slice(0, 32);
}
