import type { RunEntry } from '../runs/run-entry.js';
import type { HistoryLimits, RunFilter } from './job-store.js';

/** The runs of one job: how many are under way, which was begun last, and the chain of those that have ended. */
export class JobRuns {
  /** How many have not settled. */
  live = 0;
  last: RunEntry | null = null;
  /** The one begun last among those that have ended. */
  lastEnded: RunEntry | null = null;
  oldest: RunNode | null = null;
  newest: RunNode | null = null;
  ended = 0;
}

/** A run's place among all runs and among its job's. */
class RunNode {
  isLive = true;
  /** Whether it is among those that have ended, and not forgotten. */
  isKept = false;
  before: RunNode | null = null;
  after: RunNode | null = null;
  beforeOfJob: RunNode | null = null;
  afterOfJob: RunNode | null = null;

  constructor(
    readonly run: RunEntry,
    readonly owner: JobRuns,
  ) {}
}

/** Runs in the order of their coming. */
class RunList {
  oldest: RunNode | null = null;
  newest: RunNode | null = null;
  size = 0;

  push(node: RunNode): void {
    node.before = this.newest;
    if (this.newest) this.newest.after = node;
    else this.oldest = node;
    this.newest = node;
    this.size++;
  }

  remove(node: RunNode): void {
    if (node.before) node.before.after = node.after;
    else this.oldest = node.after;
    if (node.after) node.after.before = node.before;
    else this.newest = node.before;
    node.before = null;
    node.after = null;
    this.size--;
  }

  *[Symbol.iterator](): Generator<RunEntry> {
    for (let node = this.newest; node; node = node.before) yield node.run;
  }
}

export const DEFAULT_HISTORY: HistoryLimits = { perJob: 100, total: 10_000, maxAgeMs: 7 * 24 * 60 * 60 * 1000 };

/** Runs in this process: those under way, and as many of the ended ones as the limits allow. Each step costs the same however many there are. */
export class RunHistory {
  limits = DEFAULT_HISTORY;
  private readonly live = new RunList();
  private readonly ended = new RunList();

  /**
   * Keeps a run as it stands.
   *
   * @param owner - of a run that is new here.
   * @returns whose it is, when it has settled just now; null when it has not, or had before.
   */
  put(run: RunEntry, owner: JobRuns): JobRuns | null {
    let node = run.place as RunNode | null;
    if (node === null) {
      node = new RunNode(run, owner);
      run.place = node;
      if (!run.settled) return this.begin(node);
    } else if (!node.isLive) {
      if (!run.isReal && !run.isAbsorbed) this.renew(node);
      return null;
    } else if (!run.settled) {
      return null;
    } else {
      this.live.remove(node);
      node.owner.live--;
    }
    if (run.isAbsorbed) this.absorb(node);
    else this.end(node);
    return node.owner;
  }

  /** Whose a run is; undefined when it is not here. */
  ownerOf(run: RunEntry): JobRuns | undefined {
    return (run.place as RunNode | null)?.owner;
  }

  find(id: string): RunEntry | undefined {
    for (const run of this.live) if (run.id === id) return run;
    for (const run of this.ended) if (run.id === id) return run;
    return undefined;
  }

  /** By id, the latest first. */
  list({ jobId, states, from = -Infinity, to = Infinity, before, limit, now }: RunFilter): RunEntry[] {
    this.forgetOld(now);
    const oldest = now - this.limits.maxAgeMs;
    const found: { id: string; run: RunEntry }[] = [];
    for (const list of [this.live, this.ended]) {
      for (const run of list) {
        if (run.finishedAt !== null && run.settled && run.finishedAt < oldest) continue;
        if (jobId !== undefined && run.jobId !== jobId) continue;
        if (states && !states.includes(run.state)) continue;
        if (run.lastNominalTime < from || run.nominalTime >= to) continue;
        const { id } = run;
        if (before === undefined || id < before) found.push({ id, run });
      }
    }
    found.sort((a, b) => (a.id < b.id ? 1 : -1));
    return found.slice(0, limit).map(({ run }) => run);
  }

  private begin(node: RunNode): null {
    this.live.push(node);
    node.owner.live++;
    node.owner.last = node.run;
    return null;
  }

  private end(node: RunNode): void {
    const { owner, run } = node;
    node.isLive = false;
    if (!run.isReal) this.unmark(node);
    else if ((owner.lastEnded?.startedAt ?? -Infinity) <= (run.startedAt ?? 0)) owner.lastEnded = run;
    this.keep(node);
  }

  private absorb(node: RunNode): void {
    node.isLive = false;
    this.unmark(node);
  }

  /** It was not begun after all: the one before it is still the last. */
  private unmark({ owner, run }: RunNode): void {
    if (owner.last !== run) return;
    const { lastEnded } = owner;
    const live = owner.live > 0 ? this.newestLiveOf(owner) : null;
    owner.last = live && (live.startedAt ?? Infinity) >= (lastEnded?.startedAt ?? 0) ? live : lastEnded;
  }

  private newestLiveOf(owner: JobRuns): RunEntry | null {
    for (let node = this.live.newest; node; node = node.before) if (node.owner === owner) return node.run;
    return null;
  }

  /** A record of runs that are left out has grown: it is as new as the last of them. */
  private renew(node: RunNode): void {
    if (node.isKept) this.forget(node);
    this.keep(node);
  }

  private keep(node: RunNode): void {
    const { owner, run } = node;
    node.isKept = true;
    this.ended.push(node);
    node.beforeOfJob = owner.newest;
    if (owner.newest) owner.newest.afterOfJob = node;
    else owner.oldest = node;
    owner.newest = node;
    owner.ended++;
    if (owner.ended > this.limits.perJob) this.forget(owner.oldest as RunNode);
    if (this.ended.size > this.limits.total) this.forget(this.ended.oldest as RunNode);
    this.forgetOld(run.finishedAt ?? -Infinity);
  }

  private forgetOld(now: number): void {
    const until = now - this.limits.maxAgeMs;
    for (let node = this.ended.oldest; node && (node.run.finishedAt ?? 0) < until; node = this.ended.oldest) {
      this.forget(node);
    }
  }

  private forget(node: RunNode): void {
    const { owner } = node;
    node.isKept = false;
    this.ended.remove(node);
    if (node.beforeOfJob) node.beforeOfJob.afterOfJob = node.afterOfJob;
    else owner.oldest = node.afterOfJob;
    if (node.afterOfJob) node.afterOfJob.beforeOfJob = node.beforeOfJob;
    else owner.newest = node.beforeOfJob;
    node.beforeOfJob = null;
    node.afterOfJob = null;
    owner.ended--;
  }
}
