import type { RunRecord } from '../../engine/model/run-record.js';
import { weightOf } from '../../engine/model/run-weight.js';
import { BackgroundWork } from '../../engine/util/background-work.js';
import { messageOf } from '../../engine/util/inspect.js';
import type { Backend } from './backend.js';
import { PRUNE_JOBS, PRUNE_OLDEST, WEIGH_RUNS } from './scripts/prune-scripts.js';

/** By how much bytes may exceed their limit before the history is weighed again: a tenth. */
const SLACK = 10;

/**
 * Prunes what recording does not: each record takes some old runs out, but limits may be lower than before, earlier processes
 * may have left work, and bytes are not counted with each run.
 */
export class RunPruner {
  private bytes = 0;
  private isFailing = false;
  private readonly work = new BackgroundWork(
    () => this.steps(),
    (error) => this.note(error),
  );

  constructor(private readonly backend: Backend) {}

  start(): void {
    this.work.start();
  }

  add(runs: readonly RunRecord[]): void {
    for (const run of runs) if (run.settled) this.bytes += weightOf(run);
    if (this.bytes > this.backend.attached.history.maxBytes / SLACK) this.start();
  }

  /** The next start goes on with what is left. */
  stop(): Promise<void> {
    return this.work.stop();
  }

  private note(error: unknown): void {
    const { logger } = this.backend.attached;
    if (error !== null && !this.isFailing) {
      logger.warn(`The history of runs is not pruned to its limits: ${messageOf(error)}`);
    }
    this.isFailing = error !== null;
  }

  private async *steps(): AsyncGenerator<void> {
    const { backend } = this;
    const { perJob, total, maxAgeMs, maxBytes } = backend.attached.history;
    this.bytes = 0;
    let cursor = '';
    do {
      cursor = await backend.run<string>(PRUNE_JOBS, perJob, cursor);
      yield;
    } while (cursor !== '');
    yield* this.pruneOldest(total, maxAgeMs);
    if (maxBytes === Infinity) return;
    let [count, left] = [0, maxBytes];
    for (let found = 1; found > 0 && left >= 0; count += found) {
      const weighed = await backend.run<[number, string]>(WEIGH_RUNS, count, left);
      found = weighed[0];
      left = Number(weighed[1]);
      yield;
    }
    if (left < 0) yield* this.pruneOldest(count, maxAgeMs);
  }

  private async *pruneOldest(total: number, maxAgeMs: number): AsyncGenerator<void> {
    for (let gone = 1; gone > 0;) {
      gone = await this.backend.run<number>(PRUNE_OLDEST, Math.min(total, Number.MAX_SAFE_INTEGER), maxAgeMs);
      yield;
    }
  }
}
