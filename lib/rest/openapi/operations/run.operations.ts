import { JobRunQueryDto, RunQueryDto } from '../../dto/run.dto.js';
import type { Operation } from '../operation.js';
import { errorResponse, JOB_NOT_FOUND, RUN_NOT_FOUND } from '../responses/error.responses.js';
import { runPageResponse, runResponse } from '../responses/run.responses.js';
import { NO_CONTENT } from '../responses/scheduler.responses.js';

const PAGES = 'Newest first. `next_cursor` of a page, as `cursor`, asks for the page after it.';

export const RUN_OPERATIONS = {
  get_job_runs: {
    summary: 'List the runs of a job',
    description: PAGES,
    query: { type: JobRunQueryDto, example: { state: ['succeeded', 'failed'], limit: 20 } },
    responses: {
      200: runPageResponse('Some of its runs.'),
      404: { ...JOB_NOT_FOUND, description: 'There is neither such a job nor a run of it.' },
    },
  },
  get_runs: {
    summary: 'List runs',
    description: PAGES,
    query: { type: RunQueryDto, example: { job_id: 'hello', from: '2030-01-01', limit: 20 } },
    responses: { 200: runPageResponse('Some runs.') },
  },
  get_run: {
    summary: 'Show a run',
    responses: { 200: runResponse('The run.'), 404: RUN_NOT_FOUND },
  },
  delete_run: {
    summary: 'Remove a run from the history',
    description: 'With a retry that is still to come.',
    responses: {
      204: NO_CONTENT,
      404: RUN_NOT_FOUND,
      409: errorResponse(
        'The run is under way.',
        'Run "01a2056781a5000001-5f3a9c1e" cannot be removed: it is under way; cancel it first',
      ),
    },
  },
  cancel_run: {
    summary: 'Cancel a run',
    responses: {
      200: runResponse('The run is cancelled.'),
      202: runResponse('Its node has been asked to cancel it, and has not answered yet.'),
      404: RUN_NOT_FOUND,
      409: errorResponse('The run has ended, or cannot be read.', 'Run "01a2056781a5000001-5f3a9c1e" is over'),
    },
  },
} satisfies Readonly<Record<string, Operation>>;
