import type { RunCause, RunLogLine, RunRecord, RunState } from '../run.js';
import type { RunEntry, RunMaker } from '../runs/run-entry.js';

const NO_LINES: readonly RunLogLine[] = [];

/** What tells one plain run of a job from another: times as distances in milliseconds, in the order in which they come. */
export interface PlainRunData {
  readonly nominalTime: number;
  readonly number: number;
  /** From the nominal time to the fire time. */
  readonly delay: number;
  /** From the nominal time to the making of the run. */
  readonly lag: number;
  /** From its making to its start. */
  readonly startLag: number | null;
  /** From its making to its end. */
  readonly endLag: number | null;
}

/** Whether a run is as nearly all are: scheduled, made once, succeeded without a word. It is all in a few small numbers. */
export function isPlain(run: RunEntry): boolean {
  return run.isUneventful && isSmall(run.delay) && isSmall(run.lag) && isSmall(run.startLag) && isSmall(run.endLag);
}

/** Whether it is a whole number of 32 bits. */
function isSmall(value: number | null): boolean {
  return value === ((value as number) | 0);
}

/** A plain run of a job that is over. One of them tells of the job's latest for ever: it is written over, and nothing is made. */
export class PlainRun implements RunRecord, PlainRunData {
  readonly jobId: string;
  readonly task: string;
  readonly maker: RunMaker;
  nominalTime: number;
  number: number;
  delay: number;
  lag: number;
  startLag: number;
  endLag: number;

  /** @param like - another run of the job. */
  constructor(like: Pick<RunEntry, 'jobId' | 'task' | 'maker'>, data: PlainRunData) {
    this.jobId = like.jobId;
    this.task = like.task;
    this.maker = like.maker;
    this.nominalTime = data.nominalTime;
    this.number = data.number;
    this.delay = data.delay;
    this.lag = data.lag;
    this.startLag = data.startLag as number;
    this.endLag = data.endLag as number;
  }

  assign(data: PlainRunData): this {
    this.nominalTime = data.nominalTime;
    this.number = data.number;
    this.delay = data.delay;
    this.lag = data.lag;
    this.startLag = data.startLag as number;
    this.endLag = data.endLag as number;
    return this;
  }

  get id(): string {
    return this.maker.ids.idOf(this.nominalTime + this.lag, this.number);
  }

  get node(): string {
    return this.maker.node;
  }

  get lastNominalTime(): number {
    return this.nominalTime;
  }

  get fireTime(): number {
    return this.nominalTime + this.delay;
  }

  get startedAt(): number {
    return this.nominalTime + this.lag + this.startLag;
  }

  get finishedAt(): number {
    return this.nominalTime + this.lag + this.endLag;
  }

  get cause(): RunCause {
    return 'schedule';
  }

  get attempt(): number {
    return 1;
  }

  get state(): RunState {
    return 'succeeded';
  }

  get settled(): boolean {
    return true;
  }

  get given(): null {
    return null;
  }

  get retryOf(): null {
    return null;
  }

  get retryAt(): null {
    return null;
  }

  get reason(): null {
    return null;
  }

  get result(): null {
    return null;
  }

  get resultOmitted(): null {
    return null;
  }

  get error(): null {
    return null;
  }

  get log(): readonly RunLogLine[] {
    return NO_LINES;
  }

  get progress(): null {
    return null;
  }
}
