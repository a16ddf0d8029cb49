import type { Clock } from '../clock.js';
import type { EventBus } from '../event-bus.js';
import type { Roles } from '../executors/roles.js';
import { EVENT_JOB_REMOVED } from '../events.js';
import { InvalidInputError, RunLookupError, RunOverError, RunUnreadableError } from '../errors.js';
import {
  isActive,
  type Run,
  type RunOutcome,
  type RunPage,
  type RunQuery,
  type RunRecord,
  snapshotOf,
} from '../model/run-record.js';
import type { UnreadableRun } from '../model/unreadable-run.js';
import { weightOf } from '../model/run-weight.js';
import { type RunFilter, clusterOf } from '../stores/job-store.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { parseRunQuery } from './run-query.js';
import type { Runner } from './runner.js';
import type { StoreEntry } from './store-entry.js';

/** How long to wait for another node to cancel its run. */
const CANCEL_PATIENCE_MS = 5_000;
const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 250;

/** A page of runs ends early when their arguments, results, errors and logs reach this size. */
const PAGE_BYTES = 4_000_000;
/** How many runs are read before their sizes are known: a page of the default length. */
const FIRST_STEP = 101;

/** What a store has: a run, or one that cannot be read. */
interface Found {
  readonly id: string;
  readonly run?: Run;
  readonly unreadable?: UnreadableRun;
  readonly bytes: number;
}

export interface RunDirectoryParts {
  readonly clock: Clock;
  /** The time zone of dates without an offset. */
  readonly timezone: string;
  readonly stores: ReadonlyMap<string, StoreEntry>;
  readonly runner: Runner;
  readonly roles: Roles;
  readonly events: EventBus;
}

/** Queries and cancels runs in all stores of a scheduler. */
export class RunDirectory {
  constructor(private readonly parts: RunDirectoryParts) {}

  /** @throws InvalidInputError with every fault. */
  async list(query: RunQuery): Promise<RunPage> {
    const { filter, jobStore } = parseRunQuery(query, this.parts);
    await this.parts.runner.recorder.flushed();
    const found: Found[] = [];
    const asItIs = this.latest();
    for (const entry of this.entries(jobStore)) found.push(...(await this.find(entry, filter, asItIs)));
    found.sort(latestFirst);
    let bytes = 0;
    // A store that stopped at the limit of bytes has more than those that come here before the limit.
    const end = found.findIndex((one, at) => at === filter.limit || ((bytes += one.bytes) > PAGE_BYTES && at > 0));
    const page = end < 0 ? found : found.slice(0, end);
    const unreadable = page.flatMap((one) => one.unreadable ?? []);
    return {
      runs: page.flatMap(({ run }) => run ?? []),
      ...(unreadable.length > 0 && { unreadable }),
      nextCursor: found.length > page.length ? (page.at(-1)?.id ?? null) : null,
    };
  }

  /** A page and one run more, which tells whether there is another page; fewer once they take more bytes than a page may. */
  private async find(
    entry: StoreEntry,
    filter: RunFilter,
    asItIs: (record: RunRecord) => RunRecord,
  ): Promise<readonly Found[]> {
    const wanted = filter.limit + 1;
    const found: Found[] = [];
    let bytes = 0;
    for (let [step, before] = [Math.min(wanted, FIRST_STEP), filter.before]; ; before = found.at(-1)?.id) {
      const some: Found[] = [];
      const records = await entry.store.getRuns(
        { ...filter, ...(before !== undefined && { before }), limit: step },
        (run) => some.push(asUnreadable(run, entry)),
      );
      for (const record of records.map(asItIs)) {
        some.push({ id: record.id, run: asRun(record, entry), bytes: weightOf(record) });
      }
      for (const one of some.sort(latestFirst)) {
        found.push(one);
        bytes += one.bytes;
      }
      if (some.length < step || found.length >= wanted || bytes > PAGE_BYTES) return found;
      const fitting = Math.ceil((PAGE_BYTES * found.length) / Math.max(bytes, 1)) + 1 - found.length;
      step = Math.min(wanted - found.length, Math.max(fitting, 1));
    }
  }

  /**
   * Validates a query.
   *
   * @throws InvalidInputError with every fault.
   */
  check(query: RunQuery): void {
    parseRunQuery(query, this.parts);
  }

  /** @throws RunUnreadableError */
  async get(id: string): Promise<Run | undefined> {
    await this.parts.runner.recorder.flushed();
    for (const entry of this.entries()) {
      const record = await entry.store.getRun(id, (run) => {
        throw new RunUnreadableError({ ...run, jobStore: entry.alias });
      });
      if (record) return asRun(this.latest()(record), entry);
    }
    return undefined;
  }

  /** Makes records as they are now: a shared store learns of the start, log and progress of a run later than its node. */
  private latest(): (record: RunRecord) => RunRecord {
    let active: ReadonlyMap<string, RunRecord> | undefined;
    return (record) => {
      if (!isActive(record.state)) return record;
      active ??= this.parts.runner.activeById();
      const run = active.get(record.id);
      return run && isActive(run.state) ? run : record;
    };
  }

