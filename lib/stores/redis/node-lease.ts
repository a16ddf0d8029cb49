import { Stopwatch, type Timer } from '../../engine/clock.js';
import { reasonOf } from '../../engine/health/reason-of.js';
import type { Failing } from '../../engine/health/trouble.js';
import { SetBackWatch } from '../../engine/stores/set-back-watch.js';
import { UnheldRuns } from '../../engine/stores/unheld-runs.js';
import { messageOf } from '../../engine/util/inspect.js';
import type { Backend } from './backend.js';
import type { LostRuns } from './lost-runs.js';
import { DESCRIBE } from './scripts/node-list-scripts.js';
import { BEAT, LEAVE } from './scripts/node-scripts.js';

type Beat = [
  ...[now: string, state: 'ok' | 'late' | 'joined', fence: string, expired: number, soonestMs: number],
  ...[unsettled: string[], generation: string, count: string, isLoss: number],
];

/** By how much the measured skew has to change to be written again. */
const SKEW_STEP_MS = 100;

/** What the server has been told of this node under its lease. */
interface Described {
  readonly text: string;
  readonly skewMs: number;
}

/** This node's right to its runs: renewed with every beat, however late, and begun anew when others have ended it. */
export class NodeLease {
  private timer: Timer | null = null;
  private beating: Promise<readonly string[]> | null = null;
  private isActive = false;
  private readonly unheld = new UnheldRuns();
  private readonly setBacks = new SetBackWatch();
  /** Started before the latest successful beat was sent; null while there is no lease. */
  private renewed: Stopwatch | null = null;
  private trouble: Failing | null = null;
  /** When this node took its lease, by the server's clock. */
  private since = 0;
  /** Null under a lease of which the server has not been told anything. */
  private described: Described | null = null;
  /** In how many milliseconds the first lease of all may be over, as the latest beat saw it. */
  private soonestMs = Infinity;
  /** Until when the leases of others are let be, by the server's clock. */
  private patientUntil = Number.MIN_SAFE_INTEGER;

  constructor(
    private readonly backend: Backend,
    private readonly lostRuns: LostRuns,
    /** Called with each beat. */
    private readonly onBeat: () => void,
    /** Called when the server has lost jobs. */
    private readonly onJobsLost: () => void,
  ) {}

  /** Whether the lease holds for certain, without asking the server. */
  get holds(): boolean {
    return this.renewed !== null && this.renewed.elapsedMs < this.backend.options.leaseMs;
  }

  /** That the server does not take note of this node; null when it does. */
  get failing(): Failing | null {
    return this.trouble;
  }

  async start(): Promise<void> {
    this.trouble = null;
    this.backend.fence = '';
    this.backend.mark = { generation: '', count: 0 };
    await this.beatOnce();
    await this.describe();
    this.isActive = true;
    this.arm(this.nextBeatMs);
  }

  /** Makes sure of the lease now. @throws when it has been given up. */
  async renew(): Promise<void> {
    if (!this.isActive) throw new Error('This node has left');
    await this.beatOnce();
  }

  /** Answers the ids of the runs that stand under the lease. */
  private beatOnce(): Promise<readonly string[]> {
    this.beating ??= this.beat().finally(() => (this.beating = null));
    return this.beating;
  }

  /** Gives the lease up: what this node has not ended is made again, by whoever takes it. */
  async stop(): Promise<void> {
    this.isActive = false;
    this.timer?.cancel();
    this.timer = null;
    await this.beating?.catch(() => undefined);
    this.renewed = null;
    try {
      await this.backend.run(LEAVE);
      await this.lostRuns.recover('shutdown', this.patientUntil);
    } catch (error) {
      const message = 'Redis could not be told that this node leaves: its runs are made again when its lease is over';
      this.backend.attached.logger.warn(`${message} (${messageOf(error)})`);
    }
    this.backend.fence = '';
  }

  /** A node that has gone away is not to be waited for longer than its lease is. */
  private get nextBeatMs(): number {
    return Math.min(this.backend.options.heartbeatMs, this.soonestMs + 1);
  }

  private arm(delayMs: number): void {
    const { clock } = this.backend.attached;
    this.timer = clock.setTimer(() => {
      const beating = this.beatOnTime();
      clock.track?.(beating);
    }, delayMs);
  }

  private async beatOnTime(): Promise<void> {
    const { clock, logger } = this.backend.attached;
    const { heartbeatMs } = this.backend.options;
    let delay = heartbeatMs;
    try {
      const unsettled = await this.beatOnce();
      await this.reconcile(unsettled);
      await this.describe();
      this.trouble = null;
      this.onBeat();
      delay = this.nextBeatMs;
    } catch (error) {
      delay = heartbeatMs / 5;
      const now = clock.now();
      const { since, failures } = this.trouble ?? { since: now, failures: 0 };
      if (!this.trouble) logger.error('Redis does not take note of this node; it is told again', error);
      this.trouble = { since, failures: failures + 1, reason: reasonOf(error), retryAt: now + delay };
    }
    if (this.isActive) this.arm(delay);
  }

  /** The server's record counts: what stands under this lease, and this node does not hold, is lost. */
  private async reconcile(unsettled: readonly string[]): Promise<void> {
    const { heldRuns, runsUnderLease } = this.backend.attached;
    runsUnderLease(new Set(unsettled));
    const lost = this.unheld.compare(unsettled, heldRuns());
    if (lost.length > 0) await this.lostRuns.takeOwn(lost);
  }

  /** Tells the server what this node says of itself, if it has not been told so under this lease. */
  private async describe(): Promise<void> {
    const { attached, time } = this.backend;
    const text = attached.describeNode();
    const skewMs = Math.round(time.skewMs);
    const known = this.described;
    if (known?.text === text && Math.abs(known.skewMs - skewMs) < SKEW_STEP_MS) return;
    await this.backend.run(DESCRIBE, `${this.since} ${skewMs} ${text}`);
    this.described = { text, skewMs };
  }

  private async beat(): Promise<readonly string[]> {
    const { backend, lostRuns } = this;
    const { clock, logger, lost, node } = backend.attached;
    const sent = new Stopwatch(clock);
    const sentAt = clock.now();
    const isNow = this.setBacks.begin(backend.attached);
    const { generation, count } = backend.mark;
    const answer = await backend.run<Beat>(BEAT, backend.options.leaseMs, node, generation, count);
    const [now, state, fence, expired, soonestMs, unsettled, ...mark] = answer;
    this.renewed = sent;
    backend.mark = { generation: mark[0], count: Number(mark[1]) };
    backend.time.observe(sentAt, Number(now), clock.now());
    isNow(Number(now));
    this.soonestMs = soonestMs;
    if (state === 'joined') {
      const isFirst = backend.fence === '';
      backend.fence = fence;
      this.since = Number(now);
      this.described = null;
      if (!isFirst) {
        logger.warn('This node has lost its lease, with its runs, and goes on under a new one');
        lost();
      }
    }
    // The server was away for all, and this node is the first that is heard of: the others have their time for it.
    if (state === 'late') this.patientUntil = Number(now) + backend.options.leaseMs;
    // The server's clock may have been set back since.
    this.patientUntil = Math.min(this.patientUntil, Number(now) + backend.options.leaseMs);
    const isAnyOver = expired > 0 && Number(now) >= this.patientUntil;
    if (mark[2] === 1) this.onJobsLost();
    if (state === 'joined' || isAnyOver) await lostRuns.recover('node lost', this.patientUntil);
    return unsettled;
  }
}
