import { ForbiddenException } from '@nestjs/common';
import { JobLookupError, JobUnreadableError, RunLookupError } from '../engine/errors.js';
import type { BulkRequest } from '../engine/jobs/bulk-jobs.js';
import { jobVersion } from '../engine/jobs/job-version.js';
import type { AuditEntry } from '../engine/model/audit.js';
import type { Job } from '../engine/model/job.js';
import type { JobQuery } from '../engine/model/job-query.js';
import type { Run } from '../engine/model/run-record.js';
import type { SchedulerService } from '../module/scheduler.service.js';
import { accessOf } from './access/request-access.js';

/**
 * The jobs that a request may see: all, or those that carry one of the tags of its access. The others are not found, nor are
 * their runs; neither is what cannot be read, since its tags are not known.
 */
export class VisibleJobs {
  constructor(private readonly scheduler: SchedulerService) {}

  /** Whether a request may see some jobs only. */
  areLimited(request: object): boolean {
    return accessOf(request).tags !== null;
  }

  /** Refuses actors that may see some jobs only: for responses about all jobs. @throws ForbiddenException */
  assertUnlimited(request: object): void {
    if (this.areLimited(request)) throw new ForbiddenException('This needs access to all jobs');
  }

  /**
   * How to find what a request asks for among the jobs that it may see. Of who is limited to tags, stores are asked for these tags,
   * and not for others: a page's cursor names a job, which must be one that they may see.
   *
   * @returns what to ask for in place of `where`, and which of the jobs found are meant; without the latter, all are.
   */
  within<T extends Pick<JobQuery, 'tag'>>(
    request: object,
    where: T,
  ): { readonly where: T; readonly isMeant?: (job: Job) => boolean } {
    const { tags } = accessOf(request);
    if (tags === null) return { where };
    const asked = [where.tag ?? tags].flat();
    const tag = asked.every((one) => tags.includes(one)) ? asked : tags;
    return {
      where: { ...where, tag },
      isMeant: ({ tags: given }) => hasOneOf(tags, given) && hasOneOf(asked, given),
    };
  }

  filter(request: object, jobs: readonly Job[]): readonly Job[] {
    return jobs.filter((job) => this.isVisible(request, job));
  }

  isVisible(request: object, { tags: given }: Job): boolean {
    const { tags } = accessOf(request);
    return tags === null || hasOneOf(tags, given);
  }

  /** @throws JobLookupError; JobUnreadableError only if all jobs may be seen */
  async find(request: object, id: string): Promise<Job> {
    const { tags } = accessOf(request);
    const job = await this.scheduler.getJob(id).catch((error: unknown) => {
      if (tags === null || !(error instanceof JobUnreadableError)) throw error;
      return undefined;
    });
    if (!job || !this.isVisible(request, job)) throw new JobLookupError(id);
    return job;
  }

  /** Those of these runs whose job may be seen. */
  async runs(request: object, runs: readonly Run[]): Promise<readonly Run[]> {
    if (!this.areLimited(request)) return runs;
    const visible = await this.visibleIds(
      request,
      runs.map(({ jobId }) => jobId),
    );
    return runs.filter(({ jobId }) => visible.has(jobId));
  }

  /** Those of these entries whose job may be seen; what concerns no single job, only those may see who see all jobs. */
  async entries(request: object, entries: readonly AuditEntry[]): Promise<readonly AuditEntry[]> {
    if (!this.areLimited(request)) return entries;
    const visible = await this.visibleIds(
      request,
      entries.flatMap(({ jobId }) => jobId ?? []),
    );
    return entries.filter(({ jobId }) => jobId !== null && visible.has(jobId));
  }

  /** @throws RunLookupError unless the run's job may be seen. What a run without a job belongs to is not known. */
  async assertRun(request: object, id: string): Promise<void> {
    if (!this.areLimited(request)) return;
    const run = await this.scheduler.getRun(id).catch(() => undefined);
    if (!run || !(await this.has(request, run.jobId))) throw new RunLookupError(id);
  }

  /**
   * A job that is added, or changed tags of one, must be visible to who does it.
   *
   * @throws ForbiddenException
   */
  assertTags(request: object, given: readonly string[] = []): void {
    const { tags } = accessOf(request);
    if (tags === null || hasOneOf(tags, given)) return;
    throw new ForbiddenException(`The job must have one of the tags that you are limited to: ${tags.join(', ')}`);
  }

  /**
   * Who is limited to tags can take none of these from jobs: they might not see the jobs any more.
   *
   * @throws ForbiddenException
   */
  assertRetagging(request: object, { action, tags: given = [] }: Pick<BulkRequest, 'action' | 'tags'>): void {
    const { tags } = accessOf(request);
    if (action !== 'untag' || tags === null || !hasOneOf(tags, given)) return;
    throw new ForbiddenException(`A tag that you are limited to cannot be taken from jobs: ${tags.join(', ')}`);
  }

  /** @throws ForbiddenException: the job that is replaced may be any. */
  assertNoReplacement(request: object, replaces: boolean | undefined): void {
    if (!replaces || !this.areLimited(request)) return;
    throw new ForbiddenException('replace_existing needs access to all jobs: change the job by PATCH');
  }

  /** For those who see some jobs only, a job must still be one of them when it is changed. */
  precondition(request: object, job: Job): { readonly ifVersion?: string } {
    return this.areLimited(request) ? { ifVersion: jobVersion(job) } : {};
  }

  private async visibleIds(request: object, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const visible = new Set<string>();
    for (const id of new Set(ids)) if (await this.has(request, id)) visible.add(id);
    return visible;
  }

  async has(request: object, id: string): Promise<boolean> {
    try {
      await this.find(request, id);
      return true;
    } catch (error) {
      if (error instanceof JobLookupError) return false;
      throw error;
    }
  }
}

function hasOneOf(tags: readonly string[], given: readonly string[]): boolean {
  return given.some((tag) => tags.includes(tag));
}
