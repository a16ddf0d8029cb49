import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.js';
import { ConflictingIdError, InvalidInputError, JobUnreadableError, SchedulerError, type Fault } from '../errors.js';
import type { JobDefinition } from '../jobs/job-definition.js';
import type { JobDirectory } from '../jobs/job-directory.js';
import type { JobLists } from '../jobs/job-lists.js';
import type { NewJob } from '../jobs/job-placement.js';
import type { Job } from '../model/job.js';
import type { JobPage, JobQuery } from '../model/job-query.js';
import type { UnreadableJob } from '../model/unreadable-job.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { isTaskLeftOut, type ImportOptions, type JobMover } from './job-mover.js';
import { headerLine, jobFromLine, jobToLine, parseLine, unreadableToLine } from './job-transfer.js';
import { readLines, type TextLine } from './lines.js';

/** Which jobs to export: those that this finds. */
export type ExportQuery = Omit<JobQuery, 'sort' | 'limit' | 'cursor'>;

/** What whoever exports may see. Everything, where nothing is said. */
export interface ExportView {
  /** Leaves jobs out. */
  readonly isMeant?: (job: Job) => boolean;
  /** The job as it may be shown. One with other arguments than it has is marked, and cannot be imported. */
  readonly shown?: (job: Job) => Job;
  /** Null for one that may not be known of. */
  readonly shownUnreadable?: (job: UnreadableJob) => UnreadableJob | null;
}

/** What is done with a job whose id is taken. */
export const IMPORT_CONFLICTS = ['error', 'skip', 'replace'] as const;
export type ImportConflict = (typeof IMPORT_CONFLICTS)[number];

/** Options of `importStream()`. */
export interface ImportStreamOptions extends Omit<ImportOptions, 'replaceExisting'> {
  /** What is done with a job whose id is taken: it fails, is left out, or takes the other one's place. @default 'error' */
  onConflict?: ImportConflict;
  /** Only says what would become of each line. Lines are not compared with one another. @default false */
  dryRun?: boolean;
  /** A line that is longer, in bytes of UTF-8, fails. @default 1,000,000 */
  maxLineBytes?: number;
}

/** What became of a line, or would. */
export interface ImportedLine {
  /** From 1. */
  readonly line: number;
  /** Null where the line does not say it. */
  readonly id: string | null;
  /** The alias of the store that the job is added to; null where the line does not say it. */
  readonly jobStore: string | null;
  readonly outcome: 'added' | 'replaced' | 'skipped' | 'failed';
  /** Why it failed; null when it did not. */
  readonly error: SchedulerError | null;
}

/** What must be satisfied before a job is added. */
export interface ImportGate {
  /** What is wrong with a line that has been parsed, before anything else is made of it. */
  readonly faults?: (line: Readonly<Record<string, unknown>>) => readonly Fault[];
  /** Adds the job by calling `add`, or throws a SchedulerError. */
  readonly admit?: (definition: JobDefinition, add: () => Promise<unknown>) => Promise<unknown>;
}

export interface JobStreamsParts {
  readonly clock: Clock;
  readonly lists: JobLists;
  readonly directory: JobDirectory;
  readonly mover: JobMover;
}

/** How many jobs are read, or lines imported, before others have their turn. */
const EXPORTED_AT_ONCE = 250;
const IMPORTED_AT_ONCE = 20;
const MAX_LINE_BYTES = 1_000_000;

/** Exports and imports any number of jobs, line by line: no more than a page of them is in memory. */
export class JobStreams {
  constructor(private readonly parts: JobStreamsParts) {}

  /** In texts of several lines each, in the order of ids. @throws InvalidInputError with every fault of the query. */
  async *export(where: ExportQuery, view: ExportView): AsyncGenerator<string, void, void> {
    const { isMeant = () => true, shown = (job) => job, shownUnreadable = (job) => job } = view;
    let cursor: string | null | undefined;
    for (let text = headerLine(); cursor !== null; text = '') {
      const page: JobPage = await this.parts.lists.page({
        ...where,
        sort: 'id',
        limit: EXPORTED_AT_ONCE,
        ...(cursor !== undefined && { cursor }),
      });
      for (const job of page.jobs.filter(isMeant)) {
        const { args, kwargs, ...rest } = shown(job);
        const isRedacted = !isDeepStrictEqual([args, kwargs], [job.args, job.kwargs]);
        text += jobToLine({ ...rest, args, kwargs }, isRedacted);
      }
      for (const job of page.unreadable ?? []) {
        const visible = shownUnreadable(job);
        if (visible) text += unreadableToLine(visible);
      }
      cursor = page.nextCursor;
      if (text !== '') yield text;
      await this.parts.clock.yield();
    }
  }

