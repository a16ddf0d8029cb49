import { batchesOf, linesOf, type ExportedLine } from './lines.js';
import { Transport, type ApiCall, type ClientOptions, type RequestOptions } from './transport.js';
import type {
  AddJob,
  AuditEntry,
  AuditPage,
  Bulk,
  BulkResult,
  StreamEvent,
  GetEventsQuery,
  ExportJobsQuery,
  GetAuditQuery,
  GetJobRunsQuery,
  GetJobsQuery,
  GetNextRunTimesQuery,
  GetRunsQuery,
  GetStatsResponse,
  GetTimelineQuery,
  GetTimelineResponse,
  Health,
  ImportJobsQuery,
  ImportResult,
  Job,
  JobPage,
  PauseJob,
  Preview,
  PutJob,
  Run,
  RunJob,
  RunPage,
  SchedulerInfo,
  SchedulerNodes,
  Scope,
  Shutdown,
  Task,
  TriggerPreview,
  UpdateJob,
} from './wire.js';
import { UnavailableError } from './errors.js';
import { readEvents, type EventOptions } from './events.js';

/** How many lines that failed a result names. */
const MOST_ERRORS = 1000;

/** Options of a change that must not undo another one. */
export interface EditOptions extends RequestOptions {
  /** The version of the job that was read: {@link VersionedJob.version}. The change fails with a StaleEditError if it has another one by now. */
  readonly ifVersion?: string;
}

/** A job, with its version. */
export interface VersionedJob {
  readonly job: Job;
  /** For {@link EditOptions.ifVersion}. */
  readonly version: string;
}

/**
 * Calls the REST API of a scheduler: in Node.js and in browsers, without dependencies. Members are named as on the wire.
 *
 * What the API refuses is thrown as an ApiError; a request that is not answered, as a ConnectionError. Requests that can be repeated
 * safely are tried again while a job store fails.
 *
 * @example
 * const client = new SchedulerClient({ url: 'https://example.com/scheduler', username: 'admin', password });
 * for await (const job of client.listJobs({ state: ['paused'] })) await client.resumeJob(job.id);
 */
export class SchedulerClient {
  private readonly transport: Transport;

  /** @throws TypeError naming an option that cannot be used. */
  constructor(options: ClientOptions) {
    this.transport = new Transport(options);
  }

  /** The scheduler's state, and the actions that are allowed (`can`). */
  getSchedulerInfo(options?: RequestOptions): Promise<SchedulerInfo> {
    return this.get([], undefined, options);
  }

  /** Health, also where it is `down`, which the API answers with a 503. */
  async getHealth(options?: RequestOptions): Promise<Health> {
    try {
      return await this.transport.call({ method: 'GET', path: ['health'], retries: 0, ...options });
    } catch (error) {
      if (error instanceof UnavailableError && isHealth(error.body)) return error.body;
      throw error;
    }
  }

  /** The nodes that share a job store with the one that answers: their leases, clocks, runs and states. */
  getNodes(options?: RequestOptions): Promise<SchedulerNodes> {
    return this.get(['nodes'], undefined, options);
  }

  getStats(options?: RequestOptions): Promise<GetStatsResponse> {
    return this.get(['stats'], undefined, options);
  }

  /**
   * Events of jobs, their runs and the scheduler, of all nodes, until the signal is aborted or the loop is left. Interrupted, it
   * connects again, with growing pauses, and goes on after the last event. With the event `reload`, which comes first, events are
   * missing: fetch what you show then.
   *
   * @throws ApiError when the API refuses it.
   *
   * @example
   * for await (const event of client.events({ type: ['job_error'] }, { signal })) console.log(event);
   */
  events(query: GetEventsQuery = {}, options?: EventOptions): AsyncGenerator<StreamEvent, void, void> {
    return readEvents(this.transport, query, options);
  }

  /** The OpenAPI document of the API. */
  getOpenapi(options?: RequestOptions): Promise<Record<string, unknown>> {
    return this.get(['openapi.json'], undefined, options);
  }

  startScheduler(scope: Scope = {}, options?: RequestOptions): Promise<void> {
    return this.post(['start'], scope, options);
  }

  shutdownScheduler(how: Shutdown = {}, options?: RequestOptions): Promise<void> {
    return this.post(['shutdown'], how, options);
  }

