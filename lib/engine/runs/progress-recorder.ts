import type { Clock, Timer } from '../clock.js';
import type { ActiveRuns } from './active-runs.js';
import type { JobExecution } from './job-execution.js';
import type { RunEntry } from './run-entry.js';
import type { RunRecorder } from './run-recorder.js';

/** How often runs under way are looked at, and so how long a run takes at least before its start is recorded. */
const LOOK_MS = 2_000;
/** How many runs are recorded with one look: the others come with the next ones. */
const MOST_AT_ONCE = 500;

export interface ProgressRecorderParts {
  readonly clock: Clock;
  readonly active: ActiveRuns;
  readonly recorder: RunRecorder;
}

/**
 * Records in shared stores what has become of runs that take longer than a moment: their start, log and progress. So other nodes
 * show them, and whoever adopts a handed-over run has them. A run that ends before it is looked at costs no write.
 */
export class ProgressRecorder {
  private timer: Timer | null = null;
  /** Where to begin with the next look, among those that have something new to say. */
  private turn = 0;
  /** What has been recorded of runs. */
  private readonly recorded = new WeakMap<RunEntry, unknown[]>();
  private readonly pending = new WeakSet<RunEntry>();

  constructor(private readonly parts: ProgressRecorderParts) {}

  /** A run is on its way to its executor. */
  watch({ entry }: JobExecution): void {
    if (this.timer || !entry.store.capabilities.shared) return;
    this.timer = this.parts.clock.setTimer(() => this.look(), LOOK_MS);
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  private look(): void {
    this.timer = null;
    const shared = this.parts.active.list().filter(({ entry }) => entry.store.capabilities.shared);
    const [first] = shared;
    if (first) this.watch(first);
    const news = shared.filter((execution) => this.isNews(execution));
    // Those that always have something new to say must not keep the others from their turn.
    if (this.turn >= news.length) this.turn = 0;
    const some = news.concat(news).slice(this.turn, this.turn + Math.min(news.length, MOST_AT_ONCE));
    for (const execution of some) void this.record(execution);
    this.turn += some.length;
  }

  private isNews({ entry, isOver, run }: JobExecution): boolean {
    const { finishedAt, startedAt } = run;
    const isUnderWay = startedAt !== null && finishedAt === null && !isOver;
    if (!entry.open || !isUnderWay || this.pending.has(run)) return false;
    if (this.parts.clock.now() - startedAt < LOOK_MS) return false;
    const known = this.recorded.get(run);
    return known === undefined || newsOf(run).some((value, index) => value !== known[index]);
  }

  private async record({ entry, run }: JobExecution): Promise<void> {
    const news = newsOf(run);
    this.pending.add(run);
    const isRecorded = await this.parts.recorder.confirmed(entry, run);
    this.pending.delete(run);
    if (isRecorded) this.recorded.set(run, news);
  }
}

/** Its log is another list after each line. */
const newsOf = ({ log, progress, startedAt }: RunEntry): unknown[] => [startedAt, progress, log];
