import { nullable } from '../../../arguments/nullable-schema.js';
import type { JsonSchema } from '../../../engine/model/argument-schema.js';
import type { HealthStatus, JobStoreStatus, SchedulerHealth } from '../../../engine/lifecycle/scheduler-health.js';
import type { ClusterMode } from '../../../engine/stores/cluster-state.js';
import { ACTIONS } from '../../../module/actions.js';
import {
  ANY_OBJECT,
  arrayOf,
  COUNT,
  INSTANT,
  INSTANT_OR_NULL,
  NUMBER,
  NUMBER_OR_NULL,
  objectOf,
  referTo,
  TEXT,
  TEXT_OR_NULL,
  YES_OR_NO,
  type Component,
} from '../component.js';
import type { OperationResponse } from '../operation.js';

const STATES: readonly SchedulerHealth['state'][] = ['stopped', 'running', 'paused'];
const CLUSTER_MODES: readonly ClusterMode[] = ['running', 'paused', 'stopped'];
const STATUSES: readonly HealthStatus[] = ['up', 'degraded', 'down'];
const STORE_STATUSES: readonly JobStoreStatus[] = ['up', 'failing', 'closed'];

export const SCHEDULER_COMPONENTS: readonly Component[] = [
  {
    name: 'SchedulerInfo',
    schema: objectOf({
      current_host: TEXT,
      allowed_hosts: arrayOf(TEXT),
      running: { ...YES_OR_NO, description: 'True from the start to the shutdown, also while it is paused' },
      state: { enum: STATES },
      cluster_state: { enum: [...CLUSTER_MODES, null] },
      can: { ...arrayOf({ enum: ACTIONS }), description: 'What the sender of the request may do' },
    }),
  },
  {
    name: 'Health',
    schema: objectOf({
      status: { enum: STATUSES },
      state: { enum: STATES },
      node: TEXT,
      active_runs: COUNT,
      jobstores: { type: 'object', additionalProperties: referTo('JobStoreHealth'), description: 'By alias' },
    }),
  },
  {
    name: 'JobStoreHealth',
    schema: objectOf({
      status: { enum: STORE_STATUSES },
      reason: TEXT_OR_NULL,
      since: INSTANT_OR_NULL,
      failures: COUNT,
      retry_at: INSTANT_OR_NULL,
      last_contact: INSTANT_OR_NULL,
      lateness: { ...NUMBER, description: 'How late the oldest due job was, in seconds' },
      behind: YES_OR_NO,
      unrecorded_runs: COUNT,
      clock_skew: { ...NUMBER_OR_NULL, description: "How far its clock is ahead of this node's, in seconds" },
    }),
  },
  {
    name: 'Task',
    schema: objectOf({
      func: TEXT,
      description: TEXT_OR_NULL,
      argument_schema: { type: ['object', 'null'], description: 'A JSON Schema of `kwargs`' },
      nodes: { ...arrayOf(TEXT), description: 'The names of the nodes that have it' },
      on_this_node: {
        ...YES_OR_NO,
        description:
          'Whether the node that answers has it. It knows neither the description nor the schema of other tasks',
      },
    }),
  },
  {
    name: 'TriggerPreview',
    schema: objectOf({ description: TEXT, timezone: TEXT, next_run_times: arrayOf(INSTANT) }),
  },
];

export const SCHEDULER_INFO: OperationResponse = {
  description: 'The scheduler.',
  body: {
    schema: referTo('SchedulerInfo'),
    example: {
      current_host: 'vm',
      allowed_hosts: ['*'],
      running: true,
      state: 'running',
      cluster_state: null,
      can: ['scheduler.read', 'jobs.read', 'runs.read'],
    },
  },
};

export const healthResponse = (description: string, isDown: boolean): OperationResponse => ({
  description,
  body: {
    schema: referTo('Health'),
    example: {
      status: isDown ? 'down' : 'up',
      state: 'running',
      node: 'vm',
      active_runs: 0,
      jobstores: {
        default: {
          status: isDown ? 'failing' : 'up',
          reason: isDown ? 'connect ECONNREFUSED 127.0.0.1:5432' : null,
          since: isDown ? '2030-01-01T09:00:00+00:00' : null,
          failures: isDown ? 3 : 0,
          retry_at: isDown ? '2030-01-01T09:00:10+00:00' : null,
          last_contact: '2030-01-01T08:59:59+00:00',
          lateness: 0,
          behind: false,
          unrecorded_runs: 0,
          clock_skew: 0.002,
        },
      },
    },
  },
});