  pauseScheduler(scope: Scope = {}, options?: RequestOptions): Promise<void> {
    return this.post(['pause'], scope, options);
  }

  resumeScheduler(scope: Scope = {}, options?: RequestOptions): Promise<void> {
    return this.post(['resume'], scope, options);
  }

  /** A page of jobs; 100 of them, without a limit. */
  getJobs(query: GetJobsQuery = {}, options?: RequestOptions): Promise<JobPage> {
    // Without a query the API answers all jobs as an array.
    return this.get(['jobs'], { limit: 100, ...query }, options);
  }

  /** All jobs that a query finds, page by page. With `fields`, they have these members only. */
  async *listJobs(query: Omit<GetJobsQuery, 'cursor'> = {}, options?: RequestOptions): AsyncGenerator<Job, void, void> {
    for (let cursor: string | undefined; ;) {
      const page = await this.getJobs({ ...query, ...(cursor !== undefined && { cursor }) }, options);
      for (const job of page.jobs) yield job as Job;
      if (page.next_cursor === null) return;
      cursor = page.next_cursor;
    }
  }

  addJob(job: AddJob, options?: RequestOptions): Promise<Job> {
    return this.post(['jobs'], job, options);
  }

  /** Adds a job, or lets it take the place of the one that has its id. */
  putJob(id: string, job: PutJob, options?: RequestOptions): Promise<Job> {
    return this.transport.call({ method: 'PUT', path: ['jobs', id], body: job, ...options });
  }

  /** Does one thing to many jobs. */
  changeJobs(request: Bulk, options?: RequestOptions): Promise<BulkResult> {
    return this.post(['jobs', 'bulk'], request, options);
  }

  /** @throws NotFoundError */
  getJob(id: string, options?: RequestOptions): Promise<Job> {
    return this.get(['jobs', id], undefined, options);
  }

  /** A job, and the version that an edit of it can name. */
  async getVersionedJob(id: string, options?: RequestOptions): Promise<VersionedJob> {
    let version = '';
    const job = await this.transport.call<Job>({
      method: 'GET',
      path: ['jobs', id],
      onResponse: ({ headers }) => (version = headers.get('ETag') ?? ''),
      ...options,
    });
    return { job, version };
  }

  /** @throws StaleEditError when the job is not of `ifVersion` any more. */
  updateJob(id: string, changes: UpdateJob, { ifVersion, ...options }: EditOptions = {}): Promise<Job> {
    const headers = ifVersion === undefined ? undefined : { 'If-Match': ifVersion };
    return this.transport.call({ method: 'PATCH', path: ['jobs', id], body: changes, headers, ...options });
  }

  deleteJob(id: string, options?: RequestOptions): Promise<void> {
    return this.transport.call({ method: 'DELETE', path: ['jobs', id], ...options });
  }

  pauseJob(id: string, why: PauseJob = {}, options?: RequestOptions): Promise<Job> {
    return this.post(['jobs', id, 'pause'], why, options);
  }

  resumeJob(id: string, options?: RequestOptions): Promise<Job> {
    return this.post(['jobs', id, 'resume'], undefined, options);
  }

  /** Runs a job now, and waits for the end of the run. */
  runJob(id: string, given: RunJob = {}, options?: RequestOptions): Promise<Job> {
    return this.post(['jobs', id, 'run'], given, options);
  }

  /** Runs a job now, without waiting for the end of the run. */
  startRun(id: string, given: RunJob = {}, options?: RequestOptions): Promise<Run> {
    return this.post(['jobs', id, 'run'], given, { query: { wait: false }, ...options });
  }

  /** What the trigger of a job means, and when it fires next. */
  getNextRunTimes(id: string, query: GetNextRunTimesQuery = {}, options?: RequestOptions): Promise<TriggerPreview> {
    return this.get(['jobs', id, 'next'], query, options);
  }

  /** What a trigger means, and when it fires next. */
  previewTrigger(trigger: Preview, options?: RequestOptions): Promise<TriggerPreview> {
    return this.post(['preview'], trigger, options);
  }

  getTimeline(query: GetTimelineQuery, options?: RequestOptions): Promise<GetTimelineResponse> {
    return this.get(['timeline'], query, options);
  }

  getTasks(options?: RequestOptions): Promise<Task[]> {
    return this.get(['tasks'], undefined, options);
  }

