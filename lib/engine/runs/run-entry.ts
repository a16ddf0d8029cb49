import type { JobSpec } from '../job.js';
import type { RunCause, RunError, RunLogLine, RunReason, RunRecord, RunState } from '../run.js';
import type { RunIds } from './run-ids.js';

/** What makes runs: the name of the node, and its ids. */
export interface RunMaker {
  readonly node: string;
  readonly ids: RunIds;
}

const NO_LINES: readonly RunLogLine[] = [];

/**
 * A run as the engine and its store keep it: one object all its life, changed in place until it has settled.
 * Made for every fire, so what few runs need is made when it is needed.
 */
export class RunEntry implements RunRecord {
  readonly jobId: string;
  readonly task: string;
  lastNominalTime: number;
  state: RunState = 'running';
  reason: RunReason | null = null;
  settled = false;
  startedAt: number | null = null;
  finishedAt: number | null = null;
  retryAt: number | null = null;
  result: unknown = null;
  resultOmitted: string | null = null;
  error: RunError | null = null;
  log: readonly RunLogLine[] = NO_LINES;
  progress: number | null = null;
  /** Another record's range tells of it: stores forget it. */
  isAbsorbed = false;
  /** For the store that it is in, to find it again. */
  place: object | null = null;
  private readonly number: number;

  constructor(
    private readonly maker: RunMaker,
    job: JobSpec,
    readonly cause: RunCause,
    readonly nominalTime: number,
    readonly fireTime: number,
    /** In epoch milliseconds; the store's time where it has one. */
    private readonly madeAt: number,
    readonly attempt = 1,
    readonly retryOf: string | null = null,
  ) {
    this.jobId = job.id;
    this.task = job.task;
    this.lastNominalTime = nominalTime;
    this.number = maker.ids.next();
  }

  get id(): string {
    return this.maker.ids.idOf(this.madeAt, this.number);
  }

  get node(): string {
    return this.maker.node;
  }

  /** Whether it was begun, or is still to be: no range of runs that were not made. */
  get isReal(): boolean {
    return this.startedAt !== null || this.state === 'running';
  }

  /** It was not made. Nothing of it is under way. */
  leaveOut(state: 'missed' | 'skipped', reason: RunReason, now: number, lastNominalTime = this.nominalTime): this {
    this.state = state;
    this.reason = reason;
    this.settled = true;
    this.finishedAt = now;
    this.lastNominalTime = lastNominalTime;
    return this;
  }
}

/** A run as it stands now, for others to keep. */
export function snapshotOf(run: RunRecord): RunRecord {
  return {
    id: run.id,
    jobId: run.jobId,
    task: run.task,
    cause: run.cause,
    nominalTime: run.nominalTime,
    lastNominalTime: run.lastNominalTime,
    fireTime: run.fireTime,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    attempt: run.attempt,
    retryOf: run.retryOf,
    retryAt: run.retryAt,
    state: run.state,
    reason: run.reason,
    settled: run.settled,
    result: copyOf(run.result),
    resultOmitted: run.resultOmitted,
    error: run.error && { ...run.error },
    log: run.log.map((line) => ({ ...line })),
    progress: run.progress,
    node: run.node,
  };
}

function copyOf(result: unknown): unknown {
  return typeof result === 'object' && result !== null ? structuredClone(result) : result;
}
