import {
  ConflictException,
  Controller,
  HttpCode,
  HttpStatus,
  Inject,
  InternalServerErrorException,
  Req,
  Res,
  type StreamableFile,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ConflictingIdError, JobUnreadableError, StaleJobError, TaskFailedError } from '../engine/errors.js';
import type { Job } from '../engine/model/job.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { SchedulerService } from '../module/scheduler.service.js';
import { ActingInterceptor } from './acting.interceptor.js';
import { AccessGuard } from './access/access.guard.js';
import { accessOf } from './access/request-access.js';
import type { ApiRequest, ApiResponse } from './api-request.js';
import { ApiGuard } from './auth/api.guard.js';
import { OriginGuard } from './auth/origin.guard.js';
import { JsonBodyInterceptor } from './body/json-body.interceptor.js';
import { PauseJobDto } from './dto/job.dto.js';
import { ScopeBodyDto, ShutdownDto } from './dto/scope.dto.js';
import { Route } from './endpoints/route.decorator.js';
import { SchedulerEndpoints } from './endpoints/scheduler-endpoints.js';
import { InputPipe } from './input/input.pipe.js';
import { readScope } from './input/request-input.js';
import { readPrecondition, refusePrecondition, StaleEditException } from './input/stale-edit.exception.js';
import { JobInterceptor } from './job.interceptor.js';
import { openApiDocument, type OpenApiDocument } from './openapi/openapi-document.js';
import { EventFeed } from './events/event-feed.js';
import { EventRoutes } from './event-routes.js';
import { SchedulerExceptionFilter } from './scheduler-exception.filter.js';
import { healthToDict } from './wire/health-to-dict.js';
import { nodesToDict } from './wire/nodes-to-dict.js';
import { statisticsToDict } from './wire/statistics-to-dict.js';
import { WireViews } from './wire-views.js';

type WireObject = Record<string, unknown>;

/**
 * Flask-APScheduler's REST API, and beside it runs and previews. Where it is served, `restRegistration` decides.
 */
@Controller()
@UseGuards(OriginGuard, ApiGuard, AccessGuard)
@UseInterceptors(ActingInterceptor)
@UseFilters(SchedulerExceptionFilter)
export class SchedulerController extends EventRoutes {
  private document: OpenApiDocument | undefined;

  constructor(
    @Inject(SchedulerService) scheduler: SchedulerService,
    @Inject(WireViews) views: WireViews,
    @Inject(SCHEDULER_OPTIONS) options: ResolvedSchedulerOptions,
    @Inject(SchedulerEndpoints) private readonly endpoints: SchedulerEndpoints,
    @Inject(EventFeed) feed: EventFeed,
  ) {
    super(scheduler, views, options, feed);
  }

  @Route('get_scheduler_info')
  getSchedulerInfo(@Req() request: ApiRequest): WireObject {
    const { clusterState, hostName, allowedHosts, running } = this.scheduler;
    const original = { current_host: hostName, allowed_hosts: allowedHosts, running };
    const { state } = this.scheduler.health();
    return { ...original, state, cluster_state: clusterState?.mode ?? null, can: [...accessOf(request).actions] };
  }

  @Route('get_health')
  getHealth(@Res({ passthrough: true }) response: ApiResponse): WireObject {
    const health = this.scheduler.health();
    if (health.status === 'down') response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return healthToDict(health);
  }

  @Route('get_nodes')
  async getNodes(): Promise<WireObject> {
    return nodesToDict(await this.scheduler.getNodes());
  }

  @Route('get_stats')
  async getStats(@Req() request: ApiRequest): Promise<WireObject> {
    this.visible.assertUnlimited(request);
    return statisticsToDict(await this.scheduler.statistics());
  }

  @Route('get_openapi')
  getOpenapi(): OpenApiDocument {
    // Once requests come in, the global prefix does not change any more.
    return (this.document ??= openApiDocument(this.options, this.endpoints.list()));
  }

  @Route('start_scheduler')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async startScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    try {
      await this.scheduler.start(readScope(ScopeBodyDto, body, query));
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
    await this.scheduler.pause(readScope(ScopeBodyDto, body, query));
  }

