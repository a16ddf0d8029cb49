import { RunActiveError, RunLookupError } from '../../engine/errors.js';
import type { RunRecord } from '../../engine/model/run-record.js';
import type { OnUnreadableRun } from '../../engine/model/unreadable-run.js';
import type { RecordResult, RunFilter } from '../../engine/stores/job-store.js';
import { messageOf } from '../../engine/util/inspect.js';
import { OnceLogger } from '../../engine/util/once-logger.js';
import { weightOf } from '../../engine/model/run-weight.js';
import { inWeighedChunks } from '../../engine/util/chunks.js';
import { SCRIPT_BOUNDS, type Backend } from './backend.js';
import type { NodeLease } from './node-lease.js';
import { decodeRun, encodeEntry, isKept, markKept } from './run-codec.js';
import { GET_RUN, LAST_RUNS, PAGE_RUNS, RECORD_RUNS, REMOVE_RUN } from './scripts/record-script.js';

/** How often a run is to be recorded that takes a lease. The first renewal may be one that is under way, and comes too early. */
const ATTEMPTS = 3;

type Recorded = [refused: string[], removed: string[]];
type Stale = ['stale'];
type PageOfRuns = [ids: string[], rows: (string | null)[], isMore: number];

/** How many rows are looked through at once. */
const PAGE = 500;
/** Of how many jobs the last runs are read at once. */
const LAST_AT_ONCE = 1000;

/** The runs of a namespace: those under way, and the history. */
export class RunTable {
  private readonly reports = new OnceLogger(() => this.backend.context?.logger);

  constructor(
    private readonly backend: Backend,
    private readonly lease: NodeLease,
  ) {}

  async record(runs: readonly RunRecord[]): Promise<RecordResult> {
    const removed: string[] = [];
    const refused: string[] = [];
    for (const some of inWeighedChunks(runs, SCRIPT_BOUNDS, weightOf)) {
      const result = await this.recordSome(some);
      for (const id of result.removed) removed.push(id);
      for (const id of result.refused ?? []) refused.push(id);
    }
    return { removed, ...(refused.length > 0 && { refused }) };
  }

  private async recordSome(runs: readonly RunRecord[]): Promise<RecordResult> {
    // A run may come twice in a batch, both times as it is now.
    const byId = new Map(runs.map((run) => [run.id, run]));
    const live = new Set(Array.from(byId.values()).filter(({ settled }) => !settled));
    const fields = Array.from(byId, ([id, run]) => this.fieldsOf(id, run)).flat();
    const begins = [...live].some((run) => !isKept(run));
    const [fence, [refused, removed]] = await this.write(begins, fields);
    // Under another lease by now: what is under way was lost with the one before.
    if (fence !== this.backend.fence) for (const { id } of live) refused.push(id);
    for (const run of byId.values()) markKept(run);
    return { removed, ...(refused.length > 0 && { refused: [...new Set(refused)] }) };
  }

  /**
   * Removes a run that has settled.
   *
   * @returns its job if it has nothing left without the run, and went.
   * @throws RunLookupError; RunActiveError
   */
  async remove(id: string): Promise<readonly string[]> {
    const answer = await this.backend.run<string[] | 'none' | 'live'>(REMOVE_RUN, id);
    if (answer === 'none') throw new RunLookupError(id);
    if (answer === 'live') throw new RunActiveError(id);
    return answer;
  }

  async get(id: string, onUnreadable?: OnUnreadableRun): Promise<RunRecord | undefined> {
    const row = await this.backend.run<string | null>(GET_RUN, id);
    return row === null ? undefined : this.read(id, row, onUnreadable);
  }

  async list(filter: RunFilter, onUnreadable?: OnUnreadableRun): Promise<readonly RunRecord[]> {
    const { jobId, limit, states, from, to } = filter;
    const isFiltered = states !== undefined || from !== undefined || to !== undefined;
    // What is filtered here may have to be looked for among many others.
    const page = isFiltered ? PAGE : Math.min(limit, PAGE);
    const prefix = jobId === undefined ? '' : `${Buffer.byteLength(jobId)}:${jobId}:`;
    const found: RunRecord[] = [];
    let unreadable = 0;
    // Whether a filter would find them cannot be said.
    const note: OnUnreadableRun = (run) => {
      if (isFiltered) return;
      unreadable++;
      onUnreadable?.(run);
    };
    let before = filter.before ?? '';
    for (;;) {
      const [ids, rows, isMore] = await this.backend.run<PageOfRuns>(PAGE_RUNS, before, page, prefix);
      for (const [index, row] of rows.entries()) {
        const run = row === null ? undefined : this.read(ids[index] as string, row, note);
        if (run && this.matches(run, filter)) found.push(run);
        if (found.length + unreadable === limit) return found;
      }
      const last = ids.at(-1);
      if (last === undefined || isMore === 0) return found;
      before = last;
    }
  }

  async last(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>> {
    const found = new Map<string, RunRecord>();
    for (let from = 0; from < jobIds.length;) {
      const some = jobIds.slice(from, from + LAST_AT_ONCE);
      const rows = await this.backend.run<(string | null)[]>(LAST_RUNS, ...some);
      rows.forEach((row, index) => {
        const id = some[index] as string;
        const run = row && this.read(id, row);
        if (run) found.set(id, run);
      });
      from += Math.max(rows.length, 1);
    }
    return found;
  }

  /** A run; undefined when it cannot be read, which is logged. */
  private read(id: string, row: string, onUnreadable?: OnUnreadableRun): RunRecord | undefined {
    try {
      return decodeRun(row);
    } catch (error) {
      const problem = messageOf(error);
      this.reports.add(id, `Run "${id}" cannot be read by this release: ${problem}`);
      const [, jobId = null] = /\n(.*)$/s.exec(row) ?? [];
      onUnreadable?.({ id, jobId, problem, raw: { row } });
      return undefined;
    }
  }

  /** Answers under which fence it was done, too. */
  private async write(begins: boolean, fields: readonly (string | number)[]): Promise<[fence: string, Recorded]> {
    if (begins && !this.lease.holds) await this.lease.renew();
    for (let attempt = 1; ; attempt++) {
      const { fence, limits } = this.backend;
      const answer = await this.backend.run<Recorded | Stale>(RECORD_RUNS, ...limits, begins ? 1 : 0, ...fields);
      if (answer[0] !== 'stale') return [fence, answer];
      if (attempt === ATTEMPTS) throw new Error('This node has no lease, and cannot get one that holds');
      await this.lease.renew();
    }
  }

  private fieldsOf(id: string, run: RunRecord): (string | number)[] {
    const { jobId, retryAt, finishedAt, settled, state } = run;
    const retry = settled && retryAt !== null ? this.backend.time.toStore(retryAt) : '-';
    const stands = settled ? 'end' : 'live';
    const known = isKept(run) ? 1 : 0;
    return [id, jobId, encodeEntry(run), stands, known, retry, finishedAt ?? 0, state === 'lost' ? 1 : 0];
  }

  private matches(run: RunRecord, { states, from = -Infinity, to = Infinity, now }: RunFilter): boolean {
    const { state, nominalTime, lastNominalTime, settled, finishedAt } = run;
    if (states && !states.includes(state)) return false;
    if (lastNominalTime < from || nominalTime >= to) return false;
    return !settled || (finishedAt ?? now) >= now - this.backend.attached.history.maxAgeMs;
  }
}
