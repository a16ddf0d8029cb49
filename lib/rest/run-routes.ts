import { HttpCode, HttpStatus, Inject, Req, Res, type Type } from '@nestjs/common';
import { JobLookupError, JobUnreadableError, RunLookupError, RunUnreadableError } from '../engine/errors.js';
import type { RunPage, RunQuery } from '../engine/model/run-record.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { SchedulerService } from '../module/scheduler.service.js';
import type { ApiRequest, ApiResponse } from './api-request.js';
import { JobRunQueryDto, RunQueryDto } from './dto/run.dto.js';
import { Route } from './endpoints/route.decorator.js';
import { JobInput } from './input/job-input.js';
import { readRunQuery } from './input/request-input.js';
import { JobLimits } from './job-limits.js';
import { ListedJobs } from './listed-jobs.js';
import { VisibleJobs } from './visible-jobs.js';
import { WireViews } from './wire-views.js';

type WireObject = Record<string, unknown>;

/** The routes of runs. The controller inherits them: Nest gives one class its prefix, guards and filter. */
export abstract class RunRoutes {
  protected readonly visible: VisibleJobs;
  protected readonly lists: ListedJobs;
  protected readonly input: JobInput;
  protected readonly jobLimits: JobLimits;

  constructor(
    @Inject(SchedulerService) protected readonly scheduler: SchedulerService,
    @Inject(WireViews) protected readonly views: WireViews,
    @Inject(SCHEDULER_OPTIONS) protected readonly options: ResolvedSchedulerOptions,
  ) {
    this.visible = new VisibleJobs(scheduler);
    this.lists = new ListedJobs(scheduler, this.visible);
    this.input = new JobInput(scheduler);
    this.jobLimits = new JobLimits(scheduler, options.limits);
  }

  @Route('get_job_runs')
  async getJobRuns(@Req() request: ApiRequest): Promise<WireObject> {
    const { params, query } = request;
    const { id } = params;
    if (this.visible.areLimited(request)) await this.visible.find(request, id);
    const page = await this.scheduler.getRuns({ ...this.runQuery(JobRunQueryDto, query), jobId: id });
    // A job that has ended is gone, and its runs are still there.
    if (page.runs.length === 0 && !page.unreadable && !(await this.isKnown(id))) throw new JobLookupError(id);
    return this.showPage(request, page);
  }

  @Route('get_runs')
  async getRuns(@Req() request: ApiRequest): Promise<WireObject> {
    return this.showPage(request, await this.scheduler.getRuns(this.runQuery(RunQueryDto, request.query)));
  }

  @Route('get_run')
  async getRun(@Req() request: ApiRequest): Promise<WireObject> {
    const view = this.views.of(request);
    const { id } = request.params;
    await this.visible.assertRun(request, id);
    try {
      const run = await this.scheduler.getRun(id);
      if (!run) throw new RunLookupError(id);
      return view.run(run);
    } catch (error) {
      if (!(error instanceof RunUnreadableError)) throw error;
      return view.damagedRun(error.run);
    }
  }

  @Route('delete_run')
  @HttpCode(HttpStatus.NO_CONTENT)
  async deleteRun(@Req() request: ApiRequest): Promise<void> {
    await this.visible.assertRun(request, request.params.id);
    await this.scheduler.removeRun(request.params.id);
  }

  @Route('cancel_run')
  @HttpCode(HttpStatus.OK)
  async cancelRun(@Req() request: ApiRequest, @Res({ passthrough: true }) response: ApiResponse): Promise<WireObject> {
    await this.visible.assertRun(request, request.params.id);
    const run = await this.scheduler.cancelRun(request.params.id);
    // Its node has been asked to, and has not done so yet.
    if (run.finishedAt === null) response.status(HttpStatus.ACCEPTED);
    return this.views.of(request).run(run);
  }

  /** A page may have fewer runs than its limit where not all may be seen: its cursor goes on after all of them. */
  private async showPage(request: ApiRequest, page: RunPage): Promise<WireObject> {
    const { runs, unreadable, nextCursor } = page;
    const shown = { runs: await this.visible.runs(request, runs), nextCursor };
    const isAll = unreadable !== undefined && !this.visible.areLimited(request);
    return this.views.of(request).runPage(isAll ? { ...shown, unreadable } : shown);
  }

  private async isKnown(jobId: string): Promise<boolean> {
    const isJob = await this.scheduler.getJob(jobId).catch((error: unknown) => {
      if (error instanceof JobUnreadableError) return true;
      throw error;
    });
    if (isJob) return true;
    const { runs, unreadable } = await this.scheduler.getRuns({ jobId, limit: 1 });
    return runs.length > 0 || unreadable !== undefined;
  }

  private runQuery(type: Type<JobRunQueryDto>, query: unknown): RunQuery {
    return readRunQuery(type, query, (read) => this.scheduler.checkRunQuery(read));
  }
}
