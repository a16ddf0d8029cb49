import { IsArray, IsBoolean, IsIn, IsInt, Min } from 'class-validator';
import type { CoalesceMode } from '../../engine/model/job.js';
import { OVERLAP_POLICIES, type OverlapPolicy } from '../../engine/model/job-policies.js';
import { IfGiven, IsDateTextOrNull, IsMembers, IsPositiveSecondsOrNull, IsRetry, IsText, must } from './rules.js';
import type { RetryDto } from './retry.dto.js';
import { TriggerFieldsDto } from './trigger-fields.dto.js';

const COUNT = 'a whole number of at least 1';

/** What can be said of a job both when it is added and later. */
export class JobFieldsDto extends TriggerFieldsDto {
  @IfGiven()
  @IsText("a trigger's name, or an object with a trigger's type and options")
  trigger?: string;

  @IfGiven()
  @IsText()
  name?: string;

  @IfGiven()
  @IsArray(must('an array'))
  args?: unknown[];

  @IfGiven()
  @IsMembers()
  kwargs?: Record<string, unknown>;

  @IfGiven()
  @IsText("an executor's alias")
  executor?: string;

  @IfGiven()
  @IsText("a job store's alias")
  jobstore?: string;

  @IfGiven()
  @IsIn([true, false, 'latest', 'earliest', 'all'], must('true, false, "latest", "earliest" or "all"'))
  coalesce?: boolean | CoalesceMode;

  @IfGiven()
  @IsInt(must(COUNT))
  @Min(1, must(COUNT))
  catch_up_limit?: number;

  @IfGiven()
  @IsPositiveSecondsOrNull()
  misfire_grace_time?: number | string | null;

  @IfGiven()
  @IsInt(must(COUNT))
  @Min(1, must(COUNT))
  max_instances?: number;

  @IfGiven()
  @IsIn(OVERLAP_POLICIES, must(`one of ${OVERLAP_POLICIES.join(', ')}`))
  overlap?: OverlapPolicy;

  @IfGiven()
  @IsInt(must(COUNT))
  @Min(1, must(COUNT))
  max_queued?: number;

  @IfGiven()
  @IsPositiveSecondsOrNull()
  timeout?: number | string | null;

  @IfGiven()
  @IsRetry()
  retry?: RetryDto | number | null;

  @IfGiven()
  @IsBoolean(must('true or false'))
  run_on_start?: boolean;

  @IfGiven()
  @IsDateTextOrNull()
  next_run_time?: string | null;
}
