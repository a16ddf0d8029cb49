import {
  ConflictException,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Inject,
  Patch,
  Post,
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
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { SchedulerService } from '../module/scheduler.service.js';
import type { ApiRequest, ApiResponse } from './api-request.js';
import { ApiGuard } from './auth/api.guard.js';
import { OriginGuard } from './auth/origin.guard.js';
import { JsonBodyInterceptor } from './body/json-body.interceptor.js';
import { show } from '../engine/util/inspect.js';
import { InvalidBodyException } from './dto/invalid-body.exception.js';
import { JobBodyReader } from './dto/job-body.reader.js';
import { readPreview, readPreviewQuery } from './dto/read-preview.js';
import { readRunJob } from './dto/read-run-job.js';
import { readRunQuery } from './dto/read-run-query.js';
import { readScope, readShutdown } from './dto/read-scope.js';
import { JobRunQueryDto, RunQueryDto } from './dto/run-query.dto.js';
import { SchedulerExceptionFilter } from './scheduler-exception.filter.js';
import { healthToDict } from './wire/health-to-dict.js';
import { jobToDict } from './wire/job-to-dict.js';
import { previewToDict } from './wire/preview-to-dict.js';
import { runPageToDict, runToDict, unreadableRunToDict } from './wire/run-to-dict.js';
import { unreadableToDict } from './wire/unreadable-to-dict.js';

type WireObject = Record<string, unknown>;

/**
 * Flask-APScheduler's REST API, and beside it runs and previews. Where it is served, `restRegistration` decides.
 */
@Controller()
@UseGuards(OriginGuard, ApiGuard)
@UseFilters(SchedulerExceptionFilter)
export class SchedulerController {
  private readonly bodies: JobBodyReader;

  constructor(
    @Inject(SchedulerService) private readonly scheduler: SchedulerService,
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
  ) {
    this.bodies = new JobBodyReader(scheduler);
  }

  @Get()
  getSchedulerInfo(): WireObject {
    const { clusterState, hostName, allowedHosts, running } = this.scheduler;
    const original = { current_host: hostName, allowed_hosts: allowedHosts, running };
    return { ...original, state: this.scheduler.health().state, cluster_state: clusterState?.mode ?? null };
  }

  @Get('health')
  getHealth(@Res({ passthrough: true }) response: ApiResponse): WireObject {
    const health = this.scheduler.health();
    if (health.status === 'down') response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return healthToDict(health);
  }

  @Post('start')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async startScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    try {
      await this.scheduler.start(readScope(body, query));
    } catch (error) {
      if (!(error instanceof ConflictingIdError)) throw error;
      // Whoever starts has added nothing just now, and is to know which job this is about.
      throw new ConflictException(
        `The scheduler cannot start: Job ${error.jobId} already exists. ` +
          'One of this id was added here before the start: remove it here, and start again',
      );
    }
  }

  @Post('shutdown')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async shutdownScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    await this.scheduler.shutdown({ ...readShutdown(body, query), timeout: this.options.shutdownTimeout });
  }

  @Post('pause')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async pauseScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    await this.scheduler.pause(readScope(body, query));
  }

  @Post('resume')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async resumeScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    await this.scheduler.resume(readScope(body, query));
  }

  @Get('jobs')
  async getJobs(): Promise<WireObject[]> {
    const unreadable: UnreadableJob[] = [];
    const jobs = await this.scheduler.getJobs(undefined, (job) => unreadable.push(job));
    return [...jobs.map(jobToDict), ...unreadable.map(unreadableToDict)];
  }

  @Post('jobs')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async addJob(@Req() { body }: ApiRequest): Promise<WireObject> {
    return jobToDict(await this.scheduler.addJob(this.bodies.definition(body)));
  }

  @Get('jobs/:id')
  async getJob(@Req() { params: { id } }: ApiRequest): Promise<WireObject> {
    try {
      return jobToDict(await this.find(id));
    } catch (error) {
      if (!(error instanceof JobUnreadableError)) throw error;
      return { ...unreadableToDict(error.job), raw: error.job.raw };
    }
  }

  @Patch('jobs/:id')
  @UseInterceptors(JsonBodyInterceptor)
  async updateJob(@Req() { params: { id }, body }: ApiRequest): Promise<WireObject> {
    const job = await this.find(id);
    return jobToDict(await this.scheduler.modifyJob(id, this.bodies.changes(body, job), job.jobStore));
  }

  @Delete('jobs/:id')
  @HttpCode(HttpStatus.NO_CONTENT)
  async deleteJob(@Req() { params: { id } }: ApiRequest): Promise<void> {
    await this.scheduler.removeJob(id);
  }

  @Post('jobs/:id/pause')
  @HttpCode(HttpStatus.OK)
  async pauseJob(@Req() { params: { id } }: ApiRequest): Promise<WireObject> {
    return jobToDict(await this.scheduler.pauseJob(id));
  }

  @Post('jobs/:id/resume')
  @HttpCode(HttpStatus.OK)
  async resumeJob(@Req() { params: { id } }: ApiRequest): Promise<WireObject> {
    return jobToDict(await this.scheduler.resumeJob(id));
  }

  @Post('jobs/:id/run')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async runJob(
    @Req() { params: { id }, body, query }: ApiRequest,
    @Res({ passthrough: true }) response: ApiResponse,
  ): Promise<WireObject> {
    const job = await this.find(id);
    const { jobStore } = job;
    const { wait, ...call } = readRunJob(body, query);
    const faults = this.bodies.argumentFaults(job, call);
    if (faults.length > 0) throw new InvalidBodyException(`Invalid run of job ${show(id)}`, faults);
    if (!wait) {
      const run = await this.scheduler.runJob(id, { ...call, jobStore, wait });
      response.status(HttpStatus.ACCEPTED);
      return runToDict(run);
    }
    await this.scheduler.runJob(id, { ...call, jobStore });
    // Its own task may have removed it meanwhile.
    return jobToDict((await this.scheduler.getJob(id, jobStore)) ?? job);
  }

  @Get('jobs/:id/runs')
  async getJobRuns(@Req() { params: { id }, query }: ApiRequest): Promise<WireObject> {
    const page = await this.scheduler.getRuns({ ...this.runQuery(JobRunQueryDto, query), jobId: id });
    // A job that has ended is gone, and its runs are still there.
    if (page.runs.length === 0 && !page.unreadable && !(await this.isKnown(id))) throw new JobLookupError(id);
    return runPageToDict(page);
  }

  @Get('jobs/:id/next')
  async getNextRunTimes(@Req() { params: { id }, query }: ApiRequest): Promise<WireObject> {
    return previewToDict(await this.scheduler.previewJob(id, readPreviewQuery(query)));
  }

  @Get('runs')
  async getRuns(@Req() { query }: ApiRequest): Promise<WireObject> {
    return runPageToDict(await this.scheduler.getRuns(this.runQuery(RunQueryDto, query)));
  }

  @Get('runs/:id')
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

  @Post('runs/:id/cancel')
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

  @Post('preview')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async previewTrigger(@Req() { body }: ApiRequest): Promise<WireObject> {
    const { trigger, options } = readPreview(body);
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
