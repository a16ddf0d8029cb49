import { BulkDto } from '../../dto/bulk.dto.js';
import { ImportQueryDto } from '../../dto/import.dto.js';
import { JobFilterDto, JobQueryDto, TimelineDto } from '../../dto/job-query.dto.js';
import { AddJobDto, PauseJobDto, PutJobDto, UpdateJobDto } from '../../dto/job.dto.js';
import { RunJobDto, RunJobQueryDto } from '../../dto/run.dto.js';
import { PreviewQueryDto } from '../../dto/trigger.dto.js';
import type { Operation } from '../operation.js';
import {
  ADDITION_LIMITED,
  CHANGE_LIMITED,
  errorResponse,
  JOB_NOT_FOUND,
  STALE_EDIT,
} from '../responses/error.responses.js';
import {
  bulkResponse,
  EXPORT,
  EXPORTED_LINES,
  importResponse,
  jobAfterRunResponse,
  jobResponse,
  jobsResponse,
} from '../responses/job.responses.js';
import { runResponse } from '../responses/run.responses.js';
import { NO_CONTENT, TIMELINE, TRIGGER_PREVIEW } from '../responses/scheduler.responses.js';

const UNREADABLE = errorResponse('The job cannot be read.', 'Its record cannot be read');

export const JOB_OPERATIONS = {
  get_jobs: {
    summary: 'List jobs',
    description:
      'Without a query all jobs, as an array, those that cannot be read among them. With a query, a page of the jobs that it finds; ' +
      '`next_cursor` of a page, as `cursor`, asks for the page after it.',
    query: {
      type: JobQueryDto,
      example: { text: 'invoice', state: ['paused', 'waiting'], sort: '-last_run', limit: 20 },
    },
    responses: { 200: jobsResponse('The jobs.') },
  },
  change_jobs: {
    summary: 'Do one thing to many jobs',
    description:
      'To those with `ids`, or to those that `where` finds. Each is changed on its own. It also needs the action of what it does: ' +
      '`jobs.pause`, `jobs.run` or `jobs.write`.',
    body: {
      type: BulkDto,
      required: true,
      example: { action: 'pause', where: { tag: ['billing'] }, note: 'bank holiday', dry_run: true },
    },
    responses: { 200: bulkResponse('What became of each job.') },
  },
  export_jobs: {
    summary: 'Export jobs',
    description:
      'All jobs, or those that a query finds, as lines of JSON (NDJSON) in the order of their ids. The first line names the format; each of the ' +
      'others is a job as `exportJobs()` writes it, or has `skipped`: a job that is not in the export, and why. A job whose arguments are hidden ' +
      'from you has `redacted`, and cannot be imported. An export that is not complete ends with a broken connection.',
    query: { type: JobFilterDto, example: { tag: ['billing'] } },
    responses: { 200: EXPORT },
  },
  import_jobs: {
    summary: 'Import jobs',
    description:
      'The body is an export of any length. Each job is added on its own, while the body is read: a line that cannot be imported is named in the ' +
      'response, and the others are imported. A line is limited as a body elsewhere (`limits.bodyBytes`).',
    query: { type: ImportQueryDto, example: { on_conflict: 'skip', dry_run: true } },
    body: { required: true, example: EXPORTED_LINES },
    responses: { 200: importResponse('What became of the lines. The first 1000 that failed are named.') },
  },
  put_job: {
    summary: 'Add or replace a job',
    description: 'The body is that of a new job; its `id` may be left out.',
    body: { type: PutJobDto, required: true, example: { func: 'greet', trigger: 'interval', minutes: 10 } },
    responses: {
      200: jobResponse('The job.'),
      409: errorResponse('The id belongs to a job that you may not see.', 'Job hello already exists.'),
      429: ADDITION_LIMITED,
    },
  },
  add_job: {
    summary: 'Add a job',
    description: 'Without a trigger it runs once, at once. With `next_run_time` null it is added paused.',
    body: {
      type: AddJobDto,
      required: true,
      example: { id: 'hello', func: 'greet', args: ['world'], trigger: 'interval', minutes: 10 },
    },
    responses: {
      200: jobResponse('The job.'),
      409: errorResponse('The id is taken, and `replace_existing` is not true.', 'Job hello already exists.'),
      429: ADDITION_LIMITED,
    },
  },
  get_job: {
    summary: 'Show a job',
    responses: { 200: jobResponse('The job.'), 404: JOB_NOT_FOUND },
  },
  update_job: {
    summary: 'Change a job',
    description:
      'Members that are left out stay as they are. With another trigger, the next run time is computed anew. A job that was ' +
      'returned can be sent back whole.',
    headers: {
      'If-Match': {
        description: 'The `ETag` of the job as it was read: it is changed only if that is still its version.',
        example: '"5f3a9c1e.mb0k3w4g"',
      },
    },
    body: { type: UpdateJobDto, required: true, example: { trigger: 'cron', day_of_week: 'mon-fri', hour: 9 } },
    responses: {
      200: jobResponse('The job.'),
      404: JOB_NOT_FOUND,
      409: UNREADABLE,
      412: STALE_EDIT,
      429: CHANGE_LIMITED,
    },
  },
  delete_job: {
    summary: 'Remove a job',
    description: 'Its runs stay in the history.',
    responses: { 204: NO_CONTENT, 404: JOB_NOT_FOUND },
  },
  pause_job: {
    summary: 'Pause a job',
    body: { type: PauseJobDto, required: false, example: { note: 'until the printer is mended' } },
    responses: { 200: jobResponse('The job.'), 404: JOB_NOT_FOUND, 409: UNREADABLE },
  },
  resume_job: {
    summary: 'Resume a job',
    responses: { 200: jobResponse('The job.'), 404: JOB_NOT_FOUND, 409: UNREADABLE },
  },
  run_job: {
    summary: 'Run a job now',
    description:
      'The response waits for the end of the run, unless `wait` is false. The body replaces arguments in this run.',
    query: { type: RunJobQueryDto, example: { wait: false } },
    body: { type: RunJobDto, required: false, example: { args: ['moon'] } },
    responses: {
      200: jobAfterRunResponse('The run has ended: the job.'),
      202: runResponse(
        'With `wait=false`: the run, which has not ended; or one with the reason `other node`, when another node makes it by its roles.',
      ),
      404: JOB_NOT_FOUND,
      409: errorResponse(
        '`max_instances` runs are active, the run was cancelled, the job cannot be read, or this node does not make its runs by its roles.',
        'Job "hello" already has 1 active run',
      ),
      500: errorResponse(
        'The task threw, with its message; or the run timed out, or was lost.',
        'The printer is out of paper',
      ),
    },
  },
  get_next_run_times: {
    summary: 'Preview when a job fires',
    description: 'Lists `count` fire times (10 by default) from `from` on (now by default), without jitter.',
    query: { type: PreviewQueryDto, example: { count: 3, from: '2030-01-04' } },
    responses: { 200: TRIGGER_PREVIEW, 404: JOB_NOT_FOUND, 409: UNREADABLE },
  },
  get_timeline: {
    summary: 'Show when jobs fire in a range of time',
    description:
      'The first `limit` times, and how many there are in each of 60 intervals of equal length. With a `resolution`, times of one job ' +
      'in the same cell of so many seconds are one, and cells are made longer until all fit in `limit`. Paused jobs do not fire.',
    query: { type: TimelineDto, example: { from: '2030-01-31', to: '2030-02-01', limit: 100, tag: ['billing'] } },
    responses: { 200: TIMELINE },
  },
} satisfies Readonly<Record<string, Operation>>;