  @Route('resume_scheduler')
  @HttpCode(HttpStatus.NO_CONTENT)
  @UseInterceptors(JsonBodyInterceptor)
  async resumeScheduler(@Req() { body, query }: ApiRequest): Promise<void> {
    await this.scheduler.resume(readScope(ScopeBodyDto, body, query));
  }

  @Route('get_jobs')
  getJobs(@Req() request: ApiRequest): Promise<WireObject | WireObject[] | StreamableFile> {
    const view = this.views.of(request);
    return Object.keys(request.query as object).length > 0
      ? this.lists.page(request, view)
      : this.lists.all(request, view);
  }

  @Route('add_job')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor, JobInterceptor)
  addJob(@Req() request: ApiRequest): Promise<Job> {
    const definition = this.input.definition(request.body);
    this.visible.assertTags(request, definition.tags);
    this.visible.assertNoReplacement(request, definition.replaceExisting);
    return this.jobLimits.add(definition);
  }

  @Route('get_job')
  @UseInterceptors(JobInterceptor)
  async getJob(@Req() request: ApiRequest): Promise<Job | WireObject> {
    try {
      return await this.visible.find(request, request.params.id);
    } catch (error) {
      if (!(error instanceof JobUnreadableError)) throw error;
      return this.views.of(request).damagedJob(error.job);
    }
  }

  /** Adds the job, or lets it take the place of the one that has its id. */
  @Route('put_job')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor, JobInterceptor)
  async putJob(@Req() request: ApiRequest): Promise<Job> {
    const { body, headers, params } = request;
    refusePrecondition(headers);
    const definition = this.input.definition(body, params.id);
    this.visible.assertTags(request, definition.tags);
    this.visible.assertNoReplacement(request, await this.visible.has(request, params.id));
    return this.jobLimits.add({ ...definition, replaceExisting: !this.visible.areLimited(request) });
  }

  @Route('update_job')
  @UseInterceptors(JsonBodyInterceptor, JobInterceptor)
  async updateJob(@Req() request: ApiRequest): Promise<Job> {
    const { params, body, headers } = request;
    const job = await this.visible.find(request, params.id);
    // What is sent back as it was shown is no change, redacted values included.
    const shown = this.views.of(request).job(job);
    const changes = this.input.changes(body, job, shown);
    if (changes.tags) this.visible.assertTags(request, changes.tags);
    if (changes.trigger) await this.jobLimits.assertInterval(changes);
    const precondition = {
      ...this.visible.precondition(request, job),
      ...readPrecondition(headers, job, body, shown),
    };
    try {
      return await this.scheduler.modifyJob(job.id, changes, { jobStore: job.jobStore, ...precondition });
    } catch (error) {
      if (!(error instanceof StaleJobError)) throw error;
      throw new StaleEditException(job.id, body, this.views.of(request).job(await this.visible.find(request, job.id)));
    }
  }

  @Route('delete_job')
  @HttpCode(HttpStatus.NO_CONTENT)
  async deleteJob(@Req() request: ApiRequest): Promise<void> {
    const { id } = request.params;
    // All who see all jobs may remove one that cannot be read.
    if (this.visible.areLimited(request)) await this.visible.find(request, id);
    await this.scheduler.removeJob(id);
  }

  @Route('pause_job')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor, JobInterceptor)
  async pauseJob(@Req() request: ApiRequest): Promise<Job> {
    const { actor } = accessOf(request);
    const why = new InputPipe(PauseJobDto).transform(request.body);
    const { id, jobStore } = await this.visible.find(request, request.params.id);
    return this.scheduler.pauseJob(id, { ...why, jobStore, ...(actor !== null && { actor }) });
  }

  @Route('resume_job')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JobInterceptor)
  async resumeJob(@Req() request: ApiRequest): Promise<Job> {
    const { id, jobStore } = await this.visible.find(request, request.params.id);
    return this.scheduler.resumeJob(id, jobStore);
  }

  @Route('run_job')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async runJob(@Req() request: ApiRequest, @Res({ passthrough: true }) response: ApiResponse): Promise<WireObject> {
    const view = this.views.of(request);
    const job = await this.visible.find(request, request.params.id);
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
}