  /** All jobs that a query finds, as lines of an export, while they come in: for {@link importJobs}, or for a file. */
  async *exportJobs(query: ExportJobsQuery = {}, options?: RequestOptions): AsyncGenerator<ExportedLine, void, void> {
    yield* linesOf(await this.transport.request({ method: 'GET', path: ['export'], query, ...options }));
  }

  /**
   * Imports lines of an export, many of them with each request: what has been imported stays when a later request fails.
   *
   * @returns what became of all lines; errors have the numbers of the lines as they were given.
   *
   * @example
   * const { failed, errors } = await target.importJobs(source.exportJobs({ tag: ['billing'] }), { on_conflict: 'skip' });
   */
  async importJobs(
    lines: Iterable<ExportedLine | string> | AsyncIterable<ExportedLine | string>,
    query: ImportJobsQuery = {},
    options?: RequestOptions,
  ): Promise<ImportResult> {
    const total = { added: 0, replaced: 0, skipped: 0, failed: 0, dry_run: query.dry_run ?? false };
    const errors: ImportResult['errors'] = [];
    let before = 0;
    for await (const { count, text } of batchesOf(lines)) {
      const call = { method: 'POST', path: ['import'], query, body: text } as const;
      const result = await this.transport.call<ImportResult>({ ...call, ...options });
      for (const name of ['added', 'replaced', 'skipped', 'failed'] as const) total[name] += result[name];
      const room = Math.max(0, MOST_ERRORS - errors.length);
      errors.push(...result.errors.slice(0, room).map((error) => ({ ...error, line: error.line + before })));
      before += count;
    }
    return { ...total, errors };
  }

  getJobRuns(id: string, query: GetJobRunsQuery = {}, options?: RequestOptions): Promise<RunPage> {
    return this.get(['jobs', id, 'runs'], query, options);
  }

  getRuns(query: GetRunsQuery = {}, options?: RequestOptions): Promise<RunPage> {
    return this.get(['runs'], query, options);
  }

  /** All runs that a query finds, the latest first, page by page. */
  async *listRuns(query: Omit<GetRunsQuery, 'cursor'> = {}, options?: RequestOptions): AsyncGenerator<Run, void, void> {
    for (let cursor: string | undefined; ;) {
      const page = await this.getRuns({ ...query, ...(cursor !== undefined && { cursor }) }, options);
      yield* page.runs;
      if (page.next_cursor === null) return;
      cursor = page.next_cursor;
    }
  }

  /** @throws NotFoundError */
  getRun(id: string, options?: RequestOptions): Promise<Run> {
    return this.get(['runs', id], undefined, options);
  }

  /** Some entries of the audit trail: who did what, the latest first. */
  getAudit(query: GetAuditQuery = {}, options?: RequestOptions): Promise<AuditPage> {
    return this.get(['audit'], query, options);
  }

  /** All entries of the audit trail that a query finds, the latest first, page by page. */
  async *listAudit(
    query: Omit<GetAuditQuery, 'cursor'> = {},
    options?: RequestOptions,
  ): AsyncGenerator<AuditEntry, void, void> {
    for (let cursor: string | undefined; ;) {
      const page = await this.getAudit({ ...query, ...(cursor !== undefined && { cursor }) }, options);
      yield* page.entries;
      if (page.next_cursor === null) return;
      cursor = page.next_cursor;
    }
  }

  /** Removes a run that has ended from the history. */
  deleteRun(id: string, options?: RequestOptions): Promise<void> {
    return this.transport.call({ method: 'DELETE', path: ['runs', id], ...options });
  }

  cancelRun(id: string, options?: RequestOptions): Promise<Run> {
    return this.post(['runs', id, 'cancel'], undefined, options);
  }

  private get<T>(path: readonly string[], query: object | undefined, options?: RequestOptions): Promise<T> {
    return this.transport.call({ method: 'GET', path, query, ...options });
  }

  private post<T>(
    path: readonly string[],
    body: object | undefined,
    options?: RequestOptions & Pick<ApiCall, 'query'>,
  ): Promise<T> {
    return this.transport.call({ method: 'POST', path, body, ...options });
  }
}

function isHealth(body: unknown): body is Health {
  return typeof body === 'object' && body !== null && 'status' in body;
}
