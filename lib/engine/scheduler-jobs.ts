import type { Clock } from './clock.js';
import { InvalidInputError, JobLookupError } from './errors.js';
import { show } from './util/inspect.js';
import type {
  JobChanges,
  JobDefinition,
  TaskReference,
  TriggerDefinition,
  TriggerInput,
} from './jobs/job-definition.js';
import type { TypedJobDefinition } from './jobs/typed-job.js';
import { applyBulk, bulkActor, type BulkRequest, type BulkResult } from './jobs/bulk-jobs.js';
import type { GivenArgs, GivenKwargs } from './model/task-call.js';
import type { ExportOptions, ImportOptions } from './transfer/job-mover.js';
import type { ExportQuery, ExportView, ImportedLine, ImportGate, ImportStreamOptions } from './transfer/job-streams.js';
import type { Job } from './model/job.js';
import type { JobPage, JobQuery } from './model/job-query.js';
import type { Timeline } from './model/timeline.js';
import type { OnUnreadable } from './model/unreadable-job.js';
import { STATE_STOPPED } from './lifecycle/states.js';
import { timelineOf, type TimelineQuery } from './jobs/timeline.js';
import { previewJob, previewTrigger, type PreviewOptions, type TriggerPreview } from './jobs/preview.js';
import {
  parseInterruption,
  parseManualRun,
  type InterruptOptions,
  type ModifyJobOptions,
  type PauseJobOptions,
  type RunJobOptions,
} from './jobs/run-options.js';
import { asRun } from './runs/run-directory.js';
import type { Run } from './model/run-record.js';
import type { RunEntry } from './runs/run-entry.js';
import { type SchedulerParts } from './scheduler-parts.js';

/** What a scheduler does with jobs: adds, finds, changes, runs and removes them. */
export abstract class SchedulerJobs {
  abstract readonly clock: Clock;
  abstract readonly timezone: string;
  /** @internal */
  protected abstract readonly parts: SchedulerParts;