export const TASKS: OperationResponse = {
  description: 'The tasks that jobs may name.',
  body: {
    schema: arrayOf(referTo('Task')),
    example: [
      {
        func: 'greet',
        description: 'Greets somebody',
        argument_schema: null,
        nodes: ['web-1', 'web-2'],
        on_this_node: true,
      },
    ],
  },
};

const OUTCOMES: JsonSchema = {
  type: 'object',
  additionalProperties: COUNT,
  description: 'How many runs ended in each state',
};
const SPANS = arrayOf(objectOf({ start: INSTANT, outcomes: OUTCOMES }));
const PERCENTILES = nullable(objectOf({ p50: NUMBER, p95: NUMBER, p99: NUMBER }));
const SUMMARY = objectOf({ outcomes: OUTCOMES, duration: PERCENTILES, lateness: PERCENTILES });

export const STATISTICS: OperationResponse = {
  description: 'How many jobs there are, and how their runs went.',
  body: {
    schema: objectOf({
      jobs: objectOf({ scheduled: COUNT, paused: COUNT, waiting: COUNT, running: COUNT }),
      minutes: SPANS,
      hours: SPANS,
      last_hour: SUMMARY,
      last_day: SUMMARY,
    }),
    example: {
      jobs: { scheduled: 120, paused: 3, waiting: 0, running: 2 },
      minutes: [{ start: '2030-01-31T09:00:00+00:00', outcomes: { succeeded: 41, failed: 1 } }],
      hours: [{ start: '2030-01-31T09:00:00+00:00', outcomes: { succeeded: 41, failed: 1 } }],
      last_hour: {
        outcomes: { succeeded: 41, failed: 1 },
        duration: { p50: 0.2, p95: 1.1, p99: 4.3 },
        lateness: { p50: 0.001, p95: 0.004, p99: 0.03 },
      },
      last_day: { outcomes: {}, duration: null, lateness: null },
    },
  },
};

export const TIMELINE: OperationResponse = {
  description: 'When jobs fire.',
  body: {
    schema: objectOf({
      from: INSTANT,
      to: INSTANT,
      counted_to: { ...INSTANT, description: 'Everything before this is counted' },
      resolution: {
        ...NUMBER_OR_NULL,
        description:
          'The length of cells in seconds, which begin at its multiples since 1970; null if each time is listed',
      },
      times: arrayOf(
        objectOf({
          time: INSTANT,
          job_id: TEXT,
          jobstore: TEXT,
          count: { ...COUNT, description: 'How many times of the job there are in the cell, from this one on' },
        }),
      ),
      counts: arrayOf(objectOf({ from: INSTANT, count: COUNT })),
    }),
    example: {
      from: '2030-01-31T09:00:00+00:00',
      to: '2030-02-01T00:00:00+00:00',
      counted_to: '2030-02-01T00:00:00+00:00',
      resolution: null,
      times: [{ time: '2030-01-31T10:00:00+00:00', job_id: 'hello', jobstore: 'default', count: 1 }],
      counts: [{ from: '2030-01-31T09:00:00+00:00', count: 0 }],
    },
  },
};

export const TRIGGER_PREVIEW: OperationResponse = {
  description: 'What the trigger means, and when it fires next.',
  body: {
    schema: referTo('TriggerPreview'),
    example: {
      description: 'at 09:00, Monday to Friday (Europe/Berlin)',
      timezone: 'Europe/Berlin',
      next_run_times: ['2030-01-04T09:00:00+01:00', '2030-01-07T09:00:00+01:00'],
    },
  },
};

export const DOCUMENT: OperationResponse = {
  description: 'An OpenAPI 3.1 document.',
  body: { schema: ANY_OBJECT, example: { openapi: '3.1.0', info: { title: 'nestjs-apscheduler', version: '0.1.0' } } },
};

export const NO_CONTENT: OperationResponse = { description: 'It is done.' };
