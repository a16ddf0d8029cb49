import type { JobSpec } from '../model/job.js';
import type {
  GivenArguments,
  RunCause,
  RunError,
  RunLogLine,
  RunReason,
  RunRecord,
  RunState,
} from '../model/run-record.js';
import type { RunIds } from './run-ids.js';

/** What makes runs: the name of the node, and its ids. */
export interface RunMaker {
  readonly node: string;
  readonly ids: RunIds;
}

const NO_LINES: readonly RunLogLine[] = [];

/** What few runs have. */
class RunDetails {
  reason: RunReason | null = null;
  given: GivenArguments | null = null;
  retryOf: string | null = null;
  retryAt: number | null = null;
  lastNominalTime: number | null = null;
  result: unknown = null;
  resultOmitted: string | null = null;
  error: RunError | null = null;
  log = NO_LINES;
  progress: number | null = null;
  worker: string | null = null;
  /** Of a run that another scheduler has made. */
  original: Pick<RunRecord, 'id' | 'node'> | null = null;
  isAdopted = false;
}

/**
 * A run of this node: one object from its planning on, changed in place until it has settled.
 *
 * One is made for every fire, and the latest of each job stays. So it is kept small: what few runs have stands apart, and
 * times are kept as distances, which are small integers and need no memory of their own.
 */
export class RunEntry implements RunRecord {
  readonly jobId: string;
  readonly task: string;
  readonly executor: string | null;
  state: RunState = 'running';
  settled = false;
  /** Why the run must not start, though it has been claimed: its lease was lost, or its job paused or removed meanwhile. */
  barred: 'node lost' | 'paused' | 'removed' | null = null;
  readonly number: number;
  /** From the nominal time to the fire time, in milliseconds. */
  readonly delay: number;
  /** From the nominal time to the making of the run, in milliseconds. */
  readonly lag: number;
  /** From its making to its start and its end, in milliseconds. */
  startLag: number | null = null;
  endLag: number | null = null;
  private details: RunDetails | null = null;

  /**
   * @param madeAt - in epoch milliseconds; the store's time where it has one.
   * @param retryOf - the id of the first attempt; null when this is the first.
   */
  constructor(
    readonly maker: RunMaker,
    job: Pick<JobSpec, 'id' | 'task'> & { readonly executor: string | null },
    readonly cause: RunCause,
    readonly nominalTime: number,
    fireTime: number,
    madeAt: number,
    readonly attempt = 1,
    retryOf: string | null = null,
  ) {
    this.jobId = job.id;
    this.task = job.task;
    this.executor = job.executor;
    this.number = maker.ids.next();
    this.delay = fireTime - nominalTime;
    this.lag = madeAt - nominalTime;
    if (retryOf !== null) this.detail().retryOf = retryOf;
  }

  /** A handed-over run as its store has recorded it, and that this scheduler watches from now on. */
  static adopt(maker: RunMaker, record: RunRecord): RunEntry {
    // A store in this process has the run itself.
    if (record instanceof RunEntry) {
      record.detail().isAdopted = true;
      return record;
    }
    const { id, jobId, task, executor, cause, nominalTime, fireTime, attempt, retryOf, node } = record;
    const job = { id: jobId, task, executor };
    const run = new RunEntry(maker, job, cause, nominalTime, fireTime, fireTime, attempt, retryOf);
    run.state = 'handed_over';
    Object.assign(run.detail(), { original: { id, node }, isAdopted: true });
    run.given = record.given;
    run.startedAt = record.startedAt;
    if (record.log.length > 0) run.log = record.log;
    if (record.progress !== null) run.progress = record.progress;
    if (record.worker !== null) run.worker = record.worker;
    return run;
  }

  get id(): string {
    return this.details?.original?.id ?? this.maker.ids.idOf(this.madeAt, this.number);
  }

  get node(): string {
    return this.details?.original?.node ?? this.maker.node;
  }

  /** Whether it had been handed over before this scheduler, or this start of it, took it up. */
  get isAdopted(): boolean {
    return this.details?.isAdopted ?? false;
  }

  get fireTime(): number {
    return this.nominalTime + this.delay;
  }

  get startedAt(): number | null {
    return this.startLag === null ? null : this.madeAt + this.startLag;
  }

  set startedAt(at: number | null) {
    this.startLag = at === null ? null : at - this.madeAt;
  }

  get finishedAt(): number | null {
    return this.endLag === null ? null : this.madeAt + this.endLag;
  }

  set finishedAt(at: number | null) {
    this.endLag = at === null ? null : at - this.madeAt;
  }

  get lastNominalTime(): number {
    return this.details?.lastNominalTime ?? this.nominalTime;
  }

  get reason(): RunReason | null {
    return this.details?.reason ?? null;
  }

  set reason(reason: RunReason | null) {
    this.detail().reason = reason;
  }

  get given(): GivenArguments | null {
    return this.details?.given ?? null;
  }

  set given(given: GivenArguments | null) {
    if (given !== this.given) this.detail().given = given;
  }

  get retryOf(): string | null {
    return this.details?.retryOf ?? null;
  }

  get retryAt(): number | null {
    return this.details?.retryAt ?? null;
  }

  set retryAt(at: number | null) {
    this.detail().retryAt = at;
  }

  get result(): unknown {
    return this.details?.result ?? null;
  }

  set result(value: unknown) {
    this.detail().result = value;
  }

  get resultOmitted(): string | null {
    return this.details?.resultOmitted ?? null;
  }

  set resultOmitted(why: string | null) {
    this.detail().resultOmitted = why;
  }

  get error(): RunError | null {
    return this.details?.error ?? null;
  }

  set error(error: RunError | null) {
    this.detail().error = error;
  }

  get log(): readonly RunLogLine[] {
    return this.details?.log ?? NO_LINES;
  }

  set log(lines: readonly RunLogLine[]) {
    this.detail().log = lines;
  }

  get progress(): number | null {
    return this.details?.progress ?? null;
  }

  set progress(fraction: number | null) {
    this.detail().progress = fraction;
  }

  get worker(): string | null {
    return this.details?.worker ?? null;
  }

  set worker(name: string | null) {
    this.detail().worker = name;
  }

  /** It was not made. Nothing of it is under way. */
  leaveOut(state: 'missed' | 'skipped', reason: RunReason, now: number, lastNominalTime = this.nominalTime): this {
    this.state = state;
    this.settled = true;
    this.finishedAt = now;
    const details = this.detail();
    details.reason = reason;
    details.lastNominalTime = lastNominalTime;
    return this;
  }

  private get madeAt(): number {
    return this.nominalTime + this.lag;
  }

  private detail(): RunDetails {
    return (this.details ??= new RunDetails());
  }
}
