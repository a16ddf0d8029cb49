import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import type { Job } from '../engine/model/job.js';
import { SchedulerService } from '../module/scheduler.service.js';
import type { ApiRequest, ApiResponse } from './api-request.js';
import { entityTagOf } from './wire/entity-tag.js';
import { WireViews } from './wire-views.js';

/** Shows the job that a handler returns as the wire does, with its version as the `ETag`. Anything else stays as it is. */
@Injectable()
export class JobInterceptor implements NestInterceptor<unknown, unknown> {
  constructor(
    @Inject(SchedulerService) private readonly scheduler: SchedulerService,
    @Inject(WireViews) private readonly views: WireViews,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const http = context.switchToHttp();
    const view = this.views.of(http.getRequest<ApiRequest>());
    return next.handle().pipe(
      map((shown) => {
        if (!isJob(shown)) return shown;
        http.getResponse<ApiResponse>().header('ETag', entityTagOf(shown, this.scheduler.clock.now()));
        return view.job(shown);
      }),
    );
  }
}

/** What is shown of a job that cannot be read has no trigger of its own. */
function isJob(value: unknown): value is Job {
  return typeof value === 'object' && value !== null && 'trigger' in value && 'jobStore' in value;
}
