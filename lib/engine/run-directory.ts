import type { Clock } from './clock.js';
import { InvalidInputError, RunLookupError, RunOverError, type Fault } from './errors.js';
import { show } from './inspect.js';
import { isPlainObject } from './is-plain-object.js';
import { RUN_STATES, type Run, type RunPage, type RunQuery, type RunRecord, type RunState } from './run.js';
import { snapshotOf } from './runs/run-entry.js';
import { isRunId } from './runs/run-ids.js';
import type { Runner } from './runs/runner.js';
import type { StoreEntry } from './runs/store-entry.js';
import type { RunFilter } from './stores/job-store.js';
import { parseDate } from './time/iso-date.js';
import type { DateInput } from './triggers/trigger.js';

/** How many runs a page can have. */
export const MAX_RUNS = 1000;
const DEFAULT_RUNS = 100;

export interface RunDirectoryParts {
  readonly clock: Clock;
  /** Of dates that have no offset. */
  readonly timezone: string;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly runner: Runner;
}

/** All runs that the stores of a scheduler know. */
export class RunDirectory {
  constructor(private readonly parts: RunDirectoryParts) {}

  /** @throws InvalidInputError with every fault. */
  async list(query: RunQuery): Promise<RunPage> {
    const { filter, jobStore } = this.parse(query);
    await this.parts.runner.recorder.flushed();
    const found: Run[] = [];
    for (const entry of this.entries(jobStore)) {
      // One more than asked for tells whether there is another page.
      const records = await entry.store.getRuns({ ...filter, limit: filter.limit + 1 });
      found.push(...records.map((record) => asRun(record, entry)));
    }
    found.sort((a, b) => (a.id < b.id ? 1 : -1));
    const runs = found.slice(0, filter.limit);
    return { runs, nextCursor: found.length > runs.length ? (runs.at(-1)?.id ?? null) : null };
  }

  /**
   * Says whether a query can be answered.
   *
   * @throws InvalidInputError with every fault.
   */
  check(query: RunQuery): void {
    this.parse(query);
  }

  async get(id: string): Promise<Run | undefined> {
    await this.parts.runner.recorder.flushed();
    for (const entry of this.entries()) {
      const record = await entry.store.getRun(id);
      if (record) return asRun(record, entry);
    }
    return undefined;
  }

  /** @throws RunLookupError; RunOverError when it is over, or has been told to end. */
  async cancel(id: string): Promise<Run> {
    const { runner, stores, clock } = this.parts;
    const cancelled = runner.cancel(stores.values(), id);
    // A task that heeds its signal is over by then.
    await clock.yield();
    await clock.yield();
    const run = await this.get(id);
    if (!run) throw new RunLookupError(id);
    if (!cancelled) throw new RunOverError(id, run.state);
    return run;
  }

  private parse(query: unknown): { filter: RunFilter; jobStore: string | undefined } {
    const faults: Fault[] = [];
    const { clock, stores, timezone } = this.parts;
    const given = isPlainObject(query) ? query : {};
    if (given !== query) faults.push({ field: 'query', problem: `must be a plain object, got ${show(query)}` });
    for (const field of Object.keys(given)) {
      if (!NAMES.includes(field)) faults.push({ field, problem: `is not known here; known are ${NAMES.join(', ')}` });
    }
    const { jobId, jobStore, state, from, to, limit = DEFAULT_RUNS, cursor } = given;
    for (const [field, value] of Object.entries({ jobId, jobStore, cursor })) {
      if (value === undefined || (typeof value === 'string' && value !== '')) continue;
      faults.push({ field, problem: `must be a non-empty string, got ${show(value)}` });
    }
    if (typeof cursor === 'string' && cursor !== '' && !isRunId(cursor)) {
      faults.push({ field: 'cursor', problem: `must be the nextCursor of a page, got ${show(cursor)}` });
    }
    if (typeof jobStore === 'string' && jobStore !== '' && !stores.has(jobStore)) {
      const known = [...stores.keys()].join(', ') || 'none';
      faults.push({ field: 'jobStore', problem: `"${jobStore}" is not known; known are ${known}` });
    }
    const states = state === undefined ? undefined : [state].flat();
    for (const one of states ?? []) {
      if (RUN_STATES.includes(one as RunState)) continue;
      faults.push({ field: 'state', problem: `must be one of ${RUN_STATES.join(', ')}, got ${show(one)}` });
    }
    if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > MAX_RUNS) {
      faults.push({ field: 'limit', problem: `must be a whole number from 1 to ${MAX_RUNS}, got ${show(limit)}` });
    }
    const instants = { from: readInstant(from, 'from', timezone, faults), to: readInstant(to, 'to', timezone, faults) };
    if (faults.length > 0) throw new InvalidInputError('Invalid query for runs', faults);
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

  private entries(jobStore?: string): readonly StoreEntry[] {
    return [...this.parts.stores.values()].filter(
      ({ alias, open }) => open && (jobStore === undefined || alias === jobStore),
    );
  }
}

const NAMES: readonly string[] = [
  'jobId',
  'jobStore',
  'state',
  'from',
  'to',
  'limit',
  'cursor',
] as const satisfies readonly (keyof RunQuery)[];

function readInstant(value: unknown, field: string, timezone: string, faults: Fault[]): number | undefined {
  if (value === undefined) return undefined;
  try {
    return parseDate(value as DateInput, field, timezone).epochMs;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    faults.push(...error.faults);
    return undefined;
  }
}

/** A run as users see it. */
export function asRun(record: RunRecord, { alias }: StoreEntry): Run {
  return { ...snapshotOf(record), jobStore: alias };
}
