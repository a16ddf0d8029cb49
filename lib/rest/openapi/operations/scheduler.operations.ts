import { ScopeBodyDto, ScopeDto, ShutdownDto } from '../../dto/scope.dto.js';
import { PreviewDto } from '../../dto/trigger.dto.js';
import type { Operation } from '../operation.js';
import { errorResponse } from '../responses/error.responses.js';
import { NODES } from '../responses/node.responses.js';
import {
  DOCUMENT,
  healthResponse,
  NO_CONTENT,
  SCHEDULER_INFO,
  STATISTICS,
  TASKS,
  TRIGGER_PREVIEW,
} from '../responses/scheduler.responses.js';

/** The scope may be in the query or in the body. */
const SCOPE = { type: ScopeDto, example: { scope: 'node' } } as const;
const SCOPE_BODY = { type: ScopeBodyDto, required: false, example: { scope: 'node' } } as const;
const WHERE = 'On all nodes that share a job store, unless `scope` is `node`.';

export const SCHEDULER_OPERATIONS = {
  get_scheduler_info: {
    summary: 'Show the scheduler, and what you may do',
    responses: { 200: SCHEDULER_INFO },
  },
  get_health: {
    summary: 'Show the health of the scheduler and its job stores',
    responses: {
      200: healthResponse('It works, or was paused or stopped on purpose.', false),
      503: healthResponse('A job store fails.', true),
    },
  },
  get_nodes: {
    summary: 'List the nodes that share a job store',
    description:
      'The node that answers is always among them. What the others say of themselves is as old as their latest heartbeat. A job store that fails, or does not answer within five seconds, is named; nodes that only it knows are missing then.',
    responses: { 200: NODES },
  },
  get_stats: {
    summary: 'Count jobs and runs',
    description:
      'Jobs by state, and how runs went in the last minutes and hours, of all nodes. Durations and lateness are in seconds.',
    responses: { 200: STATISTICS },
  },
  get_openapi: {
    summary: 'Show this document',
    responses: { 200: DOCUMENT },
  },
  start_scheduler: {
    summary: 'Start the scheduler',
    description: WHERE,
    query: SCOPE,
    body: SCOPE_BODY,
    responses: {
      204: NO_CONTENT,
      409: errorResponse(
        'A job that was added here before the start has an id that has been taken since.',
        'The scheduler cannot start: Job hello already exists.',
      ),
    },
  },
  shutdown_scheduler: {
    summary: 'Shut the scheduler down',
    description: `${WHERE} It waits for active runs unless \`wait\` is false, and at most as long as the option \`shutdownTimeout\`.`,
    query: SCOPE,
    body: { type: ShutdownDto, required: false, example: { wait: false } },
    responses: { 204: NO_CONTENT },
  },
  pause_scheduler: {
    summary: 'Pause the scheduler',
    description: `No job runs until it is resumed. ${WHERE}`,
    query: SCOPE,
    body: SCOPE_BODY,
    responses: { 204: NO_CONTENT },
  },
  resume_scheduler: {
    summary: 'Resume the scheduler',
    description: WHERE,
    query: SCOPE,
    body: SCOPE_BODY,
    responses: { 204: NO_CONTENT },
  },
  get_tasks: {
    summary: 'List the tasks that jobs may name',
    description:
      'Those of the node that answers, and of the nodes that share a job store with it as far as these are known. A job that is added here must name a task that is `on_this_node`.',
    responses: { 200: TASKS },
  },
  preview_trigger: {
    summary: 'Preview a trigger',
    description: 'Lists `count` fire times (10 by default) from `from` on (now by default), without jitter.',
    body: {
      type: PreviewDto,
      required: true,
      example: { trigger: 'cron', day_of_week: 'mon-fri', hour: 9, timezone: 'Europe/Berlin', count: 2 },
    },
    responses: { 200: TRIGGER_PREVIEW },
  },
} satisfies Readonly<Record<string, Operation>>;
