import { compareReleases } from './releases.js';
import type { JobDirectory } from './job-directory.js';
import type { JobFactory } from './job-factory.js';
import { JobCompletedError } from '../errors.js';
import type { NewJob } from './job-placement.js';
import type { Job } from '../model/job.js';
import type { StoreEntry } from '../runs/store-entry.js';
import { LostDeclarations, type LostDeclarationsParts } from './lost-declarations.js';

export interface DeclaredJobsParts extends Omit<LostDeclarationsParts, 'declare'> {
  readonly directory: JobDirectory;
  readonly factory: JobFactory;
  /** What this program is: null when it does not say. */
  readonly release: string | null;
  /** Whether jobs of earlier releases go that are declared no more. */
  readonly prune: boolean;
  /** By its roles, whether this node declares jobs at all: if not, it only knows which ones the program declares. */
  readonly schedules: boolean;
}

/** How many jobs a log line names. */
const MOST_NAMED = 20;

/** The jobs that this program declares, beside those that were declared before and are no longer. */
export class DeclaredJobs {
  /** Ids by job store. */
  private readonly here = new Map<string, Set<string>>();
  private isComplete = false;
  private readonly lost: LostDeclarations;

  constructor(private readonly parts: DeclaredJobsParts) {
    this.lost = new LostDeclarations({ ...parts, declare: (job) => this.declare(job) });
  }

  get prunes(): boolean {
    return this.parts.prune && this.parts.schedules;
  }

  /** Adds a job as declared here; undefined, and it is not added, when its last time is past, it has completed, or this node declares none. */
  async declare(job: NewJob): Promise<Job | undefined> {
    const { directory, factory, logger, release, schedules } = this.parts;
    // Past or not: it is declared.
    if (job.id !== undefined) this.note(job.id, job.jobStore ?? 'default');
    if (!schedules || factory.isPast(job)) return undefined;
    try {
      const declared = await directory.add({ ...job, replaceExisting: true, declares: { release } });
      this.lost.add(declared.id, declared.jobStore, job);
      return declared;
    } catch (error) {
      if (!(error instanceof JobCompletedError)) throw error;
      logger.info(error.message);
      return undefined;
    }
  }

  /** A store has lost jobs that were not removed. */
  jobsLost(entry: StoreEntry): void {
    this.lost.jobsLost(entry);
  }

  /** The scheduler has stopped. */
  stop(): void {
    this.lost.stop();
  }

  /** From here on, a job that is not declared here is one that will not be. */
  async complete(isStarted: boolean): Promise<void> {
    this.isComplete = true;
    if (isStarted) await this.review();
  }

  /** Jobs that were declared once, and neither here nor by a later release. */
  async undeclared(jobStore?: string): Promise<readonly Job[]> {
    const declared = await this.parts.directory.list(jobStore, 'declared');
    return declared.filter((job) => !this.has(job) && !this.isLater(job));
  }

  /** Reports jobs that are no longer declared, and removes them if `prune` is set. Never fails: jobs run all the same. */
  async review(): Promise<void> {
    this.lost.start();
    if (!this.isComplete || !this.parts.schedules) return;
    const { directory, logger, prune, release } = this.parts;
    try {
      const declared = await directory.list(undefined, 'declared');
      logger.info(this.summaryOf(declared.filter((job) => this.has(job))));
      const superseded = declared.filter((job) => this.has(job) && this.isLater(job));
      if (superseded.length > 0) {
        logger.warn(
          `This is release ${release}; left as later releases declare them: ${named(superseded)}. A release that goes back to an earlier state needs a later name`,
        );
      }
      const undeclared = declared.filter((job) => !this.has(job) && !this.isLater(job));
      const left = prune ? await this.prune(undeclared) : undeclared;
      if (left.length > 0) logger.warn(`Declared once, and not by this program: ${named(left)}. ${this.hint}`);
    } catch (error) {
      logger.error('Jobs that are declared no more could not be looked for', error);
    }
  }

  private summaryOf(jobs: readonly Job[]): string {
    const next = Math.min(...jobs.map(({ nextRunTime }) => nextRunTime ?? Infinity));
    const when = next === Infinity ? 'none is due' : `the next is due at ${new Date(next).toISOString()}`;
    return jobs.length === 0 ? 'No jobs are declared' : `${jobs.length} job(s) declared; ${when}`;
  }

  private get hint(): string {
    return this.parts.prune
      ? 'They stay: no earlier release has declared them last'
      : 'They go on; remove them, or say prune and release';
  }

  /** @returns those that stay. */
  private async prune(jobs: readonly Job[]): Promise<readonly Job[]> {
    const removed: Job[] = [];
    for (const job of jobs) {
      if (!this.isOfEarlier(job)) continue;
      // It may be declared again meanwhile.
      if (await this.parts.directory.removeIf(job.id, job.jobStore, (now) => this.isOfEarlier(now))) removed.push(job);
    }
    if (removed.length > 0) {
      this.parts.logger.info(`Removed, as release ${this.parts.release} does not declare them: ${named(removed)}`);
    }
    return jobs.filter((job) => !this.isOfEarlier(job));
  }

  private note(id: string, jobStore: string): void {
    const ids = this.here.get(jobStore);
    if (ids) ids.add(id);
    else this.here.set(jobStore, new Set([id]));
  }

  private has({ id, jobStore }: Job): boolean {
    return this.here.get(jobStore)?.has(id) ?? false;
  }

  private isLater({ declaredBy }: Job): boolean {
    const { release } = this.parts;
    return release !== null && declaredBy !== undefined && compareReleases(declaredBy.release, release) > 0;
  }

  private isOfEarlier({ declaredBy }: Pick<Job, 'declaredBy'>): boolean {
    const { release } = this.parts;
    return release !== null && declaredBy !== undefined && compareReleases(declaredBy.release, release) < 0;
  }
}

function named(jobs: readonly Job[]): string {
  const names = jobs.slice(0, MOST_NAMED).map(({ id, declaredBy }) => {
    const { release = null } = declaredBy ?? {};
    return release === null ? `"${id}"` : `"${id}" (release ${release})`;
  });
  const more = jobs.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
