import type { Clock } from './clock.js';
import { RunLookupError, RunOverError } from './errors.js';
import type { Run, RunPage, RunQuery, RunRecord } from './run.js';
import { parseRunQuery } from './run-query.js';
import { snapshotOf } from './runs/run-entry.js';
import type { Runner } from './runs/runner.js';
import type { StoreEntry } from './runs/store-entry.js';

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
    const { filter, jobStore } = parseRunQuery(query, this.parts);
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
    parseRunQuery(query, this.parts);
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

  private entries(jobStore?: string): readonly StoreEntry[] {
    return [...this.parts.stores.values()].filter(
      ({ alias, open }) => open && (jobStore === undefined || alias === jobStore),
    );
  }
}

/** A run as users see it. */
export function asRun(record: RunRecord, { alias }: StoreEntry): Run {
  return { ...snapshotOf(record), jobStore: alias };
}
