import { isDeepStrictEqual } from 'node:util';
import { BadRequestException, HttpException, HttpStatus } from '@nestjs/common';
import { jobVersion } from '../../engine/jobs/job-version.js';
import type { Job } from '../../engine/model/job.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';

/** What an edit was to change, and is something else by now. */
interface Difference {
  readonly field: string;
  readonly current: unknown;
  readonly given: unknown;
}

/** An edit was made for an earlier version of a job. The response says where it differs from the job as it is now. */
export class StaleEditException extends HttpException {
  readonly differences: readonly Difference[];

  /** @param current - the job as it is shown now. */
  constructor(id: string, body: unknown, current: Readonly<Record<string, unknown>>) {
    super(`Job ${id} has been changed meanwhile: read it again, and decide anew`, HttpStatus.PRECONDITION_FAILED);
    this.differences = Object.entries(isPlainObject(body) ? body : {})
      // A note is no member of the job.
      .filter(([field, given]) => field !== 'note' && !isDeepStrictEqual(given, current[field]))
      .map(([field, given]) => ({ field, current: current[field] ?? null, given }));
  }
}

/**
 * What `If-Match` asks for, as the engine takes it: the job must still be as it is now when it is changed.
 *
 * @throws StaleEditException when it names another version.
 */
export function readPrecondition(
  { 'if-match': ifMatch }: Readonly<Record<string, string | string[] | undefined>>,
  job: Job,
  body: unknown,
  shown: Readonly<Record<string, unknown>>,
): { readonly ifVersion?: string } {
  if (ifMatch === undefined) return {};
  const version = jobVersion(job);
  if (!matchesVersion(String(ifMatch), version)) throw new StaleEditException(job.id, body, shown);
  return { ifVersion: version };
}

/**
 * A route that replaces a job whatever it is must not pass over a condition.
 *
 * @throws BadRequestException
 */
export function refusePrecondition(headers: Readonly<Record<string, unknown>>): void {
  for (const name of ['if-match', 'if-none-match']) {
    if (headers[name] === undefined) continue;
    throw new BadRequestException(`PUT takes no ${name}: change the job by PATCH, or add it by POST`);
  }
}

/** Whether an `If-Match` header names the version of a job, or any (RFC 9110, section 13.1.1). Weak tags match nothing. */
function matchesVersion(ifMatch: string, version: string): boolean {
  if (ifMatch.trim() === '*') return true;
  return Array.from(ifMatch.matchAll(/(W\/)?"([^"]*)"/g)).some(
    ([, weak, tag = '']) => weak === undefined && tag.split('.')[0] === version,
  );
}
