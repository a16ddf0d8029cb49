import { isActive, type Run, type RunRecord, wasBegun } from '../model/run-record.js';
import { weightOf } from '../model/run-weight.js';
import { asRun } from '../runs/run-directory.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { changeOf, type SchedulerChange } from './scheduler-change.js';

/** How many runs are read at once, and in one look. */
const MOST_AT_ONCE = 50;
const MOST_RUNS = 200;
/** Fewer runs are read at once when their results, logs and errors take more. */
const MOST_BYTES = 500_000;
/** How many runs under way are remembered, and how many of those are read each time that are no longer among the latest. */
const MOST_OPEN = 1000;
const MOST_CHECKED = 20;

/** Finds what runs other nodes make, by looking at the latest runs of a shared store. */
export class OtherRuns {
  /** The ids of the last look; null before the first. */
  private seen: ReadonlySet<string> | null = null;
  /** The least id of the last look, if there were older runs. */
  private oldest = '';
  /** Runs that are under way, in the order in which they are checked. */
  private readonly open = new Set<string>();
  private atOnce = MOST_AT_ONCE;

  /** @param instance - ends the ids of this node's runs. */
  constructor(
    private readonly entry: StoreEntry,
    private readonly instance: string,
  ) {}

  /** What has changed since the last look; nothing the first time. */
  async look(now: number): Promise<readonly SchedulerChange[]> {
    const { isWhole, runs } = await this.latest(now);
    const changes: SchedulerChange[] = [];
    if (this.seen === null) await this.noteRunning();
    else if (!isWhole) changes.push({ type: 'gap', of: 'runs', time: now, node: null, jobStore: this.entry.alias });
    for (const run of runs.toReversed()) {
      if (this.seen?.has(run.id) === false && run.id > this.oldest) this.begin(run, now, changes);
      else if (this.seen === null) this.note(run);
      else if (this.open.has(run.id)) this.check(run, now, changes);
    }
    this.seen = new Set(runs.map(({ id }) => id));
    this.oldest = runs.length < MOST_AT_ONCE ? '' : (runs.at(-1)?.id ?? '');
    await this.checkOlder(now, changes);
    return changes;
  }

  /** The latest runs, newest first: back to those of the last look, if these are not too far. */
  private async latest(now: number): Promise<{ readonly runs: readonly Run[]; readonly isWhole: boolean }> {
    const runs: Run[] = [];
    for (let before: string | undefined; ;) {
      const unreadable: string[] = [];
      const limit = this.atOnce;
      const records = await this.entry.store.getRuns(
        { limit, now, ...(before !== undefined && { before }) },
        ({ id }) => unreadable.push(id),
      );
      runs.push(...records.map((record) => asRun(record, this.entry)));
      this.fit(records, limit);
      const isKnown = records.some(({ id }) => id <= this.oldest || this.seen?.has(id));
      if (isKnown || this.seen === null || records.length + unreadable.length < limit) return { runs, isWhole: true };
      if (runs.length >= MOST_RUNS || records.length === 0) return { runs, isWhole: false };
      before = [...unreadable, records.at(-1)?.id ?? ''].reduce((least, id) => (id < least ? id : least));
    }
  }

  /** Results and logs are read along: large ones leave room for fewer runs. */
  private fit(records: readonly RunRecord[], limit: number): void {
    const bytes = records.reduce((sum, record) => sum + weightOf(record), 0);
    const fitting = bytes > MOST_BYTES ? Math.floor((limit * MOST_BYTES) / bytes) : limit * 2;
    this.atOnce = Math.min(Math.max(fitting, 1), MOST_AT_ONCE);
  }

  /** A run that was not there before. It may have ended by now. */
  private begin(run: Run, now: number, changes: SchedulerChange[]): void {
    // The run that stands for coalesced ones is told.
    if (this.isOwn(run.id) || run.reason === 'coalesced') return;
    if (wasBegun(run)) {
      changes.push(changeOf({ ...run, state: isActive(run.state) ? run.state : 'running' }, run.startedAt ?? now));
    }
    if (isActive(run.state)) this.note(run);
    else changes.push(changeOf(run, run.finishedAt ?? now));
  }

  private check(run: Run, now: number, changes: SchedulerChange[]): void {
    if (isActive(run.state)) return;
    this.open.delete(run.id);
    changes.push(changeOf(run, run.finishedAt ?? now));
  }

  /** Some of the runs that were under way and are no longer among the latest. */
  private async checkOlder(now: number, changes: SchedulerChange[]): Promise<void> {
    const older = [...this.open].filter((id) => !this.seen?.has(id)).slice(0, MOST_CHECKED);
    for (const id of older) {
      const record = await this.entry.store.getRun(id).catch(() => null);
      // Next time the others come first.
      this.open.delete(id);
      if (record === null) {
        // The store fails, and is asked again; what has been found so far is told.
        this.open.add(id);
        return;
      }
      if (record && isActive(record.state)) this.open.add(id);
      else if (record) changes.push(changeOf(asRun(record, this.entry), record.finishedAt ?? now));
    }
  }

  /** The runs under way that may have begun long ago: of each job the last one. */
  private async noteRunning(): Promise<void> {
    const { store } = this.entry;
    const { found } = await store.find({
      filter: { states: ['running'] },
      order: 'id',
      descending: false,
      limit: MOST_RUNS,
      known: { tasks: [], executors: [] },
    });
    const runs = await store.lastRuns(found.map(({ place }) => place.id));
    for (const run of runs.values()) this.note(run);
  }

  private note({ id, state }: RunRecord): void {
    if (!isActive(state) || this.isOwn(id) || this.open.size >= MOST_OPEN) return;
    this.open.add(id);
  }

  private isOwn(id: string): boolean {
    return id.endsWith(this.instance);
  }
}
