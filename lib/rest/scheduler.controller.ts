import {
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Inject,
  Patch,
  Post,
  Req,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { JobLookupError } from '../engine/errors.js';
import type { Job } from '../engine/job.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { SchedulerService } from '../module/scheduler.service.js';
import type { ApiRequest } from './api-request.js';
import { ApiGuard } from './auth/api.guard.js';
import { OriginGuard } from './auth/origin.guard.js';
import { JsonBodyInterceptor } from './body/json-body.interceptor.js';
import { JobBodyReader } from './dto/job-body.reader.js';
import { readPreview, readPreviewQuery } from './dto/read-preview.js';
import { readShutdown } from './dto/read-shutdown.js';
import { SchedulerExceptionFilter } from './scheduler-exception.filter.js';
import { jobToDict } from './wire/job-to-dict.js';
import { previewToDict } from './wire/preview-to-dict.js';

type WireObject = Record<string, unknown>;

/**
 * Flask-APScheduler's REST API, and previews. Where it is served, `restRegistration` decides.
 */
@Controller()
@UseGuards(OriginGuard, ApiGuard)
@UseFilters(SchedulerExceptionFilter)
export class SchedulerController {
  constructor(
    private readonly scheduler: SchedulerService,
    private readonly bodies: JobBodyReader,
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
  ) {}

  @Get()
  getSchedulerInfo(): WireObject {
    const { hostName, allowedHosts, running } = this.scheduler;
    return { current_host: hostName, allowed_hosts: allowedHosts, running };
  }

  @Post('start')
  @HttpCode(HttpStatus.NO_CONTENT)
  async startScheduler(): Promise<void> {
    await this.scheduler.start();
  }

  @Post('shutdown')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async shutdownScheduler(@Req() { body }: ApiRequest): Promise<void> {
    const { wait } = readShutdown(body);
    await this.scheduler.shutdown({ wait, timeout: this.options.shutdownTimeout });
  }

  @Post('pause')
  @HttpCode(HttpStatus.NO_CONTENT)
  async pauseScheduler(): Promise<void> {
    await this.scheduler.pause();
  }

  @Post('resume')
  @HttpCode(HttpStatus.NO_CONTENT)
  async resumeScheduler(): Promise<void> {
    await this.scheduler.resume();
  }

  @Get('jobs')
  async getJobs(): Promise<WireObject[]> {
    const jobs = await this.scheduler.getJobs();
    return jobs.map(jobToDict);
  }

  @Post('jobs')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async addJob(@Req() { body }: ApiRequest): Promise<WireObject> {
    return jobToDict(await this.scheduler.addJob(this.bodies.definition(body)));
  }

  @Get('jobs/:id')
  async getJob(@Req() { params: { id } }: ApiRequest): Promise<WireObject> {
    return jobToDict(await this.find(id));
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
  async runJob(@Req() { params: { id } }: ApiRequest): Promise<WireObject> {
    const job = await this.find(id);
    await this.scheduler.runJob(id, { jobStore: job.jobStore });
    // Its own task may have removed it meanwhile.
    return jobToDict((await this.scheduler.getJob(id, job.jobStore)) ?? job);
  }

  @Get('jobs/:id/next')
  async getNextRunTimes(@Req() { params: { id }, query }: ApiRequest): Promise<WireObject> {
    return previewToDict(await this.scheduler.previewJob(id, readPreviewQuery(query)));
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
}
