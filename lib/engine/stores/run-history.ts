import { resolveHistory } from '../history-options.js';
import type { RunEntry } from '../runs/run-entry.js';
import type { HistoryLimits, RunFilter } from './job-store.js';
import type { MemoryEntry, MemoryRetry } from './memory-entry.js';

/** The runs of one job: how many are under way, which was begun last, and those that have ended, as a chain from the oldest. */
export class JobRuns {
  /** How many have not settled. */
  live = 0;
  /** Those that are to be tried again. */
  retries: Set<MemoryRetry> | null = null;
  last: RunEntry | null = null;
  /** The one begun last among those that have ended. */
  lastEnded: RunEntry | null = null;
  oldest: RunEntry | null = null;
  newest: RunEntry | null = null;
  ended = 0;

  /** @param entry - the job itself; null when it was gone when its first run came. */
  constructor(readonly entry: MemoryEntry | null) {}
}

/** The position of a run that has ended and is kept no longer. */
const FORGOTTEN = -2;

/** The position of a run that has ended and is kept at an index: no position of one under way. */
function positionAt(index: number): number {
  return FORGOTTEN - 1 - index;
}

function indexAt(position: number): number {
  return FORGOTTEN - 1 - position;
}

/**
 * Runs in this process: those under way, and as many of the ended ones as the limits allow. Each step costs the same
 * however many there are, save that a record which grows is looked for among its job's.
 */
export class RunHistory {
  limits: HistoryLimits = resolveHistory();
  /** Each run's `position` is its place here. */
  private readonly live: RunEntry[] = [];
  /** In the order of their ends, from `head` on; some are forgotten by now, or stand further on. */
  private ended: (RunEntry | undefined)[] = [];
  private head = 0;
  private kept = 0;

  /**
   * Keeps a run as it stands.
   *
   * @param owner - of a run that is new here.
   * @returns whose it is, when it has settled just now; null when it has not, or had before.
   */
  put(run: RunEntry, owner: JobRuns): JobRuns | null {
    if (run.place === null) {
      run.place = owner;
      if (!run.settled) return this.begin(run, owner);
    } else if (run.position < 0) {
      if (!run.isReal && !run.isAbsorbed) this.renew(run, run.place as JobRuns);
      return null;
    } else if (!run.settled) {
      return null;
    } else {
      this.leaveLive(run);
    }
    const mine = run.place as JobRuns;
    if (run.isAbsorbed) this.absorb(run, mine);
    else this.end(run, mine);
    return mine;
  }

  /** Whose a run is; null when it is not here. */
  ownerOf(run: RunEntry): JobRuns | null {
    return run.place as JobRuns | null;
  }

  find(id: string): RunEntry | undefined {
    return this.all().find((run) => run.id === id);
  }

  /** By id, the latest first. */
  list({ jobId, states, from = -Infinity, to = Infinity, before, limit, now }: RunFilter): RunEntry[] {
    this.forgetOld(now);
    const until = now - this.limits.maxAgeMs;
    return this.all()
      .filter(({ settled, finishedAt }) => !settled || finishedAt === null || finishedAt >= until)
      .filter((run) => jobId === undefined || run.jobId === jobId)
      .filter(({ state }) => !states || states.includes(state))
      .filter(({ nominalTime, lastNominalTime }) => lastNominalTime >= from && nominalTime < to)
      .map((run) => ({ id: run.id, run }))
      .filter(({ id }) => before === undefined || id < before)
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit)
      .map(({ run }) => run);
  }

  private all(): RunEntry[] {
    return [...this.live, ...this.ended.filter((run) => run !== undefined)];
  }

  private begin(run: RunEntry, owner: JobRuns): null {
    run.position = this.live.length;
    this.live.push(run);
    owner.live++;
    owner.last = run;
    return null;
  }

  private leaveLive(run: RunEntry): void {
    const last = this.live.pop() as RunEntry;
    if (last !== run) {
      this.live[run.position] = last;
      last.position = run.position;
    }
    (run.place as JobRuns).live--;
  }

  private absorb(run: RunEntry, owner: JobRuns): void {
    run.position = FORGOTTEN;
    this.unmark(run, owner);
  }

  private end(run: RunEntry, owner: JobRuns): void {
    if (!run.isReal) this.unmark(run, owner);
    else if ((owner.lastEnded?.startedAt ?? -Infinity) <= (run.startedAt ?? 0)) owner.lastEnded = run;
    this.keep(run, owner);
  }

  /** It was not begun after all: the one before it is still the last. */
  private unmark(run: RunEntry, owner: JobRuns): void {
    if (owner.last !== run) return;
    const { lastEnded } = owner;
    const live = owner.live > 0 ? this.newestLiveOf(owner) : null;
    owner.last = live && (live.startedAt ?? Infinity) >= (lastEnded?.startedAt ?? 0) ? live : lastEnded;
  }

  private newestLiveOf(owner: JobRuns): RunEntry | null {
    let newest: RunEntry | null = null;
    for (const run of this.live) if (run.place === owner && !(newest && newest.id > run.id)) newest = run;
    return newest;
  }

  /** A record of runs that are left out has grown: it is as new as the last of them. */
  private renew(run: RunEntry, owner: JobRuns): void {
    if (run.position !== FORGOTTEN) this.forget(run);
    this.keep(run, owner);
  }

  private keep(run: RunEntry, owner: JobRuns): void {
    run.position = positionAt(this.ended.length);
    this.ended.push(run);
    this.kept++;
    if (owner.newest) owner.newest.successor = run;
    else owner.oldest = run;
    owner.newest = run;
    owner.ended++;
    if (owner.ended > this.limits.perJob) this.forget(owner.oldest as RunEntry);
    if (this.kept > this.limits.total) this.forgetOldest();
    this.forgetOld(run.finishedAt ?? -Infinity);
  }

  private forgetOld(now: number): void {
    const until = now - this.limits.maxAgeMs;
    for (let run = this.oldest(); run && (run.finishedAt ?? 0) < until; run = this.oldest()) this.forgetOldest();
  }

  /** The first that is kept; what was forgotten before it goes. */
  private oldest(): RunEntry | undefined {
    const { ended } = this;
    while (this.head < ended.length && ended[this.head] === undefined) this.head++;
    return ended[this.head];
  }

  private forgetOldest(): void {
    const run = this.oldest();
    if (run) this.forget(run);
  }

  /** Nearly always the oldest of its job: runs end in the same order for their job as for all. */
  private forget(run: RunEntry): void {
    const owner = run.place as JobRuns;
    this.ended[indexAt(run.position)] = undefined;
    run.position = FORGOTTEN;
    this.kept--;
    let before: RunEntry | null = null;
    for (let one = owner.oldest; one && one !== run; one = one.successor) before = one;
    if (before) before.successor = run.successor;
    else owner.oldest = run.successor;
    if (owner.newest === run) owner.newest = before;
    run.successor = null;
    owner.ended--;
    if (this.ended.length > 2 * this.kept + 1000) this.compact();
  }

  private compact(): void {
    const kept = this.ended.filter((run) => run !== undefined);
    kept.forEach((run, index) => (run.position = positionAt(index)));
    this.ended = kept;
    this.head = 0;
  }
}
