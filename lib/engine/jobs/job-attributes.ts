import type { JobAttributes, JobPause, JobRecord } from '../model/job.js';
import type { JobInput } from './job-input.js';

/** Whether an attribute says nothing, by its name: then a job does not have it. */
const SAYS_NOTHING: { readonly [Name in keyof JobAttributes]: (value: JobAttributes[Name]) => boolean } = {
  tags: ({ length }) => length === 0,
  metadata: (value) => Object.keys(value).length === 0,
  description: (value) => value === null || value === '',
  maxRuns: (value) => value === null,
  pauseAfterFailures: (value) => value === null,
  enabled: (value) => value,
};
const NAMES = Object.keys(SAYS_NOTHING) as readonly (keyof JobAttributes)[];

/**
 * A record with the attributes that an input gives, and without those that it takes away. A new limit of runs begins to
 * count anew.
 *
 * @returns the record itself when the input gives none, as most do.
 */
export function withAttributes(record: JobRecord, input: JobInput): JobRecord {
  let changed: Record<string, unknown> | undefined;
  for (const name of NAMES) {
    const value = input[name];
    if (value === undefined) continue;
    changed ??= { ...record };
    if ((SAYS_NOTHING[name] as (value: unknown) => boolean)(value)) delete changed[name];
    else changed[name] = value;
  }
  if (!changed) return record;
  const { maxRuns } = input;
  if (maxRuns === null) delete changed['runsLeft'];
  else if (maxRuns !== undefined) changed['runsLeft'] = maxRuns;
  return changed as unknown as JobRecord;
}

/** A job that takes the place of another of its id, with what the other has been through. */
export function withPast(incoming: JobRecord, { pause, failures, maxRuns, runsLeft }: JobRecord): JobRecord {
  const isSameLimit = incoming.maxRuns !== undefined && incoming.maxRuns === maxRuns && runsLeft !== undefined;
  const countsFailures = failures !== undefined && incoming.pauseAfterFailures !== undefined;
  if (!pause && !isSameLimit && !countsFailures) return incoming;
  return {
    ...incoming,
    ...(pause && { pause }),
    ...(countsFailures && { failures }),
    ...(isSameLimit && { runsLeft }),
  };
}

/** A job that goes on: nobody has paused it, and its failures are forgiven. */
export function withoutPause(job: JobRecord): JobRecord {
  if (!job.pause) return withoutFailures(job);
  const { pause: _pause, ...rest } = job;
  return withoutFailures(rest);
}

export function withoutFailures(job: JobRecord): JobRecord {
  if (job.failures === undefined) return job;
  const { failures: _failures, ...rest } = job;
  return rest;
}

/** Whether somebody has paused a job, or its failures have: not only its declaration holds it. */
export function isPaused({ enabled, pause, paused }: JobRecord): boolean {
  return paused && (enabled !== false || pause !== undefined);
}

/** Who pauses a job and why, as callers give it. */
export type PauseReason = Partial<Pick<JobPause, 'actor' | 'note' | 'reason'>>;

/** The mark of a pause. */
export function pauseMark(since: number, { actor = null, note = null, reason = 'request' }: PauseReason): JobPause {
  return { since, actor, note, reason };
}
