import type { RunRecord } from '../../engine/model/run-record.js';
import {
  type ClaimedJob,
  type ClaimedRetry,
  type ClaimRequest,
  type ClaimResult,
  claimSize,
} from '../../engine/stores/job-store.js';
import type { Backend } from './backend.js';
import { DueCommit, NOTHING_PASSED, type Passed } from './due-commit.js';
import type { JobCache } from './job-cache.js';
import { decodeState } from './job-codec.js';
import { decodeCluster } from './node-orders.js';
import type { NodeLease } from './node-lease.js';
import { decodeRun, flagOf, markKept } from './run-codec.js';
import { COMMIT_DUE, OTHERS_AT_ONCE, PEEK_DUE } from './scripts/claim-scripts.js';

/** For how long what one node was shown is kept from the others: far longer than it takes to plan it. */
const HOLD_MS = 2000;
/** When to ask again while nothing may be claimed, unless a notice comes earlier. */
const HELD_MS = 5000;

/** How much of what was left is passed over one by one; beyond that it is passed over by its place. */
const MOST_LEFT = 1000;
/** After how long that is looked at again. */
const LONG_MS = 30_000;
/** How many pages of due work one claim looks at. */
const MOST_PAGES = 5;

type Stale = [now: string, state: 'stale'];
type Held = [now: string, state: 'held', cluster: string];
type Peeked = [
  ...[now: string, state: 'ok', nextDue: string | null],
  ...[ids: string[], states: string[], runningElsewhere: number[], retries: PeekedRetry[]],
  ...[others: number, othersTime: string, othersId: string],
];
type PeekedRetry = [runId: string, row: string, jobId: string, state: string, time: string, runningElsewhere: number];
type Committed = [now: string, state: 'ok', nextDue: string | null, claimed: Fate[], retried: number[]];
/** What became of a plan: nothing; all of it; all of it, and its job was removed. */
type Fate = 0 | 1 | 2;

/** What has been taken so far. */
interface Haul {
  readonly claimed: ClaimedJob[];
  /** How many runs and records of runs left out those have. */
  size: number;
  readonly retries: ClaimedRetry[];
  /** By the server's clock. */
  now: number;
  nextDue: number | null;
}

export interface ClaimerParts {
  readonly backend: Backend;
  readonly cache: JobCache;
  readonly lease: NodeLease;
  /** Whether other nodes cannot be heard just now. */
  readonly isDeaf: () => boolean;
}

/**
 * Takes due work. A script cannot call what decides about a job; so one shows what is due, and another moves on what
 * still is as it was shown, with its runs, in one step.
 */
export class DueClaimer {
  private forgetsLeft = true;
  /** How much was left where it was. */
  private leftCount = 0;
  private passed = NOTHING_PASSED;
  /** When all due work had been looked at once, in epoch milliseconds. */
  private lookedAt: number | null = null;

  constructor(private readonly parts: ClaimerParts) {}

  reconsider(): void {
    this.forgetsLeft = true;
    this.leftCount = 0;
    this.passed = NOTHING_PASSED;
    this.lookedAt = null;
  }

  /** Looks again at what was left, if it is time for it. False if nothing was left, or it is too early. */
  lookAgain(): boolean {
    const isLong = this.leftCount > MOST_LEFT;
    const since = this.lookedAt === null ? 0 : this.parts.backend.attached.clock.now() - this.lookedAt;
    if (this.leftCount === 0 || (isLong && since < LONG_MS)) return false;
    this.reconsider();
    return true;
  }

  async take(request: ClaimRequest): Promise<ClaimResult> {
    const { backend, isDeaf } = this.parts;
    const { clock } = backend.attached;
    const ahead = request.now - clock.now();
    const haul: Haul = { claimed: [], size: 0, retries: [], now: 0, nextDue: null };
    try {
      for (let pages = 1; haul.size < request.limit && haul.retries.length < request.limit; pages++) {
        const isMore = await this.takeSome(request, haul, () => clock.now() + ahead);
        if (!isMore || pages === MOST_PAGES) break;
      }
    } catch (error) {
      if (haul.claimed.length + haul.retries.length === 0) throw error;
      // What is taken is taken, and to be made: that the server is gone now is met by the next look.
      haul.nextDue = haul.now;
    }
    const { claimed, retries, now, nextDue } = haul;
    const pollAt = isDeaf() ? request.now + backend.options.pollMs : Infinity;
    const next = nextDue === null ? Infinity : backend.time.toNode(nextDue);
    // A clock that is measured badly must not make the loop spin.
    const at =
      nextDue !== null && nextDue > now ? Math.max(next, request.now + 1) : Math.min(next, clock.now() + ahead);
    const asked = Math.min(nextDue === null ? Infinity : at, pollAt);
    return { claimed, retries, nextDue: asked === Infinity ? null : asked };
  }

