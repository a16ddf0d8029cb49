import type { StreamableFile } from '@nestjs/common';
import { checkTimeline } from '../engine/jobs/timeline.js';
import type { UnreadableJob } from '../engine/model/unreadable-job.js';
import { nestLogger } from '../module/nest.logger.js';
import type { SchedulerService } from '../module/scheduler.service.js';
import type { ApiRequest } from './api-request.js';
import { readJobQuery, readTimeline } from './input/request-input.js';
import { streamedText } from './streamed-text.js';
import type { VisibleJobs } from './visible-jobs.js';
import { timelineToDict } from './wire/statistics-to-dict.js';
import type { WireView } from './wire/wire-view.js';

type WireObject = Record<string, unknown>;

/** A response of more jobs is sent in parts. */
const MOST_AT_ONCE = 1000;

/** What `GET /jobs` answers: without a query all jobs, as in Flask-APScheduler; else a page. */
export class ListedJobs {
  private readonly logger = nestLogger();

  constructor(
    private readonly scheduler: SchedulerService,
    private readonly visible: VisibleJobs,
  ) {}

  async page(request: ApiRequest, view: WireView): Promise<WireObject> {
    const { query, fields } = readJobQuery(request.query, (read) => this.scheduler.checkJobQuery(read));
    const { isMeant, where } = this.visible.within(request, query);
    const { jobs, nextCursor, unreadable } = await this.scheduler.getJobs(where);
    const shown = (isMeant ? jobs.filter(isMeant) : jobs).map((job) => view.job(job));
    const damaged = this.visible.areLimited(request) ? [] : (unreadable ?? []);
    const all = [...shown, ...damaged.map((job) => view.unreadableJob(job))];
    const picked = fields && new Set(fields);
    return { jobs: picked ? all.map((job) => pick(job, picked)) : all, next_cursor: nextCursor };
  }

  /** Many jobs are sent while they are read: they neither have to fit into memory nor keep others waiting. */
  async all(request: ApiRequest, view: WireView): Promise<WireObject[] | StreamableFile> {
    const unreadable: UnreadableJob[] = [];
    const parts = this.parts(request, view, unreadable);
    const damaged = (): WireObject[] =>
      this.visible.areLimited(request) ? [] : unreadable.map((job) => view.unreadableJob(job));
    const first: WireObject[] = [];
    while (first.length <= MOST_AT_ONCE) {
      const { done, value } = await parts.next();
      if (done) return [...first, ...damaged()];
      first.push(...value);
    }
    return streamedText(jsonOf(first, parts, damaged), 'application/json', 'A list of jobs', this.logger);
  }

  async timeline(request: ApiRequest): Promise<WireObject> {
    const query = readTimeline(request.query, (read) => checkTimeline(read, this.scheduler));
    const { isMeant, where } = this.visible.within(request, query.where ?? {});
    return timelineToDict(await this.scheduler.timeline({ ...query, where }, isMeant));
  }

  private async *parts(request: ApiRequest, view: WireView, unreadable: UnreadableJob[]): AsyncGenerator<WireObject[]> {
    for await (const jobs of this.scheduler.streamJobs((job) => unreadable.push(job))) {
      const shown = this.visible.filter(request, jobs).map((job) => view.job(job));
      if (shown.length > 0) yield shown;
    }
  }
}

/** A JSON array, in texts of one part each. None of the parts is empty. */
async function* jsonOf(
  first: readonly WireObject[],
  rest: AsyncIterable<readonly WireObject[]>,
  last: () => readonly WireObject[],
): AsyncGenerator<string> {
  yield `[${textOf(first)}`;
  for await (const part of rest) yield `,${textOf(part)}`;
  const damaged = last();
  yield damaged.length > 0 ? `,${textOf(damaged)}]` : ']';
}

const textOf = (jobs: readonly WireObject[]): string => jobs.map((job) => JSON.stringify(job)).join(',');

function pick(job: WireObject, fields: ReadonlySet<string>): WireObject {
  return Object.fromEntries(Object.entries(job).filter(([name]) => fields.has(name)));
}