  /** @returns the store that had it. @throws RunLookupError; RunActiveError */
  async remove(id: string): Promise<string> {
    const { events, runner } = this.parts;
    await runner.recorder.flushed();
    for (const { alias, store } of this.entries()) {
      const result = await store.removeRun(id).catch((error: unknown) => {
        if (error instanceof RunLookupError) return null;
        throw error;
      });
      for (const jobId of result?.removed ?? []) events.emit({ code: EVENT_JOB_REMOVED, jobId, jobStore: alias });
      if (result) return alias;
    }
    throw new RunLookupError(id);
  }

  /** @throws RunLookupError; RunOverError if it has ended or is already being cancelled */
  async cancel(id: string): Promise<Run> {
    const { runner, stores, clock } = this.parts;
    const cancelled = runner.cancel(stores.values(), id);
    // A task that reacts to its signal has ended by then.
    await clock.yield();
    await clock.yield();
    const run = await this.get(id);
    if (!run) throw new RunLookupError(id);
    // Its executor may take a while to end it.
    if (cancelled) return this.whenOver(run);
    // First the node that watches it: its executor would hear that the run is gone, and not why.
    const isAsked = run.finishedAt === null && (await this.isAskedFor(run));
    const latest = isAsked ? await this.whenOver(run) : run;
    if (latest.state === 'handed_over' && (await this.cancelAdopted(latest))) return this.whenOver(latest);
    if (isAsked) return latest;
    throw new RunOverError(id, ((await this.get(id)) ?? run).state);
  }

  /**
   * Records how a handed-over run has ended, whichever node watches it. The first outcome counts.
   *
   * @returns the run as it is recorded.
   * @throws RunLookupError; InvalidInputError if it is under way on a node, or the outcome is none; RunUnreadableError
   */
  async settle(id: string, outcome: RunOutcome): Promise<Run> {
    const { runner } = this.parts;
    assertOutcome(outcome);
    const run = await this.get(id);
    if (!run) throw new RunLookupError(id);
    if (run.state === 'running') {
      const problem = `"${id}" is not handed over: the node that runs it records its outcome`;
      throw new InvalidInputError('Run cannot be settled', [{ field: 'id', problem }]);
    }
    if (run.settled) return run;
    if (!runner.handedOver.settle(id, outcome) && run.state === 'handed_over') {
      const entry = this.parts.stores.get(run.jobStore);
      await runner.handedOver.left();
      const [adopted] = (await entry?.store.adoptRuns({ runId: id })) ?? [];
      // A store in this process may have given it to somebody else at the same time.
      if (entry && adopted?.run.state === 'handed_over') runner.handedOver.adoptEnded(entry, adopted, outcome);
      // This node may have adopted it in the meantime.
      else runner.handedOver.settle(id, outcome);
    }
    return (await this.get(id)) ?? run;
  }

  /** Cancels a handed-over run that another node watches, or none, if it can be done here. */
  private async cancelAdopted({ executor, id, jobStore }: Run): Promise<boolean> {
    const { roles, runner, stores } = this.parts;
    const entry = stores.get(jobStore);
    const isOurs = executor !== null && runner.handedOver.isFor(executor) && roles.takes(executor);
    if (!entry || !isOurs) return false;
    await runner.handedOver.left();
    const [adopted] = await entry.store.adoptRuns({ runId: id });
    if (adopted?.run.state !== 'handed_over') return false;
    runner.handedOver.adopt(entry, adopted);
    return runner.cancel([entry], id) !== undefined;
  }

  /** Requests the cancellation from another node. @returns whether the run is active there */
  private async isAskedFor({ id, jobStore }: Run): Promise<boolean> {
    const store = this.parts.stores.get(jobStore)?.store;
    const cluster = store && clusterOf(store);
    return cluster ? cluster.cancelRun(id) : false;
  }

  /** The run when it has ended, or its current state if that takes too long: its node may be dead. */
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

const latestFirst = (a: Found, b: Found): number => (a.id < b.id ? 1 : -1);

function asUnreadable(run: UnreadableRun, { alias }: StoreEntry): Found {
  const sizes = Object.values(run.raw).map((value) => (typeof value === 'string' ? value.length : 0));
  return { id: run.id, unreadable: { ...run, jobStore: alias }, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** A run as users see it. */
export function asRun(record: RunRecord, { alias }: StoreEntry): Run {
  return { ...snapshotOf(record), jobStore: alias };
}

/** @throws InvalidInputError */
function assertOutcome(outcome: RunOutcome): void {
  const state: unknown = isPlainObject(outcome) ? outcome.state : undefined;
  if (OUTCOMES.includes(state as RunOutcome['state'])) return;
  const problem = `must have a state of ${OUTCOMES.join(', ')}; got ${show(outcome)}`;
  throw new InvalidInputError('Invalid outcome', [{ field: 'outcome', problem }]);
}

const OUTCOMES: readonly RunOutcome['state'][] = ['succeeded', 'failed', 'timed_out', 'lost'];
