import { HttpCode, HttpStatus, Req, UseInterceptors } from '@nestjs/common';
import type { BulkAction, BulkRequest } from '../engine/jobs/bulk-jobs.js';
import { checkBulk } from '../engine/jobs/bulk-jobs.js';
import type { Action } from '../module/actions.js';
import { accessOf, assertAllowed } from './access/request-access.js';
import type { ApiRequest } from './api-request.js';
import { JsonBodyInterceptor } from './body/json-body.interceptor.js';
import { Route } from './endpoints/route.decorator.js';
import { readBulk } from './input/request-input.js';
import { AuditRoutes } from './audit-routes.js';
import { wireMessage } from './scheduler-exception.filter.js';

type WireObject = Record<string, unknown>;

/** The action of a route that each thing that can be done to many jobs needs. */
const NEEDED: Readonly<Record<BulkAction, Action>> = {
  pause: 'jobs.pause',
  resume: 'jobs.pause',
  run: 'jobs.run',
  remove: 'jobs.write',
  tag: 'jobs.write',
  untag: 'jobs.write',
};

/** The routes of many jobs at once. The controller inherits them, as those of runs. */
export abstract class BulkRoutes extends AuditRoutes {
  @Route('change_jobs')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async changeJobs(@Req() request: ApiRequest): Promise<WireObject> {
    const asked = readBulk(request.body, checkBulk);
    const access = accessOf(request);
    assertAllowed(access, NEEDED[asked.action]);
    // Those who are limited to tags must still see a job afterwards.
    if (asked.action === 'tag' || asked.action === 'untag') this.visible.assertRetagging(request, asked);
    const { isMeant, where } = this.visible.within(request, asked.where ?? {});
    const { items, nextCursor } = await this.scheduler.bulk(
      this.withActor(asked.where ? { ...asked, where } : asked, access.actor),
      isMeant,
    );
    return {
      results: items.map(({ error, id, jobStore }) => ({
        id,
        jobstore: jobStore,
        ok: error === null,
        error_message: error && wireMessage(error, this.views),
      })),
      next_cursor: nextCursor,
      dry_run: asked.dryRun ?? false,
    };
  }

  private withActor(asked: BulkRequest, actor: string | null): BulkRequest {
    return asked.action === 'pause' && actor !== null ? { ...asked, actor } : asked;
  }
}
