import { RunActiveError, RunLookupError } from '../../errors.js';
import { isActive, wasBegun, type RunRecord } from '../../model/run-record.js';
import { resolveHistory } from '../history-options.js';
import type { HistoryLimits, RunFilter } from '../job-store.js';
import { EndedRuns } from './ended-runs.js';
import { JobRuns, type EndedRun, type MemoryEntry } from './memory-entry.js';

/**
 * Runs in this process: the active ones, and as many of the ended ones as the limits allow. Each step costs the same
 * however many there are, except that a growing record of left-out runs is searched for among its job's.
 */
export class RunHistory {
  limits: HistoryLimits = resolveHistory();
  /** Owns the runs whose job was gone when they were recorded first. */
  readonly strangers = new JobRuns(null);
  /** Those that have active runs. */
  private readonly busy = new Set<JobRuns>();
  /** Those of them whose job is gone. */
  private readonly orphans = new Set<JobRuns>();
  private readonly ended = new EndedRuns();
  /** Ended runs of jobs that are gone: they may be recorded again. */
  private readonly endedOfGone = new WeakSet<RunRecord>();

  /** @param onLast - called with a job's runs when another one is the last. */
  constructor(private readonly onLast: (runs: JobRuns) => void = () => undefined) {}

  /**
   * Keeps a run as it is now.
   *
   * @param owner - of a run that is new here.
   * @returns its job's runs if it has settled just now; null if it has not, or had before.
   */
  put(run: RunRecord, owner: JobRuns): JobRuns | null {
    const active = this.ownerOfActive(run, owner);
    if (active !== undefined) {
      if (!run.settled) return null;
      this.leave(run, active);
      return this.end(run, active);
    }
    if (!run.settled) return this.begin(run, owner);
    const known = owner.ended.findLast((ended) => ended.run === run);
    if (known === undefined) return this.endedOfGone.has(run) ? null : this.end(run, owner);
    // A record of left-out runs has grown: it is as new as the last of them.
    if (!wasBegun(run)) {
      this.ended.forget(known);
      this.keep(run, owner);
    }
    return null;
  }

  /** The job of these runs is gone; another may get its id. */
  orphan(runs: JobRuns): void {
    runs.entry = null;
    runs.retries = null;
    if (runs.live.length > 0) this.orphans.add(runs);
    for (const { run } of runs.ended) this.endedOfGone.add(run);
  }

  /**
   * Removes a run that has ended.
   *
   * @returns it, and its job where it had one.
   * @throws RunLookupError; RunActiveError
   */
  remove(id: string): { readonly run: RunRecord; readonly entry: MemoryEntry | null } {
    const found = this.ended.find(id);
    if (!found) throw this.find(id) ? new RunActiveError(id) : new RunLookupError(id);
    const { run, owner } = found;
    this.ended.forget(found);
    if (owner.lastEnded === run) {
      const begun = owner.ended.filter((one) => wasBegun(one.run)).map((one) => one.run);
      owner.lastEnded =
        begun.length > 0 ? begun.reduce((a, b) => ((a.startedAt ?? 0) > (b.startedAt ?? 0) ? a : b)) : null;
    }
    this.unmark(run, owner);
    return { run, entry: owner.entry };
  }

  find(id: string): RunRecord | undefined {
    return this.all().find((run) => run.id === id);
  }

  /** By id, the latest first. */
  list({ jobId, states, from = -Infinity, to = Infinity, before, limit, now }: RunFilter): RunRecord[] {
    this.forgetOld(now);
    const until = now - this.limits.maxAgeMs;
    // None of those that have ended is active.
    return (states?.every(isActive) ? this.active() : this.all())
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

  /** The runs under way that a predicate is true of, each with its job where that is still there. */
  live(predicate: (run: RunRecord) => boolean): { readonly run: RunRecord; readonly entry: MemoryEntry | null }[] {
    return Array.from(this.busy).flatMap(({ entry, live }) => live.filter(predicate).map((run) => ({ run, entry })));
  }

  private all(): RunRecord[] {
    return [...this.active(), ...this.ended.list()];
  }

  private active(): RunRecord[] {
    return Array.from(this.busy, ({ live }) => live).flat();
  }

  private ownerOfActive(run: RunRecord, owner: JobRuns): JobRuns | undefined {
    if (owner.live.includes(run)) return owner;
    if (this.orphans.size === 0) return undefined;
    return [...this.orphans].find(({ live }) => live.includes(run));
  }

  private begin(run: RunRecord, owner: JobRuns): null {
    if (owner.live.push(run) === 1) {
      this.busy.add(owner);
      if (owner.entry === null) this.orphans.add(owner);
    }
    owner.last = run;
    this.onLast(owner);
    return null;
  }

  private leave(run: RunRecord, owner: JobRuns): void {
    const { live } = owner;
    if (live.length > 1) {
      live.splice(live.indexOf(run), 1);
      return;
    }
    live.pop();
    this.busy.delete(owner);
    this.orphans.delete(owner);
  }

  private end(run: RunRecord, owner: JobRuns): JobRuns {
    if (!wasBegun(run)) this.unmark(run, owner);
    else if ((owner.lastEnded?.startedAt ?? -Infinity) <= (run.startedAt ?? 0)) owner.lastEnded = run;
    this.keep(run, owner);
    if (owner.entry === null) this.endedOfGone.add(run);
    return owner;
  }

  /** The run was not begun after all, or is removed: the one before it is the last again. */
  private unmark(run: RunRecord, owner: JobRuns): void {
    if (owner.last !== run) return;
    const { lastEnded } = owner;
    const live = owner.live.length > 0 ? owner.live.reduce((a, b) => (a.id > b.id ? a : b)) : null;
    owner.last = live && (live.startedAt ?? Infinity) >= (lastEnded?.startedAt ?? 0) ? live : lastEnded;
    this.onLast(owner);
  }

  private keep(run: RunRecord, owner: JobRuns): void {
    const { ended, limits } = this;
    ended.append(run, owner);
    if (owner.ended.length > limits.perJob && owner !== this.strangers) ended.forget(owner.ended[0] as EndedRun);
    while (ended.size > limits.total || ended.weight > limits.maxBytes) ended.forget(ended.oldest() as EndedRun);
    this.forgetOld(run.finishedAt ?? -Infinity);
  }

  private forgetOld(now: number): void {
    const { ended, limits } = this;
    const until = now - limits.maxAgeMs;
    for (let oldest = ended.oldest(); oldest !== undefined; oldest = ended.oldest()) {
      if ((oldest.run.finishedAt ?? 0) >= until) return;
      ended.forget(oldest);
    }
  }
}