  /**
   * One result for each line that has a job. A line that cannot be imported does not keep the others from it.
   *
   * @throws InvalidInputError for options; the error of a store that fails: the lines before are imported.
   */
  async *import(
    source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
    options: ImportStreamOptions,
    gate: ImportGate,
  ): AsyncGenerator<ImportedLine, void, void> {
    checkImportOptions(options);
    let count = 0;
    for await (const line of readLines(source, options.maxLineBytes ?? MAX_LINE_BYTES)) {
      const result = await this.importLine(line, options, gate);
      if (result) yield result;
      // A store in memory never waits for anything.
      if (++count % IMPORTED_AT_ONCE === 0) await this.parts.clock.yield();
    }
  }

  /** Undefined for a line without a job. */
  private async importLine(
    { number: line, problem, text }: TextLine,
    options: ImportStreamOptions,
    gate: ImportGate,
  ): Promise<ImportedLine | undefined> {
    let id: string | null = null;
    let jobStore: string | null = null;
    const result = (outcome: ImportedLine['outcome'], error: SchedulerError | null = null): ImportedLine => ({
      ...{ line, id, jobStore, outcome, error },
    });
    if (text?.trim() === '') return undefined;
    try {
      if (text === null) throw new SchedulerError('INVALID_INPUT', `The line ${problem}`);
      const data = parseLine(text, gate.faults);
      if (data === null) return undefined;
      if (typeof data['id'] === 'string') id = data['id'];
      const job = jobFromLine(data);
      if (isTaskLeftOut(job.definition['task'], options.tasks)) return result('skipped');
      const replaceExisting = options.onConflict === 'replace';
      const input = this.parts.mover.inputOf(job, { ...options, replaceExisting });
      ({ id = null, jobStore = 'default' } = input.job);
      const wasThere = replaceExisting && (await this.has(input));
      const { definition } = input;
      const add = (): Promise<unknown> =>
        options.dryRun ? this.parts.directory.assertAddable([input.job]) : this.parts.directory.add(input.job);
      await (gate.admit ? gate.admit(definition, add) : add());
      return result(wasThere ? 'replaced' : 'added');
    } catch (error) {
      if (!(error instanceof SchedulerError) || error.code === 'STORE_FAILED') throw error;
      const isSkipped = error instanceof ConflictingIdError && options.onConflict === 'skip';
      return isSkipped ? result('skipped') : result('failed', error);
    }
  }

  private async has({ job: { id = '', jobStore = 'default' } }: { readonly job: NewJob }): Promise<boolean> {
    try {
      return (await this.parts.directory.get(id, jobStore)) !== undefined;
    } catch (error) {
      if (error instanceof JobUnreadableError) return true;
      throw error;
    }
  }
}

function checkImportOptions(options: ImportStreamOptions): void {
  const faults: Fault[] = [];
  if (!isPlainObject(options))
    faults.push({ field: 'options', problem: `must be a plain object, got ${show(options)}` });
  const { dryRun = false, maxLineBytes = MAX_LINE_BYTES, onConflict = 'error' } = options;
  if (!IMPORT_CONFLICTS.includes(onConflict)) {
    faults.push({
      field: 'onConflict',
      problem: `must be one of ${IMPORT_CONFLICTS.join(', ')}, got ${show(onConflict)}`,
    });
  }
  if (typeof dryRun !== 'boolean')
    faults.push({ field: 'dryRun', problem: `must be true or false, got ${show(dryRun)}` });
  if (!Number.isInteger(maxLineBytes) || maxLineBytes < 1) {
    faults.push({ field: 'maxLineBytes', problem: `must be a whole number of at least 1, got ${show(maxLineBytes)}` });
  }
  if (faults.length > 0) throw new InvalidInputError('Jobs cannot be imported', faults);
}
