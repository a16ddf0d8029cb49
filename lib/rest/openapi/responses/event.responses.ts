import { AUDIT_ACTIONS } from '../../../engine/model/audit.js';
import { RUN_STATES } from '../../../engine/model/run-record.js';
import {
  AUDIT_CHANGE_TYPE,
  JOB_CHANGE_TYPES,
  RUN_CHANGE_TYPES,
  STATE_CHANGE_TYPES,
} from '../../../engine/watch/scheduler-change.js';
import { RELOAD_REASONS } from '../../wire/change-to-dict.js';
import { COUNT, INSTANT, objectOf, referTo, TEXT, TEXT_OR_NULL, YES_OR_NO, type Component } from '../component.js';
import type { OperationResponse } from '../operation.js';

const ABOUT = { time: INSTANT, node: { ...TEXT_OR_NULL, description: 'Null where it is not known' } };
const JOB = { job_id: TEXT, jobstore: TEXT };

export const EVENT_COMPONENTS: readonly Component[] = [
  {
    name: 'JobEvent',
    schema: {
      ...objectOf({ type: { enum: JOB_CHANGE_TYPES }, ...ABOUT, ...JOB }),
      description: 'A job was added, changed (also paused or resumed) or removed.',
    },
  },
  {
    name: 'RunEvent',
    schema: {
      ...objectOf({
        type: { enum: RUN_CHANGE_TYPES },
        ...ABOUT,
        ...JOB,
        run_id: TEXT,
        state: { enum: RUN_STATES },
        reason: { ...TEXT_OR_NULL, description: 'Why it was left out' },
        scheduled_run_time: INSTANT,
      }),
      description: 'A run began (`job_submitted`), ended, or was left out.',
    },
  },
  {
    name: 'SchedulerEvent',
    schema: {
      ...objectOf({
        type: { enum: STATE_CHANGE_TYPES },
        ...ABOUT,
        alias: { ...TEXT_OR_NULL, description: 'Of the job store or executor' },
      }),
      description: 'The scheduler of the node that answers changed.',
    },
  },
  {
    name: 'AuditRecordedEvent',
    schema: {
      ...objectOf({
        type: { enum: [AUDIT_CHANGE_TYPE] },
        ...ABOUT,
        job_id: { ...TEXT_OR_NULL, description: 'Null if it concerns no single job' },
        jobstore: TEXT,
        audit_id: TEXT,
        action: { enum: AUDIT_ACTIONS },
        actor: { ...TEXT_OR_NULL, description: 'Null if no actor is named' },
      }),
      description: 'An entry of the audit trail was recorded. `GET /audit` returns it with its changes.',
    },
  },
  {
    name: 'CountsEvent',
    schema: {
      ...objectOf({
        type: { enum: ['counts'] },
        time: INSTANT,
        counts: { type: 'object', additionalProperties: COUNT, description: 'By type' },
        partial: { ...YES_OR_NO, description: 'Whether other nodes did more than was looked at' },
      }),
      description: 'How many more events there were in the last quarter of a second than were sent one by one.',
    },
  },
  {
    name: 'ReloadEvent',
    schema: {
      ...objectOf({ type: { enum: ['reload'] }, time: INSTANT, reason: { enum: RELOAD_REASONS } }),
      description:
        'The client has to fetch its state: the stream has begun (`start`), what it missed is no longer known (`gap`), or it reads too slowly (`slow`).',
    },
  },
  {
    name: 'StreamEvent',
    schema: {
      anyOf: ['JobEvent', 'RunEvent', 'SchedulerEvent', 'AuditRecordedEvent', 'CountsEvent', 'ReloadEvent'].map(
        (name) => referTo(name),
      ),
    },
  },
];

export const EVENT_STREAM: OperationResponse = {
  description: 'Events, each with an `id`, its type as `event`, and as `data` JSON of this schema.',
  body: {
    contentType: 'text/event-stream',
    schema: referTo('StreamEvent'),
    example: {
      type: 'job_executed',
      time: '2030-01-31T09:00:01+00:00',
      node: 'vm',
      job_id: 'hello',
      jobstore: 'default',
      run_id: '01a2056781a5000001-5f3a9c1e',
      state: 'succeeded',
      reason: null,
      scheduled_run_time: '2030-01-31T09:00:00+00:00',
    },
  },
};
