import {
  ManualClock,
  Scheduler,
  type Clock,
  type RunContext,
  type SchedulerOptions,
  type Timer,
} from 'nestjs-apscheduler/engine';
import { SqlJobStore, type SqlUrlOptions } from 'nestjs-apscheduler/sql';
import { memoryLogger, START, type MemoryLogger } from '../engine.js';

/** A clock that can be frozen, like a process that has died or was stopped: its timers no longer fire. */
class NodeClock implements Clock {
  isFrozen = false;

  constructor(private readonly inner: ManualClock) {}

  now(): number {
    return this.inner.now();
  }

  setTimer(callback: () => void, delayMs: number, neededMs?: number): Timer {
    return this.inner.setTimer(() => (this.isFrozen ? undefined : callback()), delayMs, neededMs);
  }

  yield(): Promise<void> {
    return this.inner.yield();
  }

  track(work: Promise<unknown>): void {
    this.inner.track(work);
  }
}

/** One of several schedulers on one database. */
export interface Node {
  readonly scheduler: Scheduler;
  readonly store: SqlJobStore;
  readonly logger: MemoryLogger;
  /** Simulates a dead process: from now on the node does nothing, without any notice. */
  freeze(): void;
}

/** An entry that a task wrote: which node ran which job, for which time. */
export interface LedgerEntry {
  readonly node: string;
  readonly jobId: string;
  readonly scheduledTime: number;
  readonly attempt: number;
}

/** Several schedulers on one database, with one manual clock. */
export class Cluster {
  readonly clock = new ManualClock(START, { patienceMs: 1000 });
  readonly ledger: LedgerEntry[] = [];
  private readonly nodes: Node[] = [];

  constructor(private readonly options: Omit<SqlUrlOptions, 'time'>) {}

  /** A started node with the task `work`, which records each call. */
  async join(work: (context: RunContext) => unknown = () => undefined, options: SchedulerOptions = {}): Promise<Node> {
    const name = `node-${this.nodes.length + 1}`;
    const clock = new NodeClock(this.clock);
    const store = new SqlJobStore({ ...this.options, time: 'node' });
    const logger = memoryLogger();
    const scheduler = new Scheduler({
      ...{ clock, logger, timezone: 'UTC', node: name, jobStores: { default: store } },
      ...options,
    });
    scheduler.registerTask('work', (context: RunContext) => {
      const { jobId, scheduledTime, attempt } = context;
      this.ledger.push({ node: name, jobId, scheduledTime, attempt });
      return work(context);
    });
    await scheduler.start();
    const node = { scheduler, store, logger, freeze: () => void (clock.isFrozen = true) };
    this.nodes.push(node);
    return node;
  }

  /** The scheduled times that ran, by job, whichever node ran them. */
  get fired(): readonly string[] {
    return this.ledger.map(({ jobId, scheduledTime }) => `${jobId}@${(scheduledTime - START) / 1000}`).sort();
  }

  /** The warnings and errors that nodes have logged. */
  get faults(): readonly string[] {
    return this.nodes.flatMap(({ logger }) => logger.lines.filter((line) => /^(error|warn): /.test(line)));
  }

  async close(): Promise<void> {
    for (const { scheduler } of this.nodes) if (scheduler.running) await scheduler.shutdown({ wait: false });
  }
}
