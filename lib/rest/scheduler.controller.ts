import {
  ConflictException,
  Controller,
  HttpCode,
  HttpStatus,
  Inject,
  InternalServerErrorException,
  Req,
  Res,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type Type,
} from '@nestjs/common';
import {
  ConflictingIdError,
  JobLookupError,
  JobUnreadableError,
  RunLookupError,
  RunUnreadableError,
  TaskFailedError,
} from '../engine/errors.js';
import type { Job } from '../engine/model/job.js';
import type { UnreadableJob } from '../engine/model/unreadable-job.js';
import type { RunQuery } from '../engine/model/run-record.js';
import { nestLogger } from '../module/nest.logger.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { SchedulerService } from '../module/scheduler.service.js';
import { AccessGuard } from './access/access.guard.js';
import { accessOf } from './access/request-access.js';
import type { ApiRequest, ApiResponse } from './api-request.js';
import { ApiGuard } from './auth/api.guard.js';
import { OriginGuard } from './auth/origin.guard.js';
import { JsonBodyInterceptor } from './body/json-body.interceptor.js';
import { JobRunQueryDto, RunQueryDto } from './dto/run.dto.js';
import { ScopeDto, ShutdownDto } from './dto/scope.dto.js';
import { PreviewDto, PreviewQueryDto } from './dto/trigger.dto.js';
import { Route } from './endpoints/route.decorator.js';
import { JobInput } from './input/job-input.js';
import { readPreview, readRunQuery, readScope } from './input/request-input.js';
import { SchedulerExceptionFilter } from './scheduler-exception.filter.js';
import { healthToDict } from './wire/health-to-dict.js';
import { previewToDict } from './wire/preview-to-dict.js';
import { Redactor } from './wire/redactor.js';
import { WireView } from './wire/wire-view.js';

type WireObject = Record<string, unknown>;

/**
 * Flask-APScheduler's REST API, and beside it runs and previews. Where it is served, `restRegistration` decides.
 */
@Controller()
@UseGuards(OriginGuard, ApiGuard, AccessGuard)
@UseFilters(SchedulerExceptionFilter)
export class SchedulerController {
  private readonly input: JobInput;
  private readonly openView = new WireView();
  private readonly redactedView: WireView;

  constructor(
    @Inject(SchedulerService) private readonly scheduler: SchedulerService,
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
  ) {
    this.input = new JobInput(scheduler);
    this.redactedView = new WireView(options.redact && new Redactor(options.redact, nestLogger()));
  }

  @Route('get_scheduler_info')
  getSchedulerInfo(@Req() request: ApiRequest): WireObject {
    const { clusterState, hostName, allowedHosts, running } = this.scheduler;
    const original = { current_host: hostName, allowed_hosts: allowedHosts, running };
    const { state } = this.scheduler.health();
    const { actions } = accessOf(request);
    return { ...original, state, cluster_state: clusterState?.mode ?? null, can: [...actions] };
  }

  @Route('get_health')
  getHealth(@Res({ passthrough: true }) response: ApiResponse): WireObject {
    const health = this.scheduler.health();
    if (health.status === 'down') response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return healthToDict(health);
  }

