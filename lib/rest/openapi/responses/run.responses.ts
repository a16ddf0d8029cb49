import { nullable } from '../../../arguments/nullable-schema.js';
import { RUN_STATES, type RunCause } from '../../../engine/model/run-record.js';
import {
  ANYTHING,
  arrayOf,
  INSTANT,
  INSTANT_OR_NULL,
  NUMBER_OR_NULL,
  objectOf,
  referTo,
  TEXT,
  TEXT_OR_NULL,
  YES_OR_NO,
  type Component,
} from '../component.js';
import type { OperationResponse } from '../operation.js';

const CAUSES: readonly RunCause[] = ['schedule', 'start', 'manual', 'retry'];

const EXAMPLE = {
  id: '01a2056781a5000001-5f3a9c1e',
  job_id: 'hello',
  jobstore: 'default',
  func: 'greet',
  cause: 'manual',
  state: 'succeeded',
  reason: null,
  settled: true,
  scheduled_run_time: '2030-01-01T09:00:00+00:00',
  last_scheduled_run_time: '2030-01-01T09:00:00+00:00',
  fire_time: '2030-01-01T09:00:00+00:00',
  started_at: '2030-01-01T09:00:00.002000+00:00',
  finished_at: '2030-01-01T09:00:01.252000+00:00',
  duration: 1.25,
  attempt: 1,
  given: null,
  retry_of: null,
  retry_at: null,
  result: 'Hello, world!',
  result_omitted: null,
  error: null,
  log: [{ time: '2030-01-01T09:00:01+00:00', message: 'half of it' }],
  progress: 0.5,
  node: 'vm',
  executor: 'default',
  worker: null,
};

const RUN = objectOf(
  {
    id: TEXT,
    job_id: TEXT,
    jobstore: TEXT,
    func: { ...TEXT, description: "The task's name; empty if the run cannot be read" },
    cause: { enum: [...CAUSES, null] },
    state: { enum: [...RUN_STATES, 'unreadable'] },
    reason: { ...TEXT_OR_NULL, description: 'Why it was not made, or did not end by itself' },
    settled: { ...YES_OR_NO, description: 'Whether its task is over' },
    scheduled_run_time: INSTANT_OR_NULL,
    last_scheduled_run_time: INSTANT_OR_NULL,
    fire_time: INSTANT_OR_NULL,
    started_at: INSTANT_OR_NULL,
    finished_at: INSTANT_OR_NULL,
    duration: { ...NUMBER_OR_NULL, minimum: 0, description: 'In seconds' },
    attempt: { type: 'integer', minimum: 1 },
    given: {
      ...nullable(objectOf({ args: { type: ['array', 'null'] }, kwargs: { type: ['object', 'null'] } })),
      description: "What a run by hand was given in place of its job's own",
    },
    retry_of: TEXT_OR_NULL,
    retry_at: INSTANT_OR_NULL,
    result: { ...ANYTHING, description: 'What its task returned' },
    result_omitted: { ...TEXT_OR_NULL, description: 'Why there is no result though its task returned something' },
    error: nullable(referTo('RunError')),
    log: arrayOf(objectOf({ time: INSTANT, message: TEXT })),
    progress: { ...NUMBER_OR_NULL, minimum: 0, maximum: 1 },
    node: TEXT,
    executor: TEXT_OR_NULL,
    worker: { ...TEXT_OR_NULL, description: 'Where its task was called, of a run that was handed over' },
  },
  {
    unreadable: { ...TEXT, description: 'Why it cannot be read' },
    raw: { ...ANYTHING, description: 'The record that cannot be read, if one run is asked for' },
  },
);

export const RUN_COMPONENTS: readonly Component[] = [
  { name: 'Run', schema: { ...RUN, examples: [EXAMPLE] } },
  {
    name: 'RunError',
    schema: objectOf(
      { name: TEXT, message: TEXT, stack: TEXT_OR_NULL },
      { cause: referTo('RunError'), errors: arrayOf(referTo('RunError')) },
    ),
  },
  {
    name: 'RunPage',
    schema: objectOf({
      runs: arrayOf(referTo('Run')),
      next_cursor: { ...TEXT_OR_NULL, description: 'Asks for the next page; null on the last one' },
    }),
  },
];

export const runResponse = (description: string): OperationResponse => ({
  description,
  body: { schema: referTo('Run'), example: EXAMPLE },
});

export const runPageResponse = (description: string): OperationResponse => ({
  description,
  body: { schema: referTo('RunPage'), example: { runs: [EXAMPLE], next_cursor: null } },
});
