import { nullable } from '../../../arguments/nullable-schema.js';
import type { NodeState } from '../../../engine/model/node.js';
import {
  arrayOf,
  COUNT,
  INSTANT_OR_NULL,
  NUMBER_OR_NULL,
  objectOf,
  referTo,
  TEXT,
  YES_OR_NO,
  type Component,
} from '../component.js';
import type { OperationResponse } from '../operation.js';

const STATES: readonly NodeState[] = ['starting', 'running', 'paused', 'stopped'];

export const NODE_COMPONENTS: readonly Component[] = [
  {
    name: 'SchedulerNodes',
    schema: objectOf({
      nodes: { ...arrayOf(referTo('SchedulerNode')), description: 'By name' },
      failed_jobstores: {
        ...arrayOf(objectOf({ jobstore: TEXT, reason: TEXT })),
        description: 'Job stores that were asked for their nodes in vain',
      },
    }),
  },
  {
    name: 'SchedulerNode',
    schema: objectOf({
      name: TEXT,
      instance: { ...TEXT, description: 'Changes with each start of its process' },
      this_node: { ...YES_OR_NO, description: 'Whether it is the node that answers' },
      state: { enum: [...STATES, null], description: 'Null where the node does not say it, as an earlier release' },
      roles: { ...nullable(referTo('NodeRoles')), description: 'Null where the node does not say it' },
      executors: nullable(arrayOf(TEXT)),
      tasks_known: { ...YES_OR_NO, description: 'Whether `GET /tasks` names it with each of its tasks' },
      jobstores: { type: 'object', additionalProperties: referTo('NodeInJobStore'), description: 'By alias' },
    }),
  },
  {
    name: 'NodeRoles',
    schema: objectOf({
      schedule: { ...YES_OR_NO, description: 'Whether it declares jobs and hands over runs' },
      execute: {
        anyOf: [YES_OR_NO, arrayOf(TEXT)],
        description: 'Whose runs it carries out itself: those of all its executors, of none, or of these aliases',
      },
    }),
  },
  {
    name: 'NodeInJobStore',
    schema: objectOf({
      lease: {
        ...nullable(referTo('NodeLease')),
        description: 'Null where the store is not shared, or does not say it',
      },
      clock_skew: { ...NUMBER_OR_NULL, description: "How far the store's clock is ahead of the node's, in seconds" },
      active_runs: COUNT,
    }),
  },
  {
    name: 'NodeLease',
    schema: objectOf({
      since: INSTANT_OR_NULL,
      seen_at: { ...INSTANT_OR_NULL, description: 'The latest heartbeat' },
      expires_at: INSTANT_OR_NULL,
      expired: { ...YES_OR_NO, description: 'Whether other nodes are about to take over its runs' },
    }),
  },
];

export const NODES: OperationResponse = {
  description: 'The nodes. Instants are by the clocks of the job stores.',
  body: {
    schema: referTo('SchedulerNodes'),
    example: {
      nodes: [
        {
          name: 'web-1',
          instance: '5c1f09ab',
          this_node: true,
          state: 'running',
          roles: { schedule: true, execute: true },
          executors: ['default'],
          tasks_known: true,
          jobstores: {
            default: {
              lease: {
                since: '2030-01-01T08:00:00+00:00',
                seen_at: '2030-01-01T09:00:00+00:00',
                expires_at: '2030-01-01T09:00:15+00:00',
                expired: false,
              },
              clock_skew: 0.002,
              active_runs: 1,
            },
          },
        },
      ],
      failed_jobstores: [],
    },
  },
};
