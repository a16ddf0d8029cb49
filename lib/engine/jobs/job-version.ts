import { hash } from 'node:crypto';
import { inspect } from 'node:util';
import type { JobRecord } from '../model/job.js';

/**
 * The version of a job: another one whenever somebody has changed, paused or resumed it, and the same however often it runs.
 * {@link Scheduler.modifyJob} takes it, so that of two people who edit a job at once the second one is told.
 *
 * @example
 * const job = await scheduler.getJob('report');
 * await scheduler.modifyJob('report', { args: ['weekly'] }, { ifVersion: jobVersion(job) });
 */
export function jobVersion(job: JobRecord): string {
  const { name, task, args, kwargs, trigger, startOpen, executor, coalesce, catchUpLimit, misfireGraceTime } = job;
  const { maxInstances, overlap, maxQueued, timeout, retry, runOnStart, paused, pause = null } = job;
  const {
    tags = [],
    metadata = {},
    description = null,
    maxRuns = null,
    pauseAfterFailures = null,
    enabled = true,
  } = job;
  return hash(
    'sha256',
    textOf([
      ...[name, task, args, kwargs, trigger, startOpen, executor, coalesce, catchUpLimit, misfireGraceTime],
      ...[maxInstances, overlap, maxQueued, timeout, retry, runOnStart, paused, pause],
      ...[tags, metadata, description, maxRuns, pauseAfterFailures, enabled],
    ]),
    'base64url',
  ).slice(0, 22);
}

/** A store in memory also holds what JSON cannot. */
function textOf(content: unknown): string {
  try {
    return JSON.stringify(content);
  } catch {
    return inspect(content, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });
  }
}
