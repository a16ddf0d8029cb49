import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Inject, Req, Res, StreamableFile } from '@nestjs/common';
import { JobUnreadableError } from '../engine/errors.js';
import { MAX_JOBS } from '../engine/jobs/job-query.js';
import type { Job } from '../engine/model/job.js';
import {
  AUDIT_CHANGE_TYPE,
  RUN_CHANGE_TYPES,
  STATE_CHANGE_TYPES,
  type SchedulerChange,
} from '../engine/watch/scheduler-change.js';
import type { Action } from '../module/actions.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { SchedulerService } from '../module/scheduler.service.js';
import { accessOf, assertAllowed } from './access/request-access.js';
import type { ApiRequest, ApiResponse } from './api-request.js';
import { EVENT_TYPES } from './dto/event.dto.js';
import { Route } from './endpoints/route.decorator.js';
import { EventFeed } from './events/event-feed.js';
import { readEventQuery } from './input/request-input.js';
import { PreviewRoutes } from './preview-routes.js';
import { WireViews } from './wire-views.js';

const HEADERS = {
  // A compressed stream would arrive late.
  'Cache-Control': 'no-store, no-transform',
  // nginx would collect it.
  'X-Accel-Buffering': 'no',
  // A server that closes waits for connections which clients keep: this one has had its use when the stream ends.
  Connection: 'close',
};

/** The stream of events. The controller inherits its route, as those of runs. */
export abstract class EventRoutes extends PreviewRoutes {
  constructor(
    @Inject(SchedulerService) scheduler: SchedulerService,
    @Inject(WireViews) views: WireViews,
    @Inject(SCHEDULER_OPTIONS) options: ResolvedSchedulerOptions,
    @Inject(EventFeed) private readonly feed: EventFeed,
  ) {
    super(scheduler, views, options);
  }

  @Route('get_events')
  async getEvents(
    @Req() request: ApiRequest & { readonly method: string },
    @Res({ passthrough: true }) response: ApiResponse & { readonly raw?: ServerResponse },
  ): Promise<StreamableFile> {
    const { jobIds, types } = readEventQuery(request.query);
    const access = accessOf(request);
    for (const type of types ?? []) assertAllowed(access, actionFor(type));
    const { 'last-event-id': lastEventId } = request.headers;
    const seen = access.tags ? await this.visibleJobs(request, access.tags) : [];
    for (const [name, value] of Object.entries(HEADERS)) response.header(name, value);
    const type = 'text/event-stream; charset=utf-8';
    // It would never end.
    if (request.method === 'HEAD') return new StreamableFile(Readable.from([]), { type });
    const { readable } = this.feed.open({
      lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
      // Fastify has Node's response in its own.
      response: response.raw ?? (response as unknown as ServerResponse),
      seen,
      wants: filterOf(access.actions, jobIds, types),
      ...(access.tags && { sees: (jobId, jobStore) => this.sees(request, jobId, jobStore) }),
    });
    // Clients leave when they like: that is no error.
    return new StreamableFile(readable, { type }).setErrorHandler(() => undefined).setErrorLogger(() => undefined);
  }

  private async visibleJobs(request: ApiRequest, tags: readonly string[]): Promise<readonly Job[]> {
    const { jobs } = await this.scheduler.getJobs({ tag: tags, limit: MAX_JOBS });
    return this.visible.filter(request, jobs);
  }

  private async sees(request: ApiRequest, jobId: string, jobStore: string): Promise<boolean | undefined> {
    const job = await this.scheduler.getJob(jobId, jobStore).catch((error: unknown) => {
      if (error instanceof JobUnreadableError) return null;
      throw error;
    });
    // What tags an unreadable one has is not known.
    return job === null ? false : job && this.visible.isVisible(request, job);
  }
}

/** The action that events of a type need. */
function actionFor(type: string): Action {
  if (type === AUDIT_CHANGE_TYPE) return 'audit.read';
  if (STATE_CHANGE_TYPES.some((one) => one === type)) return 'scheduler.read';
  return RUN_CHANGE_TYPES.some((one) => one === type) ? 'runs.read' : 'jobs.read';
}

/** @returns undefined where everything is wanted, and allowed. */
function filterOf(
  actions: ReadonlySet<Action>,
  jobIds: readonly string[] | undefined,
  types: readonly string[] = EVENT_TYPES,
): ((change: SchedulerChange) => boolean) | undefined {
  const jobs = jobIds && new Set(jobIds);
  const allowed = new Set(types.filter((type) => actions.has(actionFor(type))));
  if (!jobs && allowed.size === EVENT_TYPES.length) return undefined;
  return (change) => {
    if (!allowed.has(typeOf(change)) || !jobs) return allowed.has(typeOf(change));
    if ('jobId' in change) return change.jobId !== null && jobs.has(change.jobId);
    return change.type === 'gap' || change.type === 'all_jobs_removed';
  };
}

/** A gap belongs to who wants what was left out. */
function typeOf(change: SchedulerChange): string {
  if (change.type !== 'gap') return change.type;
  return change.of === 'audit' ? AUDIT_CHANGE_TYPE : 'job_submitted';
}
