import { JOB_ORDERS, JOB_STATES, type JobOrder, type JobQuery, type JobState } from '../model/job-query.js';
import { RUN_STATES, type RunState } from '../model/run-record.js';
import type { JobFilter, JobPlace } from '../stores/job-search.js';
import { parseDate, type DateInput } from '../time/iso-date.js';
import { FaultList } from '../triggers/fault-list.js';
import { UPPER_BOUNDS } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';

/** How many jobs a page can have. */
export const MAX_JOBS = UPPER_BOUNDS.jobsPerPage;
const DEFAULT_JOBS = 100;
/** How many values a filter can have. */
export const MAX_VALUES = 100;
/** How many characters a text of a filter can have. */
const LONGEST_TEXT = 1000;

const NAMES: readonly string[] = [
  'text',
  'state',
  'trigger',
  'task',
  'jobStore',
  'executor',
  'tag',
  'declared',
  'lastOutcome',
  'nextFrom',
  'nextTo',
  'sort',
  'limit',
  'cursor',
] satisfies readonly (keyof JobQuery)[];

/** A place among the jobs of all stores: equal ones stand in the order of their stores. */
export interface ListPlace extends JobPlace {
  /** The alias of the job's store. */
  readonly jobStore: string;
}

/** A query for jobs that has been read. */
export interface JobListRequest {
  readonly filter: JobFilter;
  readonly jobStore: string | undefined;
  readonly order: JobOrder;
  readonly descending: boolean;
  readonly limit: number;
  readonly after: ListPlace | undefined;
}

/** What queries are seen from. */
export interface JobQueryContext {
  /** Of dates that have no offset. */
  readonly timezone: string;
  /** The known ones, by alias. */
  readonly stores: ReadonlyMap<string, unknown>;
}

/**
 * Reads a query for jobs.
 *
 * @throws InvalidInputError with every fault.
 */
export function parseJobQuery(query: unknown, { stores, timezone }: JobQueryContext): JobListRequest {
  const faults = new FaultList();
  const given = isPlainObject(query) ? query : {};
  if (given !== query) faults.add('query', `must be a plain object, got ${show(query)}`);
  for (const field of Object.keys(given)) {
    if (!NAMES.includes(field)) faults.add(field, `is not known here; known are ${NAMES.join(', ')}`);
  }
  const values = <T extends string>(field: string, known?: readonly T[]): readonly T[] | undefined =>
    readValues(faults, field, given[field], known);
  const instant = (field: string): number | undefined =>
    given[field] === undefined
      ? undefined
      : faults.attempt(() => parseDate(given[field] as DateInput, field, timezone).epochMs);
  const { declared, jobStore, limit = DEFAULT_JOBS, text } = given;
  if (text !== undefined && (typeof text !== 'string' || text === '' || text.length > LONGEST_TEXT)) {
    faults.add('text', `must be a text of 1 to ${LONGEST_TEXT} characters, got ${show(text)}`);
  }
  if (declared !== undefined && typeof declared !== 'boolean') {
    faults.add('declared', `must be true or false, got ${show(declared)}`);
  }
  if (jobStore !== undefined && !(typeof jobStore === 'string' && stores.has(jobStore))) {
    faults.add('jobStore', `${show(jobStore)} is not known; known are ${[...stores.keys()].join(', ') || 'none'}`);
  }
  if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > MAX_JOBS) {
    faults.add('limit', `must be a whole number from 1 to ${MAX_JOBS}, got ${show(limit)}`);
  }
  const filter = {
    text: typeof text === 'string' ? text.toLowerCase() : undefined,
    states: values<JobState>('state', JOB_STATES),
    triggers: values('trigger'),
    tasks: values('task'),
    executors: values('executor'),
    tags: values('tag'),
    declared: declared as boolean | undefined,
    lastOutcomes: values<RunState>('lastOutcome', RUN_STATES),
    nextFrom: instant('nextFrom'),
    nextTo: instant('nextTo'),
  };
  const sort = readSort(faults, given['sort']);
  const after = readCursor(faults, given['cursor'], sort);
  faults.throwIfAny('Invalid query for jobs');
  return {
    filter: Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)),
    jobStore: jobStore as string | undefined,
    ...sort,
    limit: limit as number,
    after,
  };
}

function readValues<T extends string>(
  faults: FaultList,
  field: string,
  value: unknown,
  known: readonly T[] | undefined,
): readonly T[] | undefined {
  if (value === undefined) return undefined;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > MAX_VALUES) faults.add(field, `must be at most ${MAX_VALUES} values, got ${values.length}`);
  for (const one of values) {
    const isText = typeof one === 'string' && one !== '' && one.length <= LONGEST_TEXT;
    if (isText && (!known || known.includes(one as T))) continue;
    const what = known ? `one of ${known.join(', ')}` : `a text of 1 to ${LONGEST_TEXT} characters`;
    faults.add(field, `must be ${what}, got ${show(one)}`);
  }
  return values as readonly T[];
}

type Sort = Pick<JobListRequest, 'order' | 'descending'>;

function readSort(faults: FaultList, sort: unknown = 'id'): Sort {
  const descending = typeof sort === 'string' && sort.startsWith('-');
  const order = (descending ? sort.slice(1) : sort) as JobOrder;
  if (!JOB_ORDERS.includes(order)) {
    faults.add('sort', `must be one of ${JOB_ORDERS.join(', ')}, or one of them after "-", got ${show(sort)}`);
  }
  return { order, descending };
}

/** The cursor that goes on after a place. Opaque to users: it may change from release to release. */
export function cursorAt({ id, jobStore, key }: ListPlace, { descending, order }: Sort): string {
  // JSON has no Infinity.
  const place = [order, descending ? 1 : 0, key === Infinity ? null : key, id, jobStore];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function readCursor(faults: FaultList, cursor: unknown, { descending, order }: Sort): ListPlace | undefined {
  if (cursor === undefined) return undefined;
  const parts = typeof cursor === 'string' ? partsOf(cursor) : [];
  const [ofOrder, isDescending, key, id, jobStore] = parts;
  const isKey = order === 'nextRun' ? key === null || Number.isSafeInteger(key) : typeof key === 'string';
  const isPlace = isKey && typeof id === 'string' && typeof jobStore === 'string';
  if (!isPlace || ofOrder !== order || isDescending !== (descending ? 1 : 0)) {
    faults.add('cursor', `must be the nextCursor of a page in the same order, got ${show(cursor)}`);
    return undefined;
  }
  return { key: (key as string | number | null) ?? Infinity, id, jobStore };
}

function partsOf(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