  /**
   * Adds a job. Before the start it is pending: it gets its first run time when the scheduler starts. A function, a method or a
   * `taskName()` that cannot be called with the `args` and `kwargs` does not compile.
   *
   * @throws InvalidInputError with every fault; ConflictingIdError when the id is taken and `replaceExisting` is not said.
   */
  addJob<T extends TaskReference, const A extends GivenArgs = undefined, const K extends GivenKwargs = undefined>(
    definition: TypedJobDefinition<T, A, K>,
  ): Promise<Job> {
    try {
      return this.parts.directory.add(this.parts.checks.definition(definition));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Adds jobs: all of them, or none. In one step of their store, and so much faster than one by one.
   *
   * @throws InvalidInputError with every fault of the first job that has one; ConflictingIdError when an id is taken, or comes twice.
   */
  async addJobs(definitions: readonly JobDefinition[]): Promise<readonly Job[]> {
    if (!Array.isArray(definitions)) {
      const problem = `must be an array of definitions, got ${show(definitions)}`;
      throw new InvalidInputError('Invalid jobs', [{ field: 'definitions', problem }]);
    }
    return this.parts.directory.addAll(definitions.map((definition) => this.parts.checks.definition(definition)));
  }

  /**
   * Adds a job that this program declares, at each of its starts and on each of its nodes: they make one job. One that is
   * there keeps its pause, and its next run unless the trigger is another; then it goes on from its last nominal time. What a
   * later `release` has declared is left alone.
   *
   * @returns undefined, and nothing is added, when its last time is past, or by its roles this node declares no jobs.
   * @throws InvalidInputError with every fault.
   */
  async declareJob(definition: JobDefinition): Promise<Job | undefined> {
    return this.parts.declared.declare(this.parts.checks.definition(definition));
  }

  /**
   * To be called when all jobs are declared. From then on, at each start and at once if it is started, the log names jobs
   * that were declared once and are not any more; with `prune` those of earlier releases are removed.
   */
  completeDeclarations(): Promise<void> {
    return this.parts.declared.complete(this.parts.lifecycle.state !== STATE_STOPPED);
  }

  /** Jobs in the stores that were declared once, and are declared neither by this program nor by a later `release`. */
  undeclaredJobs(jobStore?: string): Promise<readonly Job[]> {
    return this.parts.declared.undeclared(jobStore);
  }

  /**
   * Says whether a job could be added, as far as that can be said without adding it.
   *
   * @throws InvalidInputError with every fault.
   */
  checkJob(definition: JobDefinition): void {
    this.parts.checks.definition(definition);
  }

  /** The job with an id: in a store, or in whichever store has it. @throws JobUnreadableError when it is there and cannot be read */
  getJob(id: string, jobStore?: string): Promise<Job | undefined> {
    return this.parts.directory.get(id, jobStore);
  }

  /**
   * All jobs: pending ones, then each store's by next run time.
   *
   * @param onUnreadable - called with each job that cannot be read, and so is not among them.
   */
  getJobs(jobStore?: string, onUnreadable?: OnUnreadable): Promise<readonly Job[]>;
  /**
   * A page of the jobs that a query asks for, of all stores in one order. Stores answer it from indexes,
   * which the store in memory makes when it is first asked for an order.
   *
   * @throws InvalidInputError with every fault of the query.
   *
   * @example
   * const { jobs, nextCursor } = await scheduler.getJobs({ text: 'invoice', state: 'paused', sort: '-lastRun', limit: 20 });
   */
  getJobs(query: JobQuery): Promise<JobPage>;
  getJobs(which?: string | JobQuery, onUnreadable?: OnUnreadable): Promise<readonly Job[]> | Promise<JobPage> {
    const { directory, lists } = this.parts;
    return typeof which === 'object' ? lists.page(which) : directory.list(which, undefined, onUnreadable);
  }

  /**
   * How many jobs a job store has; before the start, how many wait to be added to it. It counts, and reads no jobs.
   *
   * @throws StoreFailedError
   */
  countJobs(jobStore = 'default'): Promise<number> {
    return this.parts.statistics.countJobsOf(jobStore);
  }

  /**
   * All jobs in the order of `getJobs()`, up to a thousand at a time: many jobs do not have to fit into memory. Each is there
   * once, as it was at some time meanwhile; one that moves forward in the order meanwhile may be left out.
   *
   * @param onUnreadable - called with each job that cannot be read.
   *
   * @example
   * for await (const jobs of scheduler.streamJobs()) await backUp(jobs);
   */
  streamJobs(onUnreadable: OnUnreadable = () => undefined): AsyncIterable<readonly Job[]> {
    return this.parts.lists.all(onUnreadable);
  }

  /**
   * When jobs fire in a range of time: the first times, and how many there are in each of 60 intervals. Nominal times but for the
   * next run of each job. What is paused does not fire.
   *
   * @param isMeant - leaves jobs out.
   * @throws InvalidInputError with every fault of the query.
   *
   * @example
   * const { entries, counts } = await scheduler.timeline({ to: new Date(Date.now() + 86_400_000), where: { tag: 'billing' } });
   */
  timeline(query: TimelineQuery, isMeant?: (job: Job) => boolean): Promise<Timeline> {
    return timelineOf(query, this, isMeant);
  }

  /**
   * Says whether a query for jobs can be answered.
   *
   * @throws InvalidInputError with every fault.
   */
  checkJobQuery(query: JobQuery): void {
    this.parts.lists.check(query);
  }

  /**
   * Changes a job: all of the changes or none.
   *
   * @param options - the store that the job is in, or more.
   * @throws InvalidInputError with every fault; JobLookupError; StaleJobError when `ifVersion` is not its version any more.
   */
  modifyJob(id: string, changes: JobChanges, options?: string | ModifyJobOptions): Promise<Job> {
    return this.parts.editor.modify(id, changes, options);
  }

  /**
   * Says whether a job could be changed so. Whether there is such a job is not asked.
   *
   * @throws InvalidInputError with every fault.
   */
  checkChanges(id: string, changes: JobChanges): void {
    this.parts.editor.check(id, changes);
  }

  /**
   * Gives a job another trigger, and the next run time that this makes.
   *
   * @throws InvalidInputError, JobLookupError
   */
  async rescheduleJob(id: string, trigger: TriggerDefinition, options?: string | ModifyJobOptions): Promise<Job> {
    if (trigger?.trigger === undefined) {
      throw new InvalidInputError(`Invalid changes to job "${id}"`, [{ field: 'trigger', problem: 'is missing' }]);
    }
    return this.modifyJob(id, trigger, options);
  }

  /**
   * Runs the job no more until `resumeJob`. Active runs go on unless an option says otherwise.
   *
   * @param options - the store that the job is in, or more.
   * @throws InvalidInputError, JobLookupError
   */
  pauseJob(id: string, options?: string | PauseJobOptions): Promise<Job> {
    return this.parts.editor.pause(id, options);
  }

  /**
   * Goes on with a paused job from now on. One whose trigger has ended meanwhile is removed; one that is not `enabled` either
   * stays as it is.
   *
   * @returns the job; as it was last, without a next run time, when it has been removed.
   * @throws JobLookupError
   */
  resumeJob(id: string, jobStore?: string): Promise<Job> {
    return this.parts.editor.resume(id, jobStore);
  }

  /**
   * Removes a job, also one that cannot be read. Active runs go on unless an option says otherwise.
   *
   * @param options - the store that the job is in, or more.
   * @throws InvalidInputError, JobLookupError
   */
  async removeJob(id: string, options?: string | InterruptOptions): Promise<void> {
    const { jobStore, cancelRuns } = parseInterruption(options);
    return this.parts.directory.remove(id, jobStore, cancelRuns);
  }

  /**
   * Does one thing to many jobs: pauses, resumes, runs, removes or tags those with some ids, or those that a query finds. Each is
   * changed on its own; what fails for one does not keep it from the others.
   *
   * @param isMeant - leaves jobs out: they count as not found, and so do jobs that cannot be read.
   * @throws InvalidInputError with every fault of the request.
   *
   * @example
   * const { items, nextCursor } = await scheduler.bulk({ action: 'pause', where: { tag: 'billing' }, note: 'bank holiday' });
   */
  async bulk(request: BulkRequest, isMeant?: (job: Job) => boolean): Promise<BulkResult> {
    return this.parts.trail.acting.run(bulkActor(request), () => applyBulk(this, request, isMeant));
  }

  removeAllJobs(jobStore?: string): Promise<void> {
    return this.parts.directory.removeAll(jobStore);
  }

  /**
   * Runs a job now, beside its schedule, within its `maxInstances` and by its `overlap`; also on a stopped scheduler, as
   * long as the job's store is open: one in memory always is.
   * A caller that waits gets the outcome of the first attempt, and decides; without waiting, a failed run is tried again as the job says.
   *
   * A node that makes no runs of the job's executor (`roles`), or is drained, leaves the run to another one that shares the job store:
   * the answer, which cannot be waited for, is a run that was missed here for the reason `other node`, and has a `retryAt`.
   *
   * @param options.wait - false: resolves as soon as the run is on its way. Default: true.
   * @param options.args, options.kwargs - in place of the job's own.
   * @returns what the task returned; without waiting, the run.
   * @throws InvalidInputError; JobLookupError; MaxInstancesReachedError; NotRunHereError; RunDeadlockError; SchedulerNotRunningError; and when it has waited:
   *   TaskFailedError, with the task's own message and its error as `cause`, RunTimedOutError, RunCancelledError; RunLostError
   *   when this node has lost its right to the run, also before it could begin: it may be made again elsewhere.
   */
  runJob(id: string, options: RunJobOptions & { wait: false }): Promise<Run>;
  runJob(id: string, options?: RunJobOptions): Promise<unknown>;
  async runJob(id: string, options: RunJobOptions = {}): Promise<unknown> {
    const { jobStore, wait, ...call } = parseManualRun(id, options);
    const given = call.args || call.kwargs ? call : null;
    const caller = this.parts.runner.caller()?.run ?? null;
    const job = await this.parts.directory.get(id, jobStore);
    const entry = job && this.parts.components.stores.get(job.jobStore);
    if (!entry) throw new JobLookupError(id, jobStore);
    const { asked, trail } = this.parts;
    const noted = async (made: Promise<RunEntry>): Promise<RunEntry> => {
      const run = await made;
      await trail.record(entry, { action: 'job.run', jobId: id, runId: run.id, after: job, given });
      return run;
    };
    if (wait) {
      return new Promise((resolve, reject) => {
        noted(asked.run(entry, job, 'manual', { resolve, reject, caller }, given)).catch(reject);
      });
    }
    return asRun(await noted(asked.run(entry, job, 'manual', null, given)), entry);
  }

  /**
   * What a trigger means, and when a job with it would fire next if it was added at `from`. Nothing is added.
   *
   * @returns nominal times, without jitter: fewer than asked for when the trigger ends.
   * @throws InvalidInputError with every fault; also when the trigger never fires
   *
   * @example
   * const { description, times } = await scheduler.preview({ trigger: 'cron', hour: 9 }, { count: 3 });
   */
  preview(trigger: TriggerInput, options: PreviewOptions = {}): Promise<TriggerPreview> {
    return previewTrigger(trigger, options, this);
  }

  /**
   * What the trigger of a job means, and when the job fires next; a paused one, if it went on.
   *
   * @returns nominal times, without jitter: none when the job has ended.
   * @throws InvalidInputError with every fault; JobLookupError
   */
  async previewJob(
    id: string,
    { jobStore, ...options }: PreviewOptions & { jobStore?: string } = {},
  ): Promise<TriggerPreview> {
    const job = await this.parts.directory.get(id, jobStore);
    if (!job) throw new JobLookupError(id, jobStore);
    return previewJob(job, options, this);
  }

  /**
   * Writes jobs as JSON; those that cannot be read as the store has them, beside the others.
   *
   * @param options.file - written as well, whole or not at all.
   * @returns the JSON text.
   * @throws InvalidInputError naming each job that JSON cannot hold: with a function that has no name, say.
   */
  exportJobs(options: ExportOptions = {}): Promise<string> {
    return this.parts.mover.exportJobs(options);
  }

  /**
   * Adds the jobs that `exportJobs` wrote: all of them, or none when one cannot be added.
   *
   * @param source - JSON text, or the file that has it.
   * @param options.jobStore - where they all go; else each goes to the store that it came from.
   * @throws InvalidInputError, ConflictingIdError
   */
  importJobs(source: string | { file: string }, options: ImportOptions = {}): Promise<readonly Job[]> {
    return this.parts.mover.importJobs(source, options);
  }

  /**
   * Exports any number of jobs as NDJSON, in parts of many lines each: the first line names the format, and each of the others is a
   * job as {@link exportJobs} writes it. A job that cannot be read, or that JSON cannot hold, is a line that says so (`skipped`).
   *
   * @param where - only the jobs that this finds.
   * @param view - what may be shown. Jobs whose arguments are hidden are marked, and cannot be imported.
   * @throws InvalidInputError with every fault of the query; the error of a store that fails, and then the export is not complete.
   *
   * @example
   * await pipeline(scheduler.exportStream({ tag: 'billing' }), createWriteStream('jobs.ndjson'));
   */
  exportStream(where: ExportQuery = {}, view: ExportView = {}): AsyncGenerator<string, void, void> {
    return this.parts.streams.export(where, view);
  }

  /**
   * Adds the jobs of an export of lines while it is read. Each is added on its own: a line that cannot be imported fails with its
   * number, and the others are added. Jobs keep their next run times, pauses and declarations.
   *
   * @param source - NDJSON text or bytes, in parts of any length: a file's stream, say.
   * @param gate - what else must be satisfied before a job is added.
   * @returns what became of each line that has a job, one after the other. Nothing is imported that is not asked for.
   * @throws InvalidInputError for the options; the error of a store that fails: what came before is imported, and an import with
   *   `onConflict: 'skip'` goes on.
   *
   * @example
   * for await (const { line, error } of scheduler.importStream(createReadStream('jobs.ndjson'))) if (error) console.log(line, error.message);
   */
  importStream(
    source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
    options: ImportStreamOptions = {},
    gate: ImportGate = {},
  ): AsyncGenerator<ImportedLine, void, void> {
    return this.parts.streams.import(source, options, gate);
  }
}
