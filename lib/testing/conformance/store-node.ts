import { SystemClock, type Clock, type Timer } from '../../engine/clock.js';
import type { JobSpec } from '../../engine/model/job.js';
import { silentLogger } from '../../engine/logger.js';
import type { RunRecord } from '../../engine/model/run-record.js';
import { RunIds } from '../../engine/runs/run-ids.js';
import type { RunEntry } from '../../engine/runs/run-entry.js';
import type { ClusterState } from '../../engine/stores/cluster-state.js';
import { resolveAudit, type AuditLimits } from '../../engine/stores/audit-options.js';
import type { HistoryLimits, JobStore, ClaimRequest, ClaimResult } from '../../engine/stores/job-store.js';
import { isTrue } from './checks.js';
import { NodeClock } from './node-clock.js';
import { onTo } from './sample-jobs.js';
import { newRun, type RunGiven } from './sample-runs.js';

/** How long a message to another node may take, in milliseconds of real time. */
const HEARING_MS = 10_000;

/** Due work at the instant at which the clock stands. */
export type DueRequest = Partial<Omit<ClaimRequest, 'now'>>;

/** A node without a scheduler: a store that has been taken on, and what it has said to its node. */
export class StoreNode {
  readonly clock: NodeClock;
  /** When it was notified that something is due. */
  readonly wakes: number[] = [];
  /** The ids of the runs that it holds: all that it has made, until a test lets it forget one. */
  readonly held = new Set<string>();
  /** What it says of itself. */
  description = 'a node';
  /** How often it was notified that it has lost its lease. */
  losses = 0;
  /** How often it was notified that the store has lost jobs. */
  jobLosses = 0;
  /** By how much the store's clock was set back, in milliseconds, each time that it was notified. */
  readonly setBacks: number[] = [];
  /** The orders for all nodes that it was notified of. */
  /** What the store has said at each heartbeat stands under this node's lease. */
  readonly underLease: ReadonlySet<string>[] = [];
  readonly states: ClusterState[] = [];
  /** The runs that it was asked to cancel. */
  readonly cancelled: string[] = [];
  private readonly ids = new RunIds();
  private hasStarted = false;
  private onWake: () => void = () => undefined;

  constructor(
    readonly store: JobStore,
    readonly name: string,
    private readonly shared: Clock,
    aheadMs = 0,
  ) {
    this.clock = new NodeClock(shared, aheadMs);
  }

  get instance(): string {
    return this.ids.instance;
  }

  async start(history: HistoryLimits, audit: AuditLimits = resolveAudit()): Promise<void> {
    this.store.attach?.({
      alias: 'default',
      node: this.name,
      instance: this.ids.instance,
      clock: this.clock,
      history,
      audit,
      logger: silentLogger,
      wake: (at) => {
        this.wakes.push(at);
        this.onWake();
      },
      heldRuns: () => this.held,
      runsUnderLease: (ids) => void this.underLease.push(ids),
      describeNode: () => this.description,
      lost: () => void this.losses++,
      jobsLost: () => void this.jobLosses++,
      clockSetBack: (byMs) => void this.setBacks.push(byMs),
      cluster: (state) => void this.states.push(state),
      cancel: (runIds) => void this.cancelled.push(...runIds),
    });
    await this.store.start?.();
    this.hasStarted = true;
  }

  /** What its store says immediately before a run would start. */
  get holdsLease(): boolean {
    isTrue(this.store.leaseHolds !== undefined, 'A shared store must have leaseHolds()');
    return this.store.leaseHolds();
  }

  async stop(): Promise<void> {
    if (!this.hasStarted) return;
    this.hasStarted = false;
    await this.store.stop?.();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.store.start?.();
    this.hasStarted = true;
  }

  /** Waits until the node is notified that something is due by an instant: at once, though a message may take some real time. */
  async isWokenBy(at: number, what: string): Promise<void> {
    const isTold = (): boolean => this.wakes.some((wake) => wake <= at);
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      timer = new SystemClock().setTimer(resolve, HEARING_MS);
      this.onWake = () => {
        if (isTold()) resolve();
      };
      this.onWake();
    });
    timer?.cancel();
    isTrue(isTold(), `${what}: a node is not told of it, though the store says that it is notifying`);
  }

  /** A run that this node makes now. */
  newRun(job: Pick<JobSpec, 'id' | 'task'>, nominalTime: number, given: RunGiven = {}): RunEntry {
    const run = newRun({ node: this.name, ids: this.ids }, job, nominalTime, this.shared.now(), given);
    this.held.add(run.id);
    return run;
  }

  /** The next attempt of a run; a missed one was none. */
  newRetry(job: Pick<JobSpec, 'id' | 'task'>, { id, nominalTime, attempt, retryOf, state }: RunRecord): RunEntry {
    const next = state === 'missed' ? attempt : attempt + 1;
    return this.newRun(job, nominalTime, { cause: 'retry', attempt: next, retryOf: retryOf ?? id });
  }

  /** Takes what is due now. A job makes no run and has no time left, a retry stays, unless it is said otherwise. */
  async claimDue(request: DueRequest = {}): Promise<ClaimResult<RunEntry>> {
    const result = await this.store.claimDue({
      now: this.clock.now(),
      limit: 100,
      plan: () => onTo(null),
      retry: () => null,
      ...request,
    });
    return result as ClaimResult<RunEntry>;
  }

  /** Takes what is due now. A job gets one run, and goes on to a time or ends; retries are made. */
  take(next: number | null = null, limit = 100): Promise<ClaimResult<RunEntry>> {
    return this.claimDue({
      limit,
      plan: (job, due) => ({ ...onTo(next), runs: [this.newRun(job, due.nominalTime)] }),
      retry: (job, failed) => this.newRetry(job, failed),
    });
  }

  /** Takes the jobs that are due, and answers their runs. */
  async runsTaken(next: number | null = null): Promise<RunEntry[]> {
    return (await this.take(next)).claimed.flatMap(({ plan }) => plan.runs);
  }

  /** The ids of the jobs that are due, in order; each goes on to a time or ends. */
  async idsTaken(next: number | null, limit = 100): Promise<string[]> {
    const { claimed } = await this.claimDue({ limit, plan: () => onTo(next) });
    return claimed.map(({ job }) => job.id);
  }

  /** Nothing is due now; the store says that it wants to be asked again by an instant, or that nothing will be due. */
  async isNextDue(at: number | null, what: string): Promise<void> {
    const { claimed, retries, nextDue } = await this.claimDue();
    isTrue(claimed.length + retries.length === 0, `${what}: something is due that should not be`);
    this.isAskedAgain(nextDue, at, what);
  }

  /** A store may want to be asked before anything is due, but neither after it nor at once. */
  isAskedAgain(nextDue: number | null, at: number | null, what: string): void {
    if (at !== null) {
      isTrue(nextDue !== null && nextDue <= at, `${what}: nextDue should be ${at} at the latest, is ${nextDue}`);
    }
    const now = this.clock.now();
    isTrue(nextDue === null || nextDue > now, `${what}: nothing is due at ${now}, but nextDue is ${nextDue}`);
  }
}
