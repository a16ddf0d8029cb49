import { HttpCode, HttpStatus, Req, UseInterceptors } from '@nestjs/common';
import type { ApiRequest } from './api-request.js';
import { JsonBodyInterceptor } from './body/json-body.interceptor.js';
import { PreviewDto, PreviewQueryDto } from './dto/trigger.dto.js';
import { Route } from './endpoints/route.decorator.js';
import { readPreview } from './input/request-input.js';
import { TransferRoutes } from './transfer-routes.js';
import { tasksToDict } from './wire/nodes-to-dict.js';
import { previewToDict } from './wire/preview-to-dict.js';

type WireObject = Record<string, unknown>;

/** The routes that help to choose a task and a trigger. The controller inherits them, as those of runs. */
export abstract class PreviewRoutes extends TransferRoutes {
  @Route('get_next_run_times')
  async getNextRunTimes(@Req() request: ApiRequest): Promise<WireObject> {
    const { options } = readPreview(PreviewQueryDto, request.query);
    const { id } = await this.visible.find(request, request.params.id);
    return previewToDict(await this.scheduler.previewJob(id, options));
  }

  @Route('get_timeline')
  getTimeline(@Req() request: ApiRequest): Promise<WireObject> {
    return this.lists.timeline(request);
  }

  @Route('get_tasks')
  async getTasks(): Promise<WireObject[]> {
    return tasksToDict(await this.scheduler.getTasks());
  }

  @Route('preview_trigger')
  @HttpCode(HttpStatus.OK)
  @UseInterceptors(JsonBodyInterceptor)
  async previewTrigger(@Req() { body }: ApiRequest): Promise<WireObject> {
    const { trigger, options } = readPreview(PreviewDto, body);
    return previewToDict(await this.scheduler.preview(trigger, options));
  }
}