  /** Answers whether there may be more. */
  private async takeSome(request: ClaimRequest, haul: Haul, nodeNow: () => number): Promise<boolean> {
    const { backend, lease } = this.parts;
    if (!lease.holds) await lease.renew();
    const { fence } = backend;
    const room = [request.limit - haul.size, request.limit - haul.retries.length] as const;
    const forgets = this.forgetsLeft;
    const sentAt = nodeNow();
    const peeked = await backend.run<Peeked | Stale | Held>(
      PEEK_DUE,
      ...placesOf(this.passed),
      ...room,
      HOLD_MS,
      forgets ? 1 : 0,
      // As definitions are written: one with this text inside something else is shown, and left then.
      ...(request.executors ?? []).map((alias) => `"executor":${JSON.stringify(alias)}`),
    );
    haul.now = Number(peeked[0]);
    backend.time.observe(sentAt, haul.now, nodeNow());
    if (peeked[1] === 'stale') {
      await lease.renew();
      haul.nextDue = haul.now;
      return false;
    }
    if (peeked[1] === 'held') {
      backend.attached.cluster(decodeCluster(peeked[2]));
      haul.nextDue = haul.now + HELD_MS;
      return false;
    }
    if (forgets) this.forgetsLeft = false;
    const [, , nextDue, ids, , , retries, ...others] = peeked;
    haul.nextDue = nextDue === null ? null : Number(nextDue);
    const isFullOfOthers = others[0] === OTHERS_AT_ONCE;
    if (isFullOfOthers && ids.length === 0) this.passOthers(others);
    const isMore = ids.length === room[0] || retries.length === room[1] || isFullOfOthers;
    if (!isMore) this.lookedAt ??= backend.attached.clock.now();
    if (ids.length === 0 && retries.length === 0) return isMore;
    const commit = await this.plan(request, peeked, room[0]);
    // What was planned under a lease that has been lost since is not to be taken under the new one.
    if (fence !== backend.fence || !(await this.commit(commit, haul))) {
      haul.nextDue = haul.now;
      return false;
    }
    if (isMore && commit.left.length > 0) this.lookedAt = null;
    return !commit.isFull && isMore;
  }

  /** Very many jobs of other nodes' executors are due: those up to a place are not looked at one by one any more. */
  private passOthers([count, time, id]: readonly [count: number, time: string, id: string]): void {
    this.leftCount += count;
    if (this.leftCount > MOST_LEFT) this.passed = { ...this.passed, job: [time, id] };
  }

  private async plan(request: ClaimRequest, peeked: Peeked, room: number): Promise<DueCommit> {
    const [now, , , ids, states, runningElsewhere, retries] = peeked;
    const commit = new DueCommit();
    const known = await this.parts.cache.specs(
      [...ids, ...retries.map(([, , jobId]) => jobId)],
      [...states, ...retries.map(([, , , state]) => state)],
    );
    for (const [runId, row, jobId, state, time, elsewhere] of retries) {
      const spec = known.get(jobId);
      const failed = readable(row);
      const isReady = spec && failed && !decodeState(state).paused;
      const run = isReady ? request.retry(spec, failed, Number(now), elsewhere) : null;
      if (isReady && run)
        commit.addRetry(spec, run, state, elsewhere, { ...failed, id: runId, retryAt: null }, flagOf(row));
      else commit.leave(`r${runId}`, state, time);
    }
    ids.forEach((id, index) => {
      const shown = states[index] as string;
      const { edition, nextRunTime, nextNominalTime, runsLeft } = decodeState(shown);
      const spec = known.get(id);
      const fireTime = nextRunTime ?? 0;
      if (commit.size >= room) {
        commit.release(id, shown, String(fireTime));
        return;
      }
      const due = { fireTime, nominalTime: nextNominalTime ?? fireTime, runsLeft };
      const elsewhere = runningElsewhere[index] as number;
      const plan = spec ? request.plan(spec, due, Number(now), elsewhere) : null;
      if (spec && plan) commit.addJob(spec, plan, due, shown, elsewhere, edition);
      else commit.leave(`j${id}`, shown, String(fireTime));
    });
    return commit;
  }

  /** Answers whether it was done. */
  private async commit(commit: DueCommit, haul: Haul): Promise<boolean> {
    const { backend, lease } = this.parts;
    const leftCount = this.leftCount + commit.left.length / 3;
    const passed = leftCount > MOST_LEFT ? further(this.passed, commit.lastLeft) : this.passed;
    const fields = [...placesOf(passed), ...backend.limits, ...commit.fields()];
    const done = await backend.run<Committed | Stale>(COMMIT_DUE, ...fields);
    haul.now = Number(done[0]);
    if (done[1] === 'stale') {
      await lease.renew();
      return false;
    }
    const [, , nextDue, claimed, retried] = done;
    haul.nextDue = nextDue === null ? null : Number(nextDue);
    // What is to be forgotten is not passed over.
    if (!this.forgetsLeft) {
      this.leftCount = leftCount;
      this.passed = passed;
    }
    commit.jobs.forEach((one, index) => {
      if (claimed[index] === 0) return;
      haul.size += claimSize(one.plan);
      one.plan.runs.forEach(markKept);
      haul.claimed.push(claimed[index] === 2 ? { ...one, isRemoved: true } : one);
    });
    for (const one of commit.retries.filter((_, index) => retried[index] === 1)) {
      markKept(one.run);
      haul.retries.push(one);
    }
    return true;
  }
}

const placesOf = ({ job, retry }: Passed): readonly string[] => [...job, ...retry];

function further(one: Passed, other: Passed): Passed {
  return { job: other.job[0] === '' ? one.job : other.job, retry: other.retry[0] === '' ? one.retry : other.retry };
}

/** Undefined when it cannot be read. */
function readable(row: string): RunRecord | undefined {
  try {
    return decodeRun(row);
  } catch {
    return undefined;
  }
}
