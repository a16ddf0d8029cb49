import {
  ConflictingIdError,
  JobLookupError,
  RunLookupError,
  MemoryJobStore,
  type AuditFilter,
  type AuditRecord,
  type FoundJobs,
  type JobCounts,
  type JobRecord,
  type JobSearch,
  type JobSpec,
  type KnownWork,
  type RecordResult,
  type RunFilter,
  type RunEntry,
  type RunRecord,
  type StatisticsCell,
  type StoreCapabilities,
  type StoreContext,
  type StoredNode,
  type ClaimRequest,
  type ClaimResult,
} from 'nestjs-apscheduler/engine';
import { SqlJobStore, type SqlStoreOptions } from 'nestjs-apscheduler/sql';

type Store = MemoryJobStore;

/** A store with one fault, and the test that is to find it: a part of its title. */
export interface WrongStore<S> {
  readonly fault: string;
  readonly found: string;
  readonly make: S;
}

const memory = (fault: string, found: string, make: () => Store): WrongStore<() => Store> => ({ fault, found, make });

/** Stores in memory, each with one fault. */
export const wrongInMemory: readonly WrongStore<() => Store>[] = [
  memory('takes a second job with an id', 'refuses a second one', () => {
    return new (class extends MemoryJobStore {
      override async add(job: JobRecord): Promise<void> {
        if (await this.get(job.id)) await this.remove(job.id);
        return super.add(job);
      }
    })();
  }),
  memory('adds half of a list that it refuses', 'all that are added together, or none', () => {
    return new (class extends MemoryJobStore {
      override async addMany(jobs: readonly JobRecord[]): Promise<void> {
        for (const job of jobs) await this.add(job);
      }
    })();
  }),
  memory('does not name the job that is there already', 'all that are added together, or none', () => {
    return new (class extends MemoryJobStore {
      override addMany(jobs: readonly JobRecord[]): Promise<void> {
        return super.addMany(jobs).catch(() => {
          throw new ConflictingIdError('?');
        });
      }
    })();
  }),
  memory('passes all ids to one call', 'asked for their last runs', () => {
    return new (class extends MemoryJobStore {
      override async lastRuns(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>> {
        Math.max(...jobIds.map(({ length }) => length));
        return super.lastRuns(jobIds);
      }
    })();
  }),
  memory('counts jobs, and not their runs', 'as many runs as are asked for', () => {
    return new (class extends MemoryJobStore {
      override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
        const results: ClaimResult[] = [];
        for (let jobs = 0; jobs < request.limit; jobs++) results.push(await super.claimDue({ ...request, limit: 1 }));
        const claimed = results.flatMap((result) => result.claimed);
        const retries = results.flatMap((result) => result.retries);
        return { claimed, retries, nextDue: results.at(-1)?.nextDue ?? null };
      }
    })();
  }),
  memory('lists the first jobs only', 'all of them or none, and lists them all', () => {
    return new (class extends MemoryJobStore {
      override async list(): Promise<readonly JobRecord[]> {
        return (await super.list()).slice(0, 10_000);
      }
    })();
  }),
  memory('finds jobs whatever their tags are', 'as plain code does', () => {
    return new (class extends MemoryJobStore {
      override find({ filter: { tags: _, ...filter }, ...search }: JobSearch): Promise<FoundJobs> {
        return super.find({ ...search, filter });
      }
    })();
  }),
  memory('begins a page with the job that the last one ended with', 'from a place on', () => {
    return new (class extends MemoryJobStore {
      override find(search: JobSearch): Promise<FoundJobs> {
        return super.find(search.limit > 1 ? { ...search, inclusive: true } : search);
      }
    })();
  }),
  memory('counts jobs that run as paused', 'how many jobs are in each state', () => {
    return new (class extends MemoryJobStore {
      override async countJobs(known: KnownWork): Promise<JobCounts> {
        const { paused, running, ...others } = await super.countJobs(known);
        return { ...others, paused: paused + running, running: 0 };
      }
    })();
  }),
  memory('keeps the latest number of a cell, and not the sum', 'adds up what is counted', () => {
    return new (class extends MemoryJobStore {
      override async addStatistics(cells: readonly StatisticsCell[]): Promise<void> {
        const known = [...(await this.getStatistics('minute', 0)), ...(await this.getStatistics('hour', 0))];
        const before = ({ series, span, start }: StatisticsCell): number =>
          known.find((cell) => cell.span === span && cell.start === start && cell.series === series)?.count ?? 0;
        await super.addStatistics(cells.map((cell) => ({ ...cell, count: cell.count - before(cell) })));
      }
    })();
  }),
  memory(
    'forgets the oldest entries of its audit trail only when there are twice as many',
    'of so many entries at most',
    () => {
      return new (class extends MemoryJobStore {
        override attach(context: StoreContext): void {
          super.attach({ ...context, audit: { ...context.audit, maxCount: 2 * context.audit.maxCount } });
        }
      })();
    },
  ),
  memory(
    'finds entries of its audit trail by the beginning of an actor',
    'found by job, actor, action and time',
    () => {
      return new (class extends MemoryJobStore {
        override async findAudit({ actor, ...filter }: AuditFilter): Promise<readonly AuditRecord[]> {
          const found = await super.findAudit({ ...filter, limit: 1000 });
          return found.filter((entry) => actor === undefined || entry.actor?.startsWith(actor)).slice(0, filter.limit);
        }
      })();
    },
  ),
  memory('lists jobs as they were added', 'lists them by next run time', () => {
    return new (class extends MemoryJobStore {
      override async list(): Promise<readonly JobRecord[]> {
        return (await super.list()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      }
    })();
  }),
  memory('takes ids for the same that differ by case', 'ids of any characters', () => {
    return new (class extends MemoryJobStore {
      override get(id: string): Promise<JobRecord | undefined> {
        return super.get(id.toLowerCase());
      }

      override add(job: JobRecord): Promise<void> {
        return super.add({ ...job, id: job.id.toLowerCase() });
      }
    })();
  }),
  memory('loses changes that are made at once', 'loses none of many changes', () => {
    return new (class extends MemoryJobStore {
      override async update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
        const current = await this.get(id);
        if (!current) return super.update(id, change);
        const changed = change(current);
        await Promise.resolve();
        return super.update(id, () => changed);
      }
    })();
  }),
  memory('forgets to make a trigger of what it has read', 'triggers that are of use', () => {
    return new (class extends MemoryJobStore {
      override async get(id: string): Promise<JobRecord | undefined> {
        const job = await super.get(id);
        return job && ({ ...job, trigger: job.trigger.toJSON() } as unknown as JobRecord);
      }
    })();
  }),
  memory('loses a field of a job', 'as they were given', () => {
    return new (class extends MemoryJobStore {
      override add(job: JobRecord): Promise<void> {
        return super.add({ ...job, catchUpLimit: 1000 });
      }
    })();
  }),
  memory('keeps a job that was removed while it was due', 'none that was paused or removed meanwhile', () => {
    return new (class extends MemoryJobStore {
      override async remove(id: string): Promise<void> {
        if (!(await this.get(id))?.nextRunTime) return super.remove(id);
      }
    })();
  }),
  memory('removes a job that is paused', 'removes one that has ended', () => {
    return new (class extends MemoryJobStore {
      override async removeIfEnded(id: string): Promise<boolean> {
        const job = await this.get(id);
        if (job?.nextRunTime !== null) return false;
        await this.remove(id);
        return true;
      }
    })();
  }),
  memory('takes more than it was asked for', 'no more than it is asked for', () => {
    return new (class extends MemoryJobStore {
      override claimDue(request: ClaimRequest): Promise<ClaimResult> {
        return super.claimDue({ ...request, limit: Infinity });
      }
    })();
  }),
  memory('hands out one job to two that ask at once', 'hands out jobs > once, however many ask', () => {
    return new (class extends MemoryJobStore {
      override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
        const due = (await this.list()).filter(({ nextRunTime }) => nextRunTime !== null && nextRunTime <= request.now);
        const result = await super.claimDue(request);
        const shown = due.slice(0, request.limit).map((job) => ({ job, plan: { ...none, next: null } }));
        return shown.length > result.claimed.length ? { ...result, claimed: shown } : result;
      }
    })();
  }),
  memory('never says when the next job is due', 'says when the first one will be', () => {
    return new (class extends MemoryJobStore {
      override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
        return { ...(await super.claimDue(request)), nextDue: null };
      }
    })();
  }),
  memory('wants to be asked all the time', 'says when the first one will be', () => {
    return new (class extends MemoryJobStore {
      override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
        return { ...(await super.claimDue(request)), nextDue: request.now };
      }
    })();
  }),
  memory('tells plans the fire time for the nominal one', 'the time that they are due for', () => {
    return new (class extends MemoryJobStore {
      override claimDue(request: ClaimRequest): Promise<ClaimResult> {
        const plan: ClaimRequest['plan'] = (job, { fireTime }, ...rest) =>
          request.plan(job, { fireTime, nominalTime: fireTime }, ...rest);
        return super.claimDue({ ...request, plan });
      }
    })();
  }),
  memory('does not look again at what was left', 'until it is to look again or they change', () => {
    return new (class extends MemoryJobStore {
      override reconsider(): void {}
    })();
  }),
  memory('records no run before it has ended', 'from the step on that takes them', () => {
    return new (class extends MemoryJobStore {
      override async getRun(id: string): Promise<RunRecord | undefined> {
        const run = await super.getRun(id);
        return run?.settled ? run : undefined;
      }
    })();
  }),
  memory('says twice that a job went', 'once, however often they are told', () => {
    const gone = new Set<string>();
    return new (class extends MemoryJobStore {
      override async record(runs: readonly RunRecord[]): Promise<RecordResult> {
        const { removed } = await super.record(runs);
        for (const id of removed) gone.add(id);
        return { removed: [...new Set(runs.map(({ jobId }) => jobId))].filter((id) => gone.has(id)) };
      }
    })();
  }),
  memory('takes a lost run for an outcome', 'when nobody knows how its run ended', () => {
    return new (class extends MemoryJobStore {
      override async record(runs: readonly RunRecord[]): Promise<RecordResult> {
        const result = await super.record(runs);
        for (const { state, jobId } of runs) if (state === 'lost') await this.removeIfEnded(jobId);
        return result;
      }
    })();
  }),
  memory('loses what runs by hand were given', 'with what they were given by hand', () => {
    return new (class extends MemoryJobStore {
      override async getRun(id: string): Promise<RunRecord | undefined> {
        const run = await super.getRun(id);
        return run && { ...run, given: null };
      }
    })();
  }),
  memory('does not try runs again that could not start', 'as the same attempt', () => {
    return new (class extends MemoryJobStore {
      override record(runs: readonly RunRecord[]): Promise<RecordResult> {
        for (const run of runs) if (run.state === 'missed') (run as RunEntry).retryAt = null;
        return super.record(runs);
      }
    })();
  }),
  memory('moves a job back for a run that could not start', 'as the same attempt', () => {
    return new (class extends MemoryJobStore {
      override async record(runs: readonly RunRecord[]): Promise<RecordResult> {
        for (const { jobId, state, fireTime } of runs) {
          if (state === 'missed') await this.update(jobId, (job) => ({ ...job, nextRunTime: fireTime }));
        }
        return super.record(runs);
      }
    })();
  }),
  memory('tries runs again while their job is paused', 'start > but not while their job is paused', () => {
    return new (class extends MemoryJobStore {
      override update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
        return super.update(id, (job) => ({ ...change(job), paused: false }));
      }
    })();
  }),
  memory('keeps a job that has neither runs nor a time', 'no longer than the step in which', () => {
    return new (class extends MemoryJobStore {
      override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
        const result = await super.claimDue(request);
        for (const { job, isRemoved } of result.claimed) {
          if (isRemoved) await this.add({ ...job, nextRunTime: null, nextNominalTime: null, paused: false });
        }
        return result;
      }
    })();
  }),
  memory('tries runs again at once', 'once, when their time has come', () => {
    return new (class extends MemoryJobStore {
      override record(runs: readonly RunRecord[]): Promise<RecordResult> {
        for (const run of runs) if (run.retryAt !== null) (run as RunEntry).retryAt = run.finishedAt;
        return super.record(runs);
      }
    })();
  }),
  memory('shows runs the oldest first', 'by id, the latest first', () => {
    return new (class extends MemoryJobStore {
      override async getRuns(filter: RunFilter): Promise<readonly RunRecord[]> {
        return (await super.getRuns(filter)).toReversed();
      }
    })();
  }),
  memory('finds a range of runs by its first time only', 'by job, by state and by nominal time', () => {
    return new (class extends MemoryJobStore {
      override async getRuns(filter: RunFilter): Promise<readonly RunRecord[]> {
        return (await super.getRuns(filter)).filter(({ nominalTime }) => nominalTime >= (filter.from ?? -Infinity));
      }
    })();
  }),
  memory('takes a skipped run for the last that was begun', 'none that was left out', () => {
    return new (class extends MemoryJobStore {
      override async lastRuns(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>> {
        const found = new Map<string, RunRecord>();
        for (const jobId of jobIds) {
          const [run] = await super.getRuns({ jobId, limit: 1, now: 0 });
          if (run) found.set(jobId, run);
        }
        return found;
      }
    })();
  }),
  memory('forgets how many runs a schedule has left', 'as plan() says, in the step that claims the job', () => {
    return new (class extends MemoryJobStore {
      override claimDue(request: ClaimRequest): Promise<ClaimResult> {
        return super.claimDue({
          ...request,
          plan: (job, { nominalTime, fireTime }, now) => request.plan(job, { nominalTime, fireTime }, now),
        });
      }
    })();
  }),
  memory('keeps a job whose last retry was removed', 'with its retry, and the job if', () => {
    return new (class extends MemoryJobStore {
      override async removeRun(id: string): Promise<RecordResult> {
        const jobs = await this.list();
        const result = await super.removeRun(id);
        for (const job of jobs) if (result.removed.includes(job.id)) await this.add(job);
        return result;
      }
    })();
  }),
  memory('goes through its history for each last run', 'by an index', () => {
    return new (class extends MemoryJobStore {
      override async lastRuns(jobIds: readonly string[]): Promise<ReadonlyMap<string, RunRecord>> {
        const found = new Map<string, RunRecord>();
        for (const id of jobIds) {
          const [run] = await super.getRuns({ jobId: id, limit: 1, now: 0 });
          if (run) found.set(id, run);
        }
        return found;
      }
    })();
  }),
  memory('forgets nothing', 'but the latest of each job', () => {
    return new (class extends MemoryJobStore {
      override attach(context: StoreContext): void {
        super.attach({
          ...context,
          history: { perJob: Infinity, total: Infinity, maxAgeMs: Infinity, maxBytes: Infinity },
        });
      }
    })();
  }),
  memory('forgets nothing, however large it is', 'take too many bytes together', () => {
    return new (class extends MemoryJobStore {
      override attach(context: StoreContext): void {
        super.attach({ ...context, history: { ...context.history, maxBytes: Infinity } });
      }
    })();
  }),
  memory('adds a declared job again that has completed', 'for a time that it has had', () => {
    return new (class extends MemoryJobStore {
      override add(job: JobRecord): Promise<void> {
        return super.add(job);
      }
    })();
  }),
  memory('keeps what it has read of completed jobs', 'nothing of jobs that have completed or were removed', () => {
    return new (class extends MemoryJobStore {
      private readonly cache = new Map<string, JobSpec>();

      override claimDue(request: ClaimRequest): Promise<ClaimResult> {
        return super.claimDue({ ...request, plan: cachingPlan(this.cache, request) });
      }
    })();
  }),
  memory('leaves a timer behind', 'leaves no timer behind', () => {
    return new (class extends MemoryJobStore {
      override attach(context: StoreContext): void {
        super.attach(context);
        context.clock.setTimer(() => undefined, 1000);
      }
    })();
  }),
  memory('says that it is durable', 'with its jobs, their places in time', () => {
    return new (class extends MemoryJobStore {
      override readonly capabilities: StoreCapabilities = { durable: true, shared: false, notifying: false };
    })();
  }),
  memory('says that it is shared', 'shows each of them what the others have done', () => {
    return new (class extends MemoryJobStore {
      override readonly capabilities: StoreCapabilities = { durable: false, shared: true, notifying: false };
    })();
  }),
];

