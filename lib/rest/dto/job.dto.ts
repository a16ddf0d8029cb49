import { IsBoolean, IsIn } from 'class-validator';
import { Transform } from 'class-transformer';
import type { CoalesceMode, RunOnStart } from '../../engine/model/job.js';
import { OVERLAP_POLICIES, type OverlapPolicy } from '../../engine/model/job-policies.js';
import {
  amended,
  ATTEMPTS_OR_NULL,
  IfGiven,
  Ignored,
  IsCount,
  IsCountOrNull,
  IsDateTextOrNull,
  IsJobId,
  IsNested,
  IsNote,
  IsPositiveSecondsOrNull,
  IsSeconds,
  IsTags,
  IsTaskData,
  IsText,
  IsTextOrNull,
  must,
  NullIsAbsent,
} from './rules.js';
import { NULLABLE_OPTIONS, OrTriggerObject, TriggerFieldsDto } from './trigger.dto.js';

const TRUE_OR_FALSE = must('true or false');
const COALESCE = must('true, false, "latest", "earliest" or "all"');

/** A job's `retry`, where it is more than a number of attempts. */
export class RetryDto {
  @IsCount() attempts!: number;
  @IfGiven() @IsSeconds() delay?: number | string;
  @IfGiven() @IsIn(['fixed', 'exponential'], must('"fixed" or "exponential"')) backoff?: 'fixed' | 'exponential';
  @IfGiven() @IsSeconds() max_delay?: number | string;
  @IfGiven() @IsSeconds() jitter?: number | string;
  @IfGiven() @IsText("a registered predicate's name") retry_if?: string;
}

/** The members of a job that can be set when it is added, and changed later. */
export class JobFieldsDto extends TriggerFieldsDto {
  @OrTriggerObject()
  @IfGiven()
  @IsText("a trigger's name, or an object with a trigger's type and options")
  trigger?: string;
  @IfGiven() @IsText() name?: string;
  @IfGiven() @IsTaskData('isArguments') args?: unknown[];
  @IfGiven() @IsTaskData('isKeywords') kwargs?: Record<string, unknown>;
  @IfGiven() @IsText("an executor's alias") executor?: string;
  @IfGiven() @IsText("a job store's alias") jobstore?: string;
  @IfGiven() @IsIn([true, false, 'latest', 'earliest', 'all'], COALESCE) coalesce?: boolean | CoalesceMode;
  @IfGiven() @IsCount() catch_up_limit?: number;
  @IfGiven() @IsPositiveSecondsOrNull() misfire_grace_time?: number | string | null;
  @IfGiven() @IsCount() max_instances?: number;
  @IfGiven() @IsIn(OVERLAP_POLICIES, must(`one of ${OVERLAP_POLICIES.join(', ')}`)) overlap?: OverlapPolicy;
  @IfGiven() @IsCount() max_queued?: number;
  @IfGiven() @IsPositiveSecondsOrNull() timeout?: number | string | null;

  @IsNested(
    'isRetry',
    'an object with attempts, a whole number of attempts of at least 1, or null',
    () => RetryDto,
    ATTEMPTS_OR_NULL,
  )
  retry?: RetryDto | number | null;

  @IfGiven()
  @IsIn([true, false, 'node', 'cluster'], must('true, false, "node" or "cluster"'))
  run_on_start?: RunOnStart;
  @IfGiven() @IsDateTextOrNull() next_run_time?: string | null;

  @IfGiven() @IsTags() tags?: string[];
  @IfGiven() @IsTaskData('isKeywords') metadata?: Record<string, unknown>;
  @IfGiven() @IsTextOrNull() description?: string | null;
  @IfGiven() @IsCountOrNull() max_runs?: number | null;
  @IfGiven() @IsCountOrNull() pause_after_failures?: number | null;

  /** Why it is added or changed, for the audit trail. */
  @IfGiven() @IsNote() note?: string;

  /** Only what the job says, or what `next_run_time` says: null adds it paused. So that a response can be sent back. */
  @IfGiven() @IsBoolean(TRUE_OR_FALSE) paused?: boolean;

  /** Set by the scheduler. Ignored, so that a job of a response can be sent back, or added under another id. */
  @Ignored() last_run?: unknown;
  /** See `last_run`. */
  @Ignored() waiting_for?: unknown;
  /** See `last_run`. */
  @Ignored() runs_left?: unknown;
  /** See `last_run`. */
  @Ignored() failures?: unknown;
  /** See `last_run`. */
  @Ignored() pause?: unknown;
}

/** The body of `POST /jobs`. */
@NullIsAbsent(['name', 'args', 'kwargs', 'tags', 'metadata', 'trigger', ...NULLABLE_OPTIONS])
export class AddJobDto extends JobFieldsDto {
  @IsJobId() id!: string;
  @IsText("a registered task's name") func!: string;
  @IfGiven() @IsBoolean(TRUE_OR_FALSE) replace_existing?: boolean;
  @IfGiven() @IsBoolean(TRUE_OR_FALSE) enabled?: boolean;
  /** An empty one counts as absent. */
  @amended((schema) => ({ ...schema, minLength: 0 }))
  @Transform(({ value }: { value: unknown }) => (value === '' ? undefined : value))
  declare name?: string;
}

/** The body of `PUT /jobs/:id`: that of a new job, whose id the path has. */
@NullIsAbsent(['name', 'args', 'kwargs', 'tags', 'metadata', 'trigger', ...NULLABLE_OPTIONS])
export class PutJobDto extends AddJobDto {
  @IfGiven() declare id: string;
}

/** The body of `POST /jobs/:id/pause`. */
export class PauseJobDto {
  /** Why it is paused. It is shown with the job until it is resumed. */
  @IfGiven() @IsText('a text') note?: string;
}

/** The body of `PATCH /jobs/:id`. */
export class UpdateJobDto extends JobFieldsDto {
  /** Only the job's own id, so that a response can be sent back. */
  @IfGiven() @IsText() id?: string;
  /** Only what the job's declaration says, for the same reason. */
  @IfGiven() @IsBoolean(TRUE_OR_FALSE) enabled?: boolean;
  @IfGiven() @IsText("a registered task's name") func?: string;
}
