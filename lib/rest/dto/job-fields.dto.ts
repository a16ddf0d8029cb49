import { IsArray, IsBoolean, IsInt, Min } from 'class-validator';
import { IfGiven, IsDateTextOrNull, IsGraceTime, IsMembers, IsText, must } from './rules.js';
import { TriggerFieldsDto } from './trigger-fields.dto.js';

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
  @IsBoolean(must('true or false'))
  coalesce?: boolean;

  @IfGiven()
  @IsGraceTime()
  misfire_grace_time?: number | string | null;

  @IfGiven()
  @IsInt(must('a whole number of at least 1'))
  @Min(1, must('a whole number of at least 1'))
  max_instances?: number;

  @IfGiven()
  @IsDateTextOrNull()
  next_run_time?: string | null;
}