function cachingPlan(cache: Map<string, JobSpec>, { plan }: ClaimRequest): ClaimRequest['plan'] {
  return (job, ...rest) => {
    cache.set(job.id, job);
    return plan(job, ...rest);
  };
}

const none = { runs: [], leftOut: [], pausesJob: false } as const;

const shared = (
  fault: string,
  found: string,
  make: (options: SqlStoreOptions) => SqlJobStore,
): WrongStore<(options: SqlStoreOptions) => SqlJobStore> => ({ fault, found, make });

/** Shared stores, each with one fault. */
export const wrongShared: readonly WrongStore<(options: SqlStoreOptions) => SqlJobStore>[] = [
  shared('does not count what others have under way', 'how many runs of a job the others have under way', (options) => {
    return new (class extends SqlJobStore {
      override claimDue(request: ClaimRequest): Promise<ClaimResult> {
        return super.claimDue({ ...request, plan: (job, due, now) => request.plan(job, due, now, 0) });
      }
    })(options);
  }),
  shared('does not count them for retries', 'before it plans one more, though all ask at once', (options) => {
    return new (class extends SqlJobStore {
      override claimDue(request: ClaimRequest): Promise<ClaimResult> {
        return super.claimDue({ ...request, retry: (job, failed, now) => request.retry(job, failed, now, 0) });
      }
    })(options);
  }),
  shared('adds a declared job again that has completed', 'after a restart, nor on another node', (options) => {
    return new (class extends SqlJobStore {
      override add(job: JobRecord): Promise<void> {
        return super.add(job);
      }
    })(options);
  }),
  shared('keeps handed-over runs that its node has left', 'as soon as its node has left it', (options) => {
    return new (class extends SqlJobStore {
      override leaveRuns(): Promise<void> {
        return Promise.resolve();
      }
    })(options);
  }),
  shared('lets every node run a job for the start of all', 'whichever asks first, of each job', (options) => {
    return new (class extends SqlJobStore {
      override claimStart(): Promise<boolean> {
        return Promise.resolve(true);
      }
    })(options);
  }),
  shared('caches all jobs, however large they are', 'bytes of jobs that are there', (options) => {
    return new (class extends SqlJobStore {
      private readonly cache = new Map<string, JobSpec>();

      override claimDue(request: ClaimRequest): Promise<ClaimResult> {
        return super.claimDue({ ...request, plan: cachingPlan(this.cache, request) });
      }
    })(options);
  }),
  shared('says that it tells of changes', 'tells them of what is due earlier than they know', (options) => {
    return new (class extends SqlJobStore {
      override readonly capabilities: StoreCapabilities = { durable: true, shared: true, notifying: true };
    })(options);
  }),
  shared(
    'neither tells of changes nor wants to be asked',
    'tells them of what is due earlier than they know',
    (options) => {
      return new SqlJobStore({ ...options, pollInterval: Infinity });
    },
  ),
  shared(
    'prunes only what has ended since it was opened',
    'too many by total for a node that starts later',
    (options) => {
      return new (class extends SqlJobStore {
        override attach(context: StoreContext): void {
          const history = { perJob: Infinity, total: Infinity, maxAgeMs: Infinity, maxBytes: Infinity };
          super.attach({ ...context, history });
        }
      })(options);
    },
  ),
  shared('does not renew its lease', 'lets one that is there keep its runs', (options) => {
    return new (class extends SqlJobStore {
      override attach(context: StoreContext): void {
        const { clock, node } = context;
        if (node !== 'node-2') return super.attach(context);
        const deaf = {
          now: () => clock.now(),
          yield: () => clock.yield(),
          setTimer: () => ({ cancel: () => undefined }),
        };
        super.attach({ ...context, clock: deaf });
      }
    })(options);
  }),
  shared('lists nothing while one job cannot be read', 'is told of, and does not hide the others', (options) => {
    return new (class extends SqlJobStore {
      override list(which?: 'declared'): Promise<readonly JobRecord[]> {
        return super.list(which, ({ problem }) => {
          throw new Error(problem);
        });
      }
    })(options);
  }),
  shared('cannot remove a job that it cannot read', 'can be removed, and nothing else', (options) => {
    return new (class extends SqlJobStore {
      override async remove(id: string): Promise<void> {
        if (await this.get(id)) return super.remove(id);
        throw new JobLookupError(id);
      }
    })(options);
  }),
  shared('stops at a job that it cannot read', 'is neither run nor lost, and holds up no other', (options) => {
    return new (class extends SqlJobStore {
      override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
        await this.list(undefined, ({ problem }) => {
          throw new Error(problem);
        });
        return super.claimDue(request);
      }
    })(options);
  }),
  shared('does not report a run that it cannot read', 'is reported, and does not hide the others', (options) => {
    return new (class extends SqlJobStore {
      override getRuns(filter: RunFilter): Promise<readonly RunRecord[]> {
        return super.getRuns(filter);
      }
    })(options);
  }),
  shared('cannot remove a run that it cannot read', 'can be removed, with its retry', (options) => {
    return new (class extends SqlJobStore {
      override async removeRun(id: string): Promise<RecordResult> {
        if (await this.getRun(id)) return super.removeRun(id);
        throw new RunLookupError(id);
      }
    })(options);
  }),
  shared('does not say what it refuses', 'refuses what one says that has lost its right', (options) => {
    return new (class extends SqlJobStore {
      override async record(runs: readonly RunRecord[]): Promise<RecordResult> {
        const { removed } = await super.record(runs);
        return { removed };
      }
    })(options);
  }),
  shared('takes runs from a node that holds them', 'lets one that is there keep its runs', (options) => {
    return new (class extends SqlJobStore {
      override attach(context: StoreContext): void {
        super.attach({ ...context, heldRuns: () => new Set() });
      }
    })(options);
  }),
  shared('leaves a node the runs that it does not hold', 'takes a run from a node that does not hold it', (options) => {
    return new (class extends SqlJobStore {
      override attach(context: StoreContext): void {
        super.attach({ ...context, heldRuns: () => Object.assign(new Set<string>(), { has: () => true }) });
      }
    })(options);
  }),
  shared('takes a lease for its own that is over', 'before others are handed its runs', (options) => {
    return new (class extends SqlJobStore {
      override leaseHolds(): boolean {
        return true;
      }
    })(options);
  }),
  shared('does not tell a node of what it has lost', 'tells one that comes back that it has lost', (options) => {
    return new (class extends SqlJobStore {
      override attach(context: StoreContext): void {
        super.attach({ ...context, lost: () => undefined });
      }
    })(options);
  }),
  shared('does not notice that its jobs are lost', 'when it loses its jobs alone, and takes them again', (options) => {
    return new (class extends SqlJobStore {
      override attach(context: StoreContext): void {
        super.attach({ ...context, jobsLost: () => undefined });
      }
    })(options);
  }),
  shared('does not notice that its clock was set back', 'reports by how much, once to each node', (options) => {
    return new (class extends SqlJobStore {
      override attach(context: StoreContext): void {
        super.attach({ ...context, clockSetBack: () => undefined });
      }
    })(options);
  }),
  shared('takes a lost lease for lost jobs', 'and not when a node only loses its lease', (options) => {
    return new (class extends SqlJobStore {
      override attach(context: StoreContext): void {
        super.attach({ ...context, lost: () => (context.lost(), context.jobsLost()) });
      }
    })(options);
  }),
  shared('keeps what a node has said first', 'say of themselves what they said at', (options) => {
    return new (class extends SqlJobStore {
      override attach(context: StoreContext): void {
        const first = context.describeNode();
        super.attach({ ...context, describeNode: () => first });
      }
    })(options);
  }),
  shared('counts the active runs of all nodes for each', 'have as many active runs as', (options) => {
    return new (class extends SqlJobStore {
      override async getNodes(): Promise<readonly StoredNode[]> {
        const nodes = await super.getNodes();
        const activeRuns = nodes.reduce((sum, node) => sum + node.activeRuns, 0);
        return nodes.map((node) => ({ ...node, activeRuns }));
      }
    })(options);
  }),
  shared('goes on listing a node that has stopped', 'are gone when they stop', (options) => {
    return new (class extends SqlJobStore {
      private readonly seen = new Map<string, StoredNode>();

      override async getNodes(): Promise<readonly StoredNode[]> {
        for (const node of await super.getNodes()) this.seen.set(node.instance, node);
        return [...this.seen.values()];
      }
    })(options);
  }),
  shared('makes runs again for ever', 'gives a job up that takes every node down', (options) => {
    return new SqlJobStore({ ...options, recoveryAttempts: 1000 });
  }),
  shared('never makes a run again', 'makes the runs of one that is gone again', (options) => {
    return new SqlJobStore({ ...options, recoveryAttempts: 1 });
  }),
  shared('hands out again what another node has taken', 'hands out each job to one of them', (options) => {
    return new (class extends SqlJobStore {
      override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
        const result = await super.claimDue(request);
        const claimed = [...result.claimed, ...(takenLast.get(options) ?? [])];
        takenLast.set(options, result.claimed.slice(0, 1));
        return { ...result, claimed };
      }
    })(options);
  }),
  shared(
    'hands out again what another node has taken, in the middle of much else',
    'whatever its nodes do',
    (options) => {
      return new (class extends SqlJobStore {
        private held = 0;

        override async record(runs: readonly RunRecord[]): Promise<RecordResult> {
          // Every third end is told to nobody.
          if (++this.held % 3 === 0) return { removed: [] };
          return super.record(runs);
        }
      })(options);
    },
  ),
];

const takenLast = new WeakMap<SqlStoreOptions, ClaimResult['claimed']>();
