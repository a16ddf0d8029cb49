import type { Clock } from '../clock.js';
import { UPPER_BOUNDS } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { RUN_STATES, type RunQuery, type RunState } from '../model/run-record.js';
import { isRunId } from './run-ids.js';
import type { RunFilter } from '../stores/job-store.js';
import { parseDate, type DateInput } from '../time/iso-date.js';
import { FaultList } from '../triggers/fault-list.js';

/** How many runs a page can have. */
export const MAX_RUNS = UPPER_BOUNDS.runsPerPage;
const DEFAULT_RUNS = 100;

const NAMES: readonly string[] = [
  'jobId',
  'jobStore',
  'state',
  'from',
  'to',
  'limit',
  'cursor',
] as const satisfies readonly (keyof RunQuery)[];

/** What queries are seen from. */
export interface RunQueryContext {
  readonly clock: Clock;
  /** Of dates that have no offset. */
  readonly timezone: string;
  /** The known ones, by alias. */
  readonly stores: ReadonlyMap<string, unknown>;
}

/**
 * Reads a query for runs.
 *
 * @throws InvalidInputError with every fault.
 */
export function parseRunQuery(
  query: unknown,
  { clock, stores, timezone }: RunQueryContext,
): { filter: RunFilter; jobStore: string | undefined } {
  const faults = new FaultList();
  const given = isPlainObject(query) ? query : {};
  if (given !== query) faults.add('query', `must be a plain object, got ${show(query)}`);
  for (const field of Object.keys(given)) {
    if (!NAMES.includes(field)) faults.add(field, `is not known here; known are ${NAMES.join(', ')}`);
  }
  const { jobId, jobStore, state, from, to, limit = DEFAULT_RUNS, cursor } = given;
  for (const [field, value] of Object.entries({ jobId, jobStore, cursor })) {
    if (value === undefined || (typeof value === 'string' && value !== '')) continue;
    faults.add(field, `must be a non-empty string, got ${show(value)}`);
  }
  if (typeof cursor === 'string' && cursor !== '' && !isRunId(cursor)) {
    faults.add('cursor', `must be the nextCursor of a page, got ${show(cursor)}`);
  }
  if (typeof jobStore === 'string' && jobStore !== '' && !stores.has(jobStore)) {
    const known = [...stores.keys()].join(', ') || 'none';
    faults.add('jobStore', `"${jobStore}" is not known; known are ${known}`);
  }
  const states = state === undefined ? undefined : [state].flat();
  for (const one of states ?? []) {
    if (RUN_STATES.includes(one as RunState)) continue;
    faults.add('state', `must be one of ${RUN_STATES.join(', ')}, got ${show(one)}`);
  }
  if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > MAX_RUNS) {
    faults.add('limit', `must be a whole number from 1 to ${MAX_RUNS}, got ${show(limit)}`);
  }
  const instantOf = (value: unknown, field: string): number | undefined =>
    value === undefined ? undefined : faults.attempt(() => parseDate(value as DateInput, field, timezone).epochMs);
  const instants = { from: instantOf(from, 'from'), to: instantOf(to, 'to') };
  faults.throwIfAny('Invalid query for runs');
  return {
    jobStore: jobStore as string | undefined,
    filter: {
      now: clock.now(),
      limit: limit as number,
      ...(jobId !== undefined && { jobId: jobId as string }),
      ...(states && { states: states as RunState[] }),
      ...(instants.from !== undefined && { from: instants.from }),
      ...(instants.to !== undefined && { to: instants.to }),
      ...(cursor !== undefined && { before: cursor as string }),
    },
  };
}
