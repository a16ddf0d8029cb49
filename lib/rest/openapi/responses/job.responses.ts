import type { ArgumentClass } from '../../../arguments/argument-schema.js';
import { jsonSchemaOf } from '../../../arguments/json-schema.js';
import { nullable } from '../../../arguments/nullable-schema.js';
import type { JsonSchema } from '../../../engine/model/argument-schema.js';
import { OVERLAP_POLICIES } from '../../../engine/model/job-policies.js';
import { ExclusionDto, NestedTriggerDto, TriggerFieldsDto } from '../../dto/trigger.dto.js';
import { referToClass } from '../class-components.js';
import {
  ANY_OBJECT,
  ANYTHING,
  arrayOf,
  COUNT,
  COUNT_OR_NULL,
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

const EXAMPLE = {
  id: 'hello',
  name: 'hello',
  func: 'greet',
  args: ['world'],
  kwargs: {},
  trigger: 'interval',
  start_date: '2030-01-01T09:00:00+00:00',
  minutes: 10,
  timezone: 'UTC',
  misfire_grace_time: null,
  max_instances: 1,
  next_run_time: '2030-01-01T09:10:00+00:00',
  coalesce: true,
  catch_up_limit: 100,
  overlap: 'skip',
  max_queued: 10,
  timeout: null,
  retry: { attempts: 3, delay: 1, backoff: 'exponential', max_delay: 3600, jitter: 0 },
  executor: 'default',
  jobstore: 'default',
  run_on_start: false,
  tags: ['demo'],
  metadata: {},
  description: 'Greets somebody',
  max_runs: null,
  runs_left: null,
  pause_after_failures: null,
  failures: 0,
  enabled: true,
  paused: false,
  pause: null,
  last_run: null,
  waiting_for: null,
};

/** The options of a trigger, as they can be sent back. */
const TRIGGER_OPTIONS = withoutNull(
  jsonSchemaOf(TriggerFieldsDto, (type: ArgumentClass) => {
    if (type === NestedTriggerDto) return referTo('Trigger');
    return type === ExclusionDto
      ? { anyOf: [referTo('Trigger'), objectOf({ from: TEXT, to: TEXT })] }
      : referToClass(type);
  })['properties'] as Readonly<Record<string, JsonSchema>>,
);

const SECONDS_OR_NULL = { ...NUMBER_OR_NULL, description: 'In seconds' };

const JOB = objectOf(
  {
    id: TEXT,
    name: TEXT,
    func: { ...TEXT, description: "The task's name" },
    args: arrayOf(ANYTHING),
    kwargs: ANY_OBJECT,
    trigger: { ...TEXT, description: "The trigger's type, or `unreadable`. Its options are beside it." },
    executor: TEXT,
    jobstore: TEXT,
    run_on_start: { enum: [true, false, 'node', 'cluster'] },
    tags: arrayOf(TEXT),
    metadata: ANY_OBJECT,
    description: TEXT_OR_NULL,
    max_runs: COUNT_OR_NULL,
    runs_left: COUNT_OR_NULL,
    pause_after_failures: COUNT_OR_NULL,
    failures: { ...COUNT, description: 'How often it has failed in a row, with `pause_after_failures`' },
    enabled: { ...YES_OR_NO, description: 'What its declaration says' },
    paused: { ...YES_OR_NO, description: 'Whether it is held: paused, or not enabled' },
    pause: nullable(referTo('JobPause')),
    last_run: nullable(referTo('Run')),
    waiting_for: {
      ...TEXT_OR_NULL,
      description: 'The task or the executor that is missing, or a node that executes its runs',
    },
  },
  {
    ...TRIGGER_OPTIONS,
    misfire_grace_time: SECONDS_OR_NULL,
    max_instances: COUNT,
    next_run_time: { ...INSTANT_OR_NULL, description: 'Null while it is paused' },
    coalesce: { enum: [true, false, 'earliest'] },
    catch_up_limit: COUNT,
    overlap: { enum: OVERLAP_POLICIES },
    max_queued: COUNT,
    timeout: SECONDS_OR_NULL,
    retry: nullable(referTo('RetryPolicy')),
    unreadable: { ...TEXT, description: 'Why it cannot be read' },
    raw: { ...ANYTHING, description: 'The record that cannot be read, if one job is asked for' },
  },
);

export const JOB_COMPONENTS: readonly Component[] = [
  {
    name: 'Job',
    schema: {
      ...JOB,
      description: 'One that was added before the start of the scheduler has no defaults and no `next_run_time` yet.',
      examples: [EXAMPLE],
    },
  },
  {
    name: 'Trigger',
    schema: { ...objectOf({ trigger: TEXT }, TRIGGER_OPTIONS), description: 'A trigger inside another one' },
  },
  {
    name: 'JobPage',
    schema: {
      ...objectOf({ jobs: arrayOf({ anyOf: [referTo('Job'), ANY_OBJECT] }), next_cursor: TEXT_OR_NULL }),
      description: 'With `fields`, jobs have no other members. A page may have few jobs, and yet be not the last one.',
    },
  },
  {
    name: 'BulkResult',
    schema: objectOf({
      results: arrayOf(
        objectOf({
          id: TEXT,
          jobstore: { ...TEXT_OR_NULL, description: 'Null where the job was not found' },
          ok: YES_OR_NO,
          error_message: { ...TEXT_OR_NULL, description: 'Why it was not done' },
        }),
      ),
      next_cursor: TEXT_OR_NULL,
      dry_run: YES_OR_NO,
    }),
  },
  {
    name: 'ImportResult',
    schema: objectOf({
      added: COUNT,
      replaced: COUNT,
      skipped: COUNT,
      failed: COUNT,
      dry_run: YES_OR_NO,
      errors: {
        ...arrayOf(
          objectOf({
            line: { ...COUNT, description: 'From 1' },
            id: { ...TEXT_OR_NULL, description: 'Null where the line does not say it' },
            error_message: TEXT,
          }),
        ),
        description: 'The first of those that failed',
      },
    }),
  },
  {
    name: 'JobPause',
    schema: objectOf({
      since: INSTANT,
      actor: TEXT_OR_NULL,
      note: TEXT_OR_NULL,
      reason: { enum: ['request', 'failures'] },
    }),
  },
  {
    name: 'RetryPolicy',
    schema: objectOf(
      {
        attempts: COUNT,
        delay: NUMBER,
        backoff: { enum: ['fixed', 'exponential'] },
        max_delay: NUMBER,
        jitter: NUMBER,
      },
      { retry_if: { ...TEXT, description: 'The name of the predicate' } },
    ),
  },
];

export const jobResponse = (description: string): OperationResponse => ({
  description,
  body: { schema: referTo('Job'), example: EXAMPLE },
  headers: { ETag: 'The version of the job, for `If-Match`. A job that cannot be read has none.' },
});

/** Without its version. */
export const jobAfterRunResponse = (description: string): OperationResponse => ({
  description,
  body: { schema: referTo('Job'), example: EXAMPLE },
});

export const jobsResponse = (description: string): OperationResponse => ({
  description,
  body: { schema: { anyOf: [arrayOf(referTo('Job')), referTo('JobPage')] }, example: [EXAMPLE] },
});

export const bulkResponse = (description: string): OperationResponse => ({
  description,
  body: {
    schema: referTo('BulkResult'),
    example: {
      results: [{ id: 'hello', jobstore: 'default', ok: true, error_message: null }],
      next_cursor: null,
      dry_run: false,
    },
  },
});

export const EXPORTED_LINES = [
  { format: 'nestjs-apscheduler', version: 1 },
  { id: 'hello', task: 'greet', args: ['world'], trigger: { type: 'interval', minutes: 10, timezone: 'UTC' } },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');

export const EXPORT: OperationResponse = {
  description: 'The jobs, a line for each.',
  body: { schema: TEXT, example: EXPORTED_LINES, contentType: 'application/x-ndjson' },
};

export const importResponse = (description: string): OperationResponse => ({
  description,
  body: {
    schema: referTo('ImportResult'),
    example: {
      ...{ added: 2, replaced: 0, skipped: 1, failed: 1, dry_run: false },
      errors: [{ line: 3, id: 'hello', error_message: 'Job hello already exists.' }],
    },
  },
});

/** On input, null stands for an option that is left out; in a response, it is left out. */
function withoutNull(options: Readonly<Record<string, JsonSchema>>): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, anyOf, ...schema }]) => [
      name,
      {
        ...schema,
        ...(type !== undefined && { type: Array.isArray(type) ? type.filter((each) => each !== 'null') : type }),
        ...(Array.isArray(anyOf) && { anyOf: anyOf.filter((each: JsonSchema) => each['type'] !== 'null') }),
      },
    ]),
  );
}
