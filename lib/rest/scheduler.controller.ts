import {
  ConflictException,
  Controller,
  HttpCode,
  HttpStatus,
  Inject,
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
} from '../engine/errors.js';
import type { Job } from '../engine/model/job.js';
import type { UnreadableJob } from '../engine/model/unreadable-job.js';
import type { RunQuery } from '../engine/model/run-record.js';
import type { TriggerPreview } from '../engine/jobs/preview.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { SchedulerService } from '../module/scheduler.service.js';
import { AccessGuard } from './access/access.guard.js';
import { accessOf } from './access/request-access.js';
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
import { jobToDict } from './wire/job-to-dict.js';
import { runPageToDict, runToDict, unreadableRunToDict } from './wire/run-to-dict.js';
import { unreadableToDict } from './wire/unreadable-to-dict.js';

type WireObject = Record<string, unknown>;

/**
 * What Express's and Fastify's requests have alike. Read with `@Req`, since parameters such as `@Body` and `@Param` go
 * through the application's global pipes, which may change an id or refuse a body with other messages.
 */
interface ApiRequest {
  readonly params: { readonly id: string };
  readonly query: unknown;
  readonly body?: unknown;
}

interface ApiResponse {
  status(code: number): unknown;
}

/**
 * Flask-APScheduler's REST API, and beside it runs and previews. Where it is served, `restRegistration` decides.
 */
@Controller()
@UseGuards(OriginGuard, ApiGuard, AccessGuard)
@UseFilters(SchedulerExceptionFilter)
export class SchedulerController {
  private readonly input: JobInput;

  constructor(
    @Inject(SchedulerService) private readonly scheduler: SchedulerService,
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
  ) {
    this.input = new JobInput(scheduler);
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
  async getJobs(): Promise<WireObject[]> {
    const unreadable: UnreadableJob[] = [];
    const jobs = await this.scheduler.getJobs(undefined, (job) => unreadable.push(job));
    return [...jobs.map(jobToDict), ...unreadable.map(unreadableToDict)];
  }

  @Route('add_job')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async addJob(@Req() { body }: ApiRequest): Promise<WireObject> {
    return jobToDict(await this.scheduler.addJob(this.input.definition(body)));
  }

  @Route('get_job')
  async getJob(@Req() { params: { id } }: ApiRequest): Promise<WireObject> {
    try {
      return jobToDict(await this.find(id));
    } catch (error) {
      if (!(error instanceof JobUnreadableError)) throw error;
      return { ...unreadableToDict(error.job), raw: error.job.raw };
    }
  }

  @Route('update_job')
  @UseInterceptors(JsonBodyInterceptor)
  async updateJob(@Req() { params: { id }, body }: ApiRequest): Promise<WireObject> {
    const job = await this.find(id);
    return jobToDict(await this.scheduler.modifyJob(id, this.input.changes(body, job), job.jobStore));
  }

  @Route('delete_job')
  @HttpCode(HttpStatus.NO_CONTENT)
  async deleteJob(@Req() { params: { id } }: ApiRequest): Promise<void> {
    await this.scheduler.removeJob(id);
  }

  @Route('pause_job')
  @HttpCode(HttpStatus.OK)
  async pauseJob(@Req() { params: { id } }: ApiRequest): Promise<WireObject> {
    return jobToDict(await this.scheduler.pauseJob(id));
  }

  @Route('resume_job')
  @HttpCode(HttpStatus.OK)
  async resumeJob(@Req() { params: { id } }: ApiRequest): Promise<WireObject> {
    return jobToDict(await this.scheduler.resumeJob(id));
  }

  @Route('run_job')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async runJob(
    @Req() { params: { id }, body, query }: ApiRequest,
    @Res({ passthrough: true }) response: ApiResponse,
  ): Promise<WireObject> {
    const job = await this.find(id);
    const { wait, ...options } = this.input.run(body, query, job);
    if (!wait) {
      const run = await this.scheduler.runJob(id, { ...options, wait });
      response.status(HttpStatus.ACCEPTED);
      return runToDict(run);
    }
    await this.scheduler.runJob(id, options);
    // Its own task may have removed it meanwhile.
    return jobToDict((await this.scheduler.getJob(id, job.jobStore)) ?? job);
  }

  @Route('get_job_runs')
  async getJobRuns(@Req() { params: { id }, query }: ApiRequest): Promise<WireObject> {
    const page = await this.scheduler.getRuns({ ...this.runQuery(JobRunQueryDto, query), jobId: id });
    // A job that has ended is gone, and its runs are still there.
    if (page.runs.length === 0 && !page.unreadable && !(await this.isKnown(id))) throw new JobLookupError(id);
    return runPageToDict(page);
  }

  @Route('get_next_run_times')
  async getNextRunTimes(@Req() { params: { id }, query }: ApiRequest): Promise<WireObject> {
    return previewToDict(await this.scheduler.previewJob(id, readPreview(PreviewQueryDto, query).options));
  }

  @Route('get_runs')
  async getRuns(@Req() { query }: ApiRequest): Promise<WireObject> {
    return runPageToDict(await this.scheduler.getRuns(this.runQuery(RunQueryDto, query)));
  }

  @Route('get_run')
  async getRun(@Req() { params: { id } }: ApiRequest): Promise<WireObject> {
    try {
      const run = await this.scheduler.getRun(id);
      if (!run) throw new RunLookupError(id);
      return runToDict(run);
    } catch (error) {
      if (!(error instanceof RunUnreadableError)) throw error;
      return { ...unreadableRunToDict(error.run), raw: error.run.raw };
    }
  }

  @Route('delete_run')
  @HttpCode(HttpStatus.NO_CONTENT)
  async deleteRun(@Req() { params: { id } }: ApiRequest): Promise<void> {
    await this.scheduler.removeRun(id);
  }

  @Route('cancel_run')
  @HttpCode(HttpStatus.OK)
  async cancelRun(
    @Req() { params: { id } }: ApiRequest,
    @Res({ passthrough: true }) response: ApiResponse,
  ): Promise<WireObject> {
    const run = await this.scheduler.cancelRun(id);
    // Its node has been asked to, and has not done so yet.
    if (run.finishedAt === null) response.status(HttpStatus.ACCEPTED);
    return runToDict(run);
  }

  @Route('preview_trigger')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async previewTrigger(@Req() { body }: ApiRequest): Promise<WireObject> {
    const { trigger, options } = readPreview(PreviewDto, body);
    return previewToDict(await this.scheduler.preview(trigger, options));
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

function previewToDict({ description, timezone, times }: TriggerPreview): WireObject {
  return { description, timezone, next_run_times: times.map(({ iso }) => iso) };
}
