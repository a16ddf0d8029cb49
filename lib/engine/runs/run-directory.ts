import type { Clock } from '../clock.js';
import { RunLookupError, RunOverError } from '../errors.js';
import type { Run, RunPage, RunQuery, RunRecord } from './run-record.js';
import { parseRunQuery } from './run-query.js';
import { snapshotOf } from './run-entry.js';
import type { Runner } from './runner.js';
import type { StoreEntry } from './store-entry.js';
import { clusterOf } from '../stores/cluster-state.js';

/** How long another node may take to cancel a run of its own before nobody waits for it. */
const CANCEL_PATIENCE_MS = 5_000;
const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 250;

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
    if (cancelled) return run;
    if (run.finishedAt === null && (await this.isAskedFor(run))) return this.whenOver(run);
    throw new RunOverError(id, ((await this.get(id)) ?? run).state);
  }

  /** Whether another node has the run under way, and is asked to cancel it. */
  private async isAskedFor({ id, jobStore }: Run): Promise<boolean> {
    const store = this.parts.stores.get(jobStore)?.store;
    const cluster = store && clusterOf(store);
    return cluster ? cluster.cancelRun(id) : false;
  }

  /** The run once it is over, or as it is when that takes too long: its node may be gone. */
  private async whenOver(run: Run): Promise<Run> {
    const { clock } = this.parts;
    const until = clock.now() + CANCEL_PATIENCE_MS;
    let latest = run;
    for (
      let delay = FIRST_LOOK_MS;
      latest.finishedAt === null && clock.now() < until;
      delay = Math.min(delay * 2, LONGEST_LOOK_MS)
    ) {
      await new Promise<void>((resolve) => clock.setTimer(resolve, delay));
      latest = (await this.get(run.id)) ?? latest;
    }
    return latest;
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