  @Route('start_scheduler')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async startScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    try {
      await this.scheduler.start(readScope(ScopeDto, body, query));
    } catch (error) {
      if (!(error instanceof ConflictingIdError)) throw error;
      // Whoever starts has added nothing just now, and is to know which job this is about.
      throw new ConflictException(
        `The scheduler cannot start: Job ${error.jobId} already exists. ` +
          'One of this id was added here before the start: remove it here, and start again',
      );
    }
  }

  @Route('shutdown_scheduler')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async shutdownScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    const asked = readScope(ShutdownDto, body, query);
    await this.scheduler.shutdown({ wait: true, ...asked, timeout: this.options.shutdownTimeout });
  }

  @Route('pause_scheduler')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async pauseScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    await this.scheduler.pause(readScope(ScopeDto, body, query));
  }

  @Route('resume_scheduler')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async resumeScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    await this.scheduler.resume(readScope(ScopeDto, body, query));
  }

  @Route('get_jobs')
  async getJobs(@Req() request: ApiRequest): Promise<WireObject[]> {
    const view = this.viewOf(request);
    const unreadable: UnreadableJob[] = [];
    const jobs = await this.scheduler.getJobs(undefined, (job) => unreadable.push(job));
    return [...jobs.map((job) => view.job(job)), ...unreadable.map((job) => view.unreadableJob(job))];
  }

  @Route('add_job')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async addJob(@Req() request: ApiRequest): Promise<WireObject> {
    return this.viewOf(request).job(await this.scheduler.addJob(this.input.definition(request.body)));
  }

  @Route('get_job')
  async getJob(@Req() request: ApiRequest): Promise<WireObject> {
    const view = this.viewOf(request);
    try {
      return view.job(await this.find(request.params.id));
    } catch (error) {
      if (!(error instanceof JobUnreadableError)) throw error;
      return view.damagedJob(error.job);
    }
  }

  @Route('update_job')
  @UseInterceptors(JsonBodyInterceptor)
  async updateJob(@Req() request: ApiRequest): Promise<WireObject> {
    const view = this.viewOf(request);
    const job = await this.find(request.params.id);
    // What is sent back as it was shown is no change, redacted values included.
    const changes = this.input.changes(request.body, job, view.job(job));
    return view.job(await this.scheduler.modifyJob(job.id, changes, job.jobStore));
  }

  @Route('delete_job')
  @HttpCode(HttpStatus.NO_CONTENT)
  async deleteJob(@Req() { params: { id } }: ApiRequest): Promise<void> {
    await this.scheduler.removeJob(id);
  }

  @Route('pause_job')
  @HttpCode(HttpStatus.OK)
  async pauseJob(@Req() request: ApiRequest): Promise<WireObject> {
    return this.viewOf(request).job(await this.scheduler.pauseJob(request.params.id));
  }

  @Route('resume_job')
  @HttpCode(HttpStatus.OK)
  async resumeJob(@Req() request: ApiRequest): Promise<WireObject> {
    return this.viewOf(request).job(await this.scheduler.resumeJob(request.params.id));
  }

  @Route('run_job')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async runJob(@Req() request: ApiRequest, @Res({ passthrough: true }) response: ApiResponse): Promise<WireObject> {
    const view = this.viewOf(request);
    const job = await this.find(request.params.id);
    const { wait, ...options } = this.input.run(request.body, request.query, job);
    if (!wait) {
      const run = await this.scheduler.runJob(job.id, { ...options, wait });
      response.status(HttpStatus.ACCEPTED);
      return view.run(run);
    }
    try {
      await this.scheduler.runJob(job.id, options);
    } catch (error) {
      if (!(error instanceof TaskFailedError)) throw error;
      throw new InternalServerErrorException(view.errorMessage(error.message, job), { cause: error });
    }
    // Its own task may have removed it meanwhile.
    return view.job((await this.scheduler.getJob(job.id, job.jobStore)) ?? job);
  }

  @Route('get_job_runs')
  async getJobRuns(@Req() request: ApiRequest): Promise<WireObject> {
    const { params, query } = request;
    const { id } = params;
    const page = await this.scheduler.getRuns({ ...this.runQuery(JobRunQueryDto, query), jobId: id });
    // A job that has ended is gone, and its runs are still there.
    if (page.runs.length === 0 && !page.unreadable && !(await this.isKnown(id))) throw new JobLookupError(id);
    return this.viewOf(request).runPage(page);
  }

  @Route('get_next_run_times')
  async getNextRunTimes(@Req() { params: { id }, query }: ApiRequest): Promise<WireObject> {
    return previewToDict(await this.scheduler.previewJob(id, readPreview(PreviewQueryDto, query).options));
  }

  @Route('get_runs')
  async getRuns(@Req() request: ApiRequest): Promise<WireObject> {
    const page = await this.scheduler.getRuns(this.runQuery(RunQueryDto, request.query));
    return this.viewOf(request).runPage(page);
  }

  @Route('get_run')
  async getRun(@Req() request: ApiRequest): Promise<WireObject> {
    const view = this.viewOf(request);
    const { id } = request.params;
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
  async deleteRun(@Req() { params: { id } }: ApiRequest): Promise<void> {
    await this.scheduler.removeRun(id);
  }

  @Route('cancel_run')
  @HttpCode(HttpStatus.OK)
  async cancelRun(@Req() request: ApiRequest, @Res({ passthrough: true }) response: ApiResponse): Promise<WireObject> {
    const run = await this.scheduler.cancelRun(request.params.id);
    // Its node has been asked to, and has not done so yet.
    if (run.finishedAt === null) response.status(HttpStatus.ACCEPTED);
    return this.viewOf(request).run(run);
  }

  @Route('get_tasks')
  getTasks(): WireObject[] {
    return this.scheduler.tasks
      .list()
      .filter(({ rest }) => rest)
      .map(({ name, description, args }) => ({ func: name, description, argument_schema: args?.jsonSchema ?? null }));
  }

  @Route('preview_trigger')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async previewTrigger(@Req() { body }: ApiRequest): Promise<WireObject> {
    const { trigger, options } = readPreview(PreviewDto, body);
    return previewToDict(await this.scheduler.preview(trigger, options));
  }

  /** What is shown to who sends a request. */
  private viewOf(request: ApiRequest): WireView {
    return accessOf(request).actions.has('secrets.read') ? this.openView : this.redactedView;
  }

  private async find(id: string): Promise<Job> {
    const job = await this.scheduler.getJob(id);
    if (!job) throw new JobLookupError(id);
    return job;
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
