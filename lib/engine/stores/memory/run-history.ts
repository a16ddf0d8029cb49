import { resolveHistory } from '../../runs/history-options.js';
import type { RunRecord } from '../../runs/run-record.js';
import type { RunEntry } from '../../runs/run-entry.js';
import { EndedRuns, FORGOTTEN } from './ended-runs.js';
import type { HistoryLimits, RunFilter } from '../job-store.js';
import type { MemoryEntry, MemoryRetry } from './memory-entry.js';

/** The runs of one job: how many are under way, which was begun last, and those that have ended, the oldest first. */
export class JobRuns {
  /** How many have not settled. */
  live = 0;
  retries: Set<MemoryRetry> | null = null;
  last: RunEntry | null = null;
  /** The one begun last among those that have ended. */
  lastEnded: RunEntry | null = null;
  readonly runs: RunEntry[] = [];

  /** @param entry - the job itself; null when it was gone when its first run came. */
  constructor(readonly entry: MemoryEntry | null) {}

  get ended(): number {
    return this.runs.length;
  }
}

/**
 * Runs in this process: those under way, and as many of the ended ones as the limits allow. Each step costs the same
 * however many there are, save that a record which grows is looked for among its job's.
 */
export class RunHistory {
  limits: HistoryLimits = resolveHistory();
  /** Each run's `position` is its place here. */
  private readonly live: RunEntry[] = [];
  private readonly ended = new EndedRuns();

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
      if (!run.isReal) this.renew(run, run.place as JobRuns);
      return null;
    } else if (!run.settled) {
      return null;
    } else {
      this.leaveLive(run);
    }
    const mine = run.place as JobRuns;
    this.end(run, mine);
    return mine;
  }

  find(id: string): RunRecord | undefined {
    return this.all().find((run) => run.id === id);
  }

  /** By id, the latest first. */
  list({ jobId, states, from = -Infinity, to = Infinity, before, limit, now }: RunFilter): RunRecord[] {
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

  private all(): RunRecord[] {
    return [...this.live, ...this.ended.list()];
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
    if (run.position !== FORGOTTEN) this.ended.forget(run);
    this.keep(run, owner);
  }

  private keep(run: RunEntry, owner: JobRuns): void {
    const { ended, limits } = this;
    ended.append(run, owner);
    if (owner.runs.length > limits.perJob) ended.forget(owner.runs[0] as RunEntry);
    while (ended.size > limits.total || ended.weight > limits.maxBytes) ended.forget(ended.oldest() as RunEntry);
    this.forgetOld(run.finishedAt ?? -Infinity);
  }

  private forgetOld(now: number): void {
    const { ended, limits } = this;
    const until = now - limits.maxAgeMs;
    for (let run = ended.oldest(); run !== undefined && (run.finishedAt ?? 0) < until; run = ended.oldest()) {
      ended.forget(run);
    }
  }
}
