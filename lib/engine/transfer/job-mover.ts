import { InvalidInputError, type Fault } from '../errors.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import type { JobDirectory } from '../jobs/job-directory.js';
import type { JobDefinition } from '../jobs/job-definition.js';
import { parseJobDefinition, type ImportedJob } from '../jobs/job-input.js';
import type { JobPlacement, NewJob } from '../jobs/job-placement.js';
import { jobsFromJson, jobsToJson, readText, writeText } from './job-transfer.js';
import type { Job } from '../model/job.js';
import type { UnreadableJob } from '../model/unreadable-job.js';
import type { Logger } from '../logger.js';

/** Options of `exportJobs()`. */
export interface ExportOptions {
  /** Also write the jobs to this file, atomically. */
  file?: string;
  /** Export only the jobs of this store. */
  jobStore?: string;
}

/** Options of `importJobs()`. */
export interface ImportOptions {
  /** The store that all jobs are added to. @default the store that each came from; for jobs of APScheduler `default` */
  jobStore?: string;
  /** Replace jobs that have the same ids. @default false */
  replaceExisting?: boolean;
  /**
   * Maps the name of a task or of a Python function in the export to a task (`{ 'app.jobs:send': 'send-invoice' }`). Null
   * leaves out the jobs that run it. @default the task of the same name
   */
  tasks?: Readonly<Record<string, string | null>> | ((name: string) => string | null | undefined);
  /** Maps aliases of executors in the export: `{ processpool: 'default' }`. @default the executor of the same alias */
  executors?: Readonly<Record<string, string>>;
}

export interface JobMoverParts {
  readonly directory: JobDirectory;
  readonly placement: JobPlacement;
  readonly logger: Logger;
}

/** A job of an export, as it is to be added. */
export interface ReadJob {
  readonly definition: JobDefinition;
  readonly job: NewJob;
}

/** Exports jobs as JSON and imports them. */
export class JobMover {
  constructor(private readonly parts: JobMoverParts) {}

  async exportJobs({ file, jobStore }: ExportOptions): Promise<string> {
    const unreadable: UnreadableJob[] = [];
    const jobs = await this.parts.directory.list(jobStore, undefined, (job) => unreadable.push(job));
    const text = jobsToJson(jobs, unreadable);
    if (unreadable.length > 0) {
      const ids = show(unreadable.map(({ id }) => id));
      this.parts.logger.warn(`${unreadable.length} job(s) cannot be read and are exported as they are: ${ids}`);
    }
    if (file !== undefined) await writeText(file, text);
    return text;
  }

  async importJobs(source: string | { file: string }, options: ImportOptions): Promise<readonly Job[]> {
    const text = typeof source === 'string' ? source : await readText(fileOf(source));
    const faults: Fault[] = [];
    const isLeftOut = (task: unknown): boolean => isTaskLeftOut(task, options.tasks);
    const { jobs, unreadable, isForeign } = jobsFromJson(text, isLeftOut, faults);
    const inputs = jobs.flatMap((job) => this.read(job, options, faults) ?? []);
    inputs.push(...unreadable.flatMap((job) => this.inputOfUnreadable(job, options) ?? []));
    // A missing task may be registered later, and its job waits for it. A Python function never will be.
    for (const fault of isForeign ? this.unknownFunctions(inputs) : []) faults.push(fault);
    if (faults.length > 0) throw new InvalidInputError('Jobs cannot be imported', faults);
    return this.parts.directory.addAll(inputs);
  }

  /** @throws InvalidInputError with every fault */
  inputOf({ definition, imported }: ImportedJob, options: ImportOptions): ReadJob {
    const { jobStore, replaceExisting = false } = options;
    const task = taskFor(definition['task'], options.tasks);
    const executor = executorFor(definition['executor'], options.executors);
    const given = { ...definition, task, executor, ...(jobStore !== undefined && { jobStore }), replaceExisting };
    const job = { ...parseJobDefinition(given, (input) => this.parts.placement.faultsOf(input)), imported };
    return { definition: given as unknown as JobDefinition, job };
  }

  /** @returns undefined if the job cannot be imported; the reasons are added to `faults` */
  private read(job: ImportedJob, options: ImportOptions, faults: Fault[]): NewJob | undefined {
    try {
      return this.inputOf(job, options).job;
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      for (const { field, problem } of error.faults) faults.push({ field: `${job.field}.${field}`, problem });
      return undefined;
    }
  }

  /** Undefined, with a warning, for a job that cannot be read here either: it must not keep the others from being imported. */
  private inputOfUnreadable(job: ImportedJob, options: ImportOptions): NewJob | undefined {
    const faults: Fault[] = [];
    const input = this.read(job, options, faults);
    if (faults.length === 0) return input;
    const problems = faults.map(({ field, problem }) => `${field} ${problem}`).join('; ');
    this.parts.logger.warn(`Job ${show(job.definition['id'])} is not imported, as it cannot be read: ${problems}`);
    return undefined;
  }

  /** One fault per unknown function, however many jobs run it. */
  private unknownFunctions(inputs: readonly NewJob[]): readonly Fault[] {
    const unknown = new Map<string, number>();
    for (const { task } of inputs) {
      if (typeof task !== 'string' || this.parts.placement.taskFaults({ task }).length === 0) continue;
      unknown.set(task, (unknown.get(task) ?? 0) + 1);
    }
    return Array.from(unknown, ([name, count]) => {
      const jobs = `${count} job${count === 1 ? '' : 's'}`;
      return { field: 'tasks', problem: `does not map "${name}" (${jobs}), and no task of that name is registered` };
    });
  }
}

/** Rejects JSON that was parsed already, which would otherwise be taken for an object with a file. */
function fileOf(source: unknown): string {
  const file = isPlainObject(source) ? source['file'] : undefined;
  if (typeof file === 'string') return file;
  const problem = `must be JSON text or { file: 'jobs.json' }, got ${show(source)}`;
  throw new InvalidInputError('Jobs cannot be imported', [{ field: 'source', problem }]);
}

function taskFor(name: unknown, tasks: ImportOptions['tasks']): unknown {
  if (typeof name !== 'string' || tasks === undefined) return name;
  const task = typeof tasks === 'function' ? tasks(name) : Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  return task === undefined ? name : task;
}

/** Whether the jobs of a task are not to be imported. */
export function isTaskLeftOut(task: unknown, tasks: ImportOptions['tasks']): boolean {
  return taskFor(task, tasks) === null;
}

function executorFor(alias: unknown, executors: ImportOptions['executors'] = {}): unknown {
  return typeof alias === 'string' && Object.hasOwn(executors, alias) ? executors[alias] : alias;
}
