import type { ActingFor } from '../audit/acting.js';
import type { Clock } from '../clock.js';
import {
  InvalidInputError,
  JobLookupError,
  JobUnreadableError,
  SchedulerError,
  StaleJobError,
  type Fault,
} from '../errors.js';
import type { Job } from '../model/job.js';
import type { JobPage, JobQuery } from '../model/job-query.js';
import { UPPER_BOUNDS } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { checkOptions, jobOptionChecks, MAX_ID_LENGTH, textUpTo, type Check, type Checks } from './job-options.js';
import { jobVersion } from './job-version.js';
import type { ModifyJobOptions, PauseJobOptions } from './run-options.js';

/** What can be done to many jobs at once. */
export const BULK_ACTIONS = ['pause', 'resume', 'run', 'remove', 'tag', 'untag'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/** How many jobs one call takes. */
export const MAX_BULK = UPPER_BOUNDS.jobsPerPage;

/** What is to be done to many jobs: to those with `ids`, or to those that `where` finds. */
export interface BulkRequest {
  /** `run`: now, without waiting for the end. `tag` and `untag`: gives the jobs `tags`, or takes them away. */
  action: BulkAction;
  /** At most 1000. */
  ids?: readonly string[];
  /** The store that the jobs with these ids are in. @default whichever has each */
  jobStore?: string;
  /** The jobs that this finds; up to `limit` of them, in the order of their ids. */
  where?: Omit<JobQuery, 'sort' | 'limit' | 'cursor'>;
  /** With `where`: how many jobs this call takes, 1 to 1000. @default 1000 */
  limit?: number;
  /** With `where`: goes on where another call ended, by its `nextCursor`. */
  cursor?: string;
  /** For `tag` and `untag`. */
  tags?: readonly string[];
  /** Why, for the audit trail; for `pause`, see {@link PauseJobOptions} as well. */
  note?: string;
  /** Who does it, for the audit trail; for `pause`, see {@link PauseJobOptions} as well. */
  actor?: string;
  /** Only says which jobs it would be done to. @default false */
  dryRun?: boolean;
}

/** What became of one job. */
export interface BulkItem {
  readonly id: string;
  /** The alias of its store; null where the job was not found. */
  readonly jobStore: string | null;
  /** Why it was not done; null when it was, or would be. */
  readonly error: SchedulerError | null;
}

export interface BulkResult {
  /** One for each job, in the order of the ids. */
  readonly items: readonly BulkItem[];
  /** With `where`: goes on with the jobs beyond these; null when there are none. */
  readonly nextCursor: string | null;
}

/** What a scheduler does to single jobs. */
export interface SingleJobs {
  readonly clock: Clock;
  getJob(id: string, jobStore?: string): Promise<Job | undefined>;
  getJobs(query: JobQuery): Promise<JobPage>;
  modifyJob(id: string, changes: { readonly tags: readonly string[] }, options: ModifyJobOptions): Promise<Job>;
  pauseJob(id: string, options: PauseJobOptions): Promise<Job>;
  resumeJob(id: string, jobStore: string): Promise<Job>;
  runJob(id: string, options: { readonly jobStore: string; readonly wait: false }): Promise<unknown>;
  removeJob(id: string, jobStore?: string): Promise<void>;
}

/** How many jobs are changed at the same time: stores share connections, and others want some too. */
const AT_ONCE = 8;

/** How often tags are changed anew because others changed the job meanwhile. */
const MOST_TRIES = 10;

const oneOfActions: Check = (value) =>
  BULK_ACTIONS.includes(value as BulkAction)
    ? undefined
    : `must be one of ${BULK_ACTIONS.join(', ')}, got ${show(value)}`;

const idList: Check = (value) => {
  const isList = Array.isArray(value) && value.every((id) => typeof id === 'string' && id !== '');
  if (!isList) return `must be an array of ids, got ${show(value)}`;
  return value.length > MAX_BULK ? `must be at most ${MAX_BULK} ids, got ${value.length}` : undefined;
};

const count: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_BULK
    ? undefined
    : `must be a whole number from 1 to ${MAX_BULK}, got ${show(value)}`;

const checks: Checks = new Map<string, Check>([
  ['action', oneOfActions],
  ['ids', idList],
  ['jobStore', jobOptionChecks.get('jobStore') as Check],
  ['where', (value) => (isPlainObject(value) ? undefined : `must be a plain object, got ${show(value)}`)],
  ['limit', count],
  ['cursor', textUpTo(UPPER_BOUNDS.textLength)],
  ['tags', jobOptionChecks.get('tags') as Check],
  ['note', textUpTo(UPPER_BOUNDS.textLength)],
  ['actor', textUpTo(MAX_ID_LENGTH)],
  ['dryRun', (value) => (typeof value === 'boolean' ? undefined : `must be true or false, got ${show(value)}`)],
]);

/** Whether the caller may do something to a job. */
type IsMeant = (job: Job) => boolean;

/**
 * Does one thing to many jobs, and says of each what became of it.
 *
 * @param isMeant - says which jobs may be changed; others are not found, nor are jobs that cannot be read.
 * @throws InvalidInputError with every fault.
 */
export async function applyBulk(jobs: SingleJobs, request: BulkRequest, isMeant?: IsMeant): Promise<BulkResult> {
  checkBulk(request);
  const { cursor, ids, limit = MAX_BULK, where } = request;
  if (ids) {
    const items = await inParts(jobs, [...new Set(ids)], (id) => changeById(jobs, id, request, isMeant));
    return { items, nextCursor: null };
  }
  const page = await jobs.getJobs({ ...where, sort: 'id', limit, ...(cursor !== undefined && { cursor }) });
  const items = await inParts(jobs, isMeant ? page.jobs.filter(isMeant) : page.jobs, (job) =>
    changeJob(jobs, job, request, isMeant),
  );
  return { items, nextCursor: page.nextCursor };
}

/** @throws InvalidInputError with every fault. */
export function checkBulk(request: BulkRequest): void {
  const faults: Fault[] = [];
  if (isPlainObject(request)) {
    checkOptions(request, checks, faults);
    faults.push(...faultsBetween(request));
  } else faults.push({ field: 'request', problem: `must be a plain object, got ${show(request)}` });
  if (faults.length > 0) throw new InvalidInputError('Invalid bulk request', faults);
}

/**
 * For whom a request is, and why.
 *
 * @throws InvalidInputError with every fault of the request.
 */
export function bulkActor(request: BulkRequest): ActingFor {
  checkBulk(request);
  const { actor, note } = request;
  return { ...(actor !== undefined && { actor }), ...(note !== undefined && { note }) };
}

/** What does not go together. */
function* faultsBetween({ action, ids, jobStore, tags, where, ...rest }: BulkRequest): Iterable<Fault> {
  if (action === undefined) yield { field: 'action', problem: 'is missing' };
  if ((ids === undefined) === (where === undefined)) {
    yield { field: 'ids', problem: 'or where must be given, and not both' };
  }
  for (const field of ['sort', 'limit', 'cursor'] as const) {
    const isGiven = isPlainObject(where) && field in where;
    if (isGiven)
      yield { field: `where.${field}`, problem: 'cannot be given: jobs are taken in the order of their ids' };
  }
  if (jobStore !== undefined && where !== undefined) yield { field: 'jobStore', problem: 'is a member of where' };
  for (const field of ['limit', 'cursor'] as const) {
    if (rest[field] !== undefined && where === undefined) yield { field, problem: 'needs where beside it' };
  }
  const needsTags = action === 'tag' || action === 'untag';
  if (needsTags && !tags?.length) yield { field: 'tags', problem: `must be given to ${action} jobs` };
  if (!needsTags && tags !== undefined) yield { field: 'tags', problem: `cannot be given to ${action} jobs` };
}

async function changeById(
  jobs: SingleJobs,
  id: string,
  request: BulkRequest,
  isMeant: IsMeant | undefined,
): Promise<BulkItem> {
  const notFound: BulkItem = { id, jobStore: null, error: new JobLookupError(id, request.jobStore) };
  let job: Job | undefined;
  try {
    job = await jobs.getJob(id, request.jobStore);
  } catch (error) {
    if (!(error instanceof SchedulerError)) throw error;
    if (isMeant && error instanceof JobUnreadableError) return notFound;
    const jobStore = error instanceof JobUnreadableError ? (error.job.jobStore ?? null) : null;
    // A job that cannot be read can be removed, and nothing else.
    const isRemovable = error instanceof JobUnreadableError && request.action === 'remove';
    return isRemovable
      ? itemOf(id, jobStore, async () => {
          if (!request.dryRun) await jobs.removeJob(id, jobStore ?? undefined);
        })
      : { id, jobStore, error };
  }
  return job && (!isMeant || isMeant(job)) ? changeJob(jobs, job, request, isMeant) : notFound;
}

function changeJob(jobs: SingleJobs, job: Job, request: BulkRequest, isMeant: IsMeant | undefined): Promise<BulkItem> {
  const { action, actor, dryRun, note, tags = [] } = request;
  const { id, jobStore } = job;
  const reason = { ...(note !== undefined && { note }), ...(actor !== undefined && { actor }) };
  return itemOf(id, jobStore, async () => {
    if (dryRun) return;
    if (action === 'pause') await jobs.pauseJob(id, { jobStore, ...reason });
    else if (action === 'resume') await jobs.resumeJob(id, jobStore);
    else if (action === 'run') await jobs.runJob(id, { jobStore, wait: false });
    else if (action === 'remove') await jobs.removeJob(id, jobStore);
    else if (action === 'tag') await retag(jobs, job, (had) => [...new Set([...had, ...tags])], isMeant);
    else await retag(jobs, job, (had) => had.filter((tag) => !tags.includes(tag)), isMeant);
  });
}

/** Others may change the job at the same time: what they give it stays. */
async function retag(
  jobs: SingleJobs,
  job: Job,
  change: (tags: readonly string[]) => readonly string[],
  isMeant: IsMeant | undefined,
): Promise<void> {
  const { id, jobStore } = job;
  for (let current = job, tries = 0; ; tries++) {
    try {
      await jobs.modifyJob(id, { tags: change(current.tags) }, { jobStore, ifVersion: jobVersion(current) });
      return;
    } catch (error) {
      if (!(error instanceof StaleJobError) || tries === MOST_TRIES) throw error;
    }
    const found = await jobs.getJob(id, jobStore);
    if (!found || isMeant?.(found) === false) throw new JobLookupError(id, jobStore);
    current = found;
  }
}

/** What fails for one job must not hide what is done to the others. */
async function itemOf(id: string, jobStore: string | null, change: () => Promise<void>): Promise<BulkItem> {
  try {
    await change();
    return { id, jobStore, error: null };
  } catch (error) {
    if (!(error instanceof SchedulerError)) throw error;
    return { id, jobStore, error };
  }
}

async function inParts<T>(
  { clock }: SingleJobs,
  all: readonly T[],
  one: (item: T) => Promise<BulkItem>,
): Promise<readonly BulkItem[]> {
  const items: BulkItem[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    items.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(one))));
    // A store in memory never waits for anything.
    await clock.yield();
  }
  return items;
}
