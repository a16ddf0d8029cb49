import type { Clock, Timer } from '../../engine/clock.js';
import type { Logger } from '../../engine/logger.js';
import { inWeighedChunks } from '../../engine/util/chunks.js';
import { messageOf } from '../../engine/util/inspect.js';
import type { HandedRun } from './handed-run.js';
import type { BullJobInput } from './load-bullmq.js';

/** What is published at once. */
const BATCH = { items: 1000, bytes: 4_000_000 };
/** How many batches are on their way at once: one is made while the other is written. */
const MOST_BATCHES = 2;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

export interface PublisherParts {
  readonly clock: () => Clock;
  readonly logger: () => Logger;
  /** Answers the ids of those that the queue has. */
  add(jobs: BullJobInput[]): Promise<readonly (string | undefined)[]>;
  /** The queue has them. */
  published(runs: readonly HandedRun[]): void;
  /** The queue will never take it. */
  refused(run: HandedRun, error: unknown): void;
}

/** Publishes runs, those of one turn of the event loop together, each until the queue has acknowledged it. */
export class Publisher {
  /** The oldest first. */
  private readonly waiting = new Map<string, HandedRun>();
  private readonly underWay = new Set<HandedRun>();
  private isScheduled = false;
  /** How many batches are on their way. */
  private batches = 0;
  private pause: Timer | null = null;
  private failures = 0;

  constructor(private readonly parts: PublisherParts) {}

  put(run: HandedRun): void {
    this.waiting.set(run.id, run);
    if (!this.pause) this.schedule();
  }

  /** @returns whether it will not be published, and has not been; false where it may be on its way. */
  drop(run: HandedRun): boolean {
    const isWaiting = this.waiting.get(run.id) === run;
    if (isWaiting) this.waiting.delete(run.id);
    if (this.waiting.size === 0) this.endPause();
    return isWaiting && !this.underWay.has(run);
  }

  /** Tries at once: what was in the way may be gone. */
  hurry(): void {
    if (!this.pause) return;
    this.endPause();
    this.advance();
  }

  stop(): void {
    this.waiting.clear();
    this.endPause();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    // Until the end of the turn, more may come.
    void this.parts
      .clock()
      .yield()
      .then(() => {
        this.isScheduled = false;
        this.advance();
      });
  }

  private advance(): void {
    while (this.batches < MOST_BATCHES && !this.pause) {
      const runs = this.nextBatch();
      if (runs.length === 0) return;
      this.batches++;
      void this.publish(runs).then(() => {
        this.batches--;
        this.advance();
      });
    }
  }

  private nextBatch(): readonly HandedRun[] {
    const runs: HandedRun[] = [];
    for (const run of this.waiting.values()) {
      if (runs.length === BATCH.items) break;
      if (!this.underWay.has(run)) runs.push(run);
    }
    const bytesOf = ({ job: { data } }: HandedRun): number => weigh(data.args) + weigh(data.kwargs);
    const [batch = []] = inWeighedChunks(runs, BATCH, bytesOf);
    return batch;
  }

  /** Never rejects. */
  private async publish(runs: readonly HandedRun[]): Promise<void> {
    for (const run of runs) this.underWay.add(run);
    try {
      const ids = await this.parts.add(runs.map(({ job }) => job));
      const published = runs.filter(({ id }, index) => ids[index] === id);
      this.leave(published);
      // BullMQ 5 does not say what was wrong with the others.
      if (published.length < runs.length) throw new Error('not all of them were taken');
      this.failures = 0;
    } catch (error) {
      await this.failed(runs, error);
    } finally {
      for (const run of runs) this.underWay.delete(run);
    }
  }

  private leave(published: readonly HandedRun[]): void {
    for (const run of published) {
      run.isPublished = true;
      if (this.waiting.get(run.id) === run) this.waiting.delete(run.id);
    }
    this.parts.published(published);
  }

  private async failed(runs: readonly HandedRun[], error: unknown): Promise<void> {
    if (!isRefusal(error)) return this.wait(error);
    const [run] = runs;
    if (run && runs.length === 1) {
      this.waiting.delete(run.id);
      this.parts.refused(run, error);
      return;
    }
    // One of them is to blame: not the others' fault.
    for (const one of runs) if (this.waiting.get(one.id) === one && !this.pause) await this.publish([one]);
  }

  private wait(error: unknown): void {
    if (this.pause || this.waiting.size === 0) return;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.failures++, LONGEST_PAUSE_MS);
    if (this.failures === 1) {
      const count = this.waiting.size;
      this.parts.logger().warn(`${count} run(s) cannot be handed over now, and are tried again: ${messageOf(error)}`);
    }
    this.pause = this.parts.clock().setTimer(() => this.hurry(), pauseMs);
  }

  private endPause(): void {
    this.pause?.cancel();
    this.pause = null;
  }
}

/** Most have no arguments. */
function weigh(value: object): number {
  return Object.keys(value).length === 0 ? 0 : JSON.stringify(value).length;
}

/** BullMQ checks what it is given before it sends it; everything else may go away by itself. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'Error' || 'code' in error) return false;
  return /exceeds the limit|^Custom Id|^Priority|cannot be used together/i.test(error.message);
}
