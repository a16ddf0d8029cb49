import { IsArray, IsNumber } from 'class-validator';
import { IfGiven, IsCronField, IsDateText, IsJitter, IsMembers, IsText, must } from './rules.js';

/** The options of every trigger. Which of them a trigger takes, and which values, the engine knows. */
export class TriggerFieldsDto {
  @IfGiven()
  @IsDateText()
  run_date?: string;

  @IfGiven()
  @IsDateText()
  start_date?: string;

  @IfGiven()
  @IsDateText()
  end_date?: string;

  @IfGiven()
  @IsText()
  timezone?: string;

  @IfGiven()
  @IsJitter()
  jitter?: number | string | Record<string, unknown>;

  @IfGiven()
  @IsText('a duration such as 1h30m, 90s or PT90S')
  every?: string;

  @IfGiven()
  @IsNumber({}, must('a number'))
  years?: number;

  @IfGiven()
  @IsNumber({}, must('a number'))
  months?: number;

  @IfGiven()
  @IsNumber({}, must('a number'))
  weeks?: number;

  @IfGiven()
  @IsNumber({}, must('a number'))
  days?: number;

  @IfGiven()
  @IsNumber({}, must('a number'))
  hours?: number;

  @IfGiven()
  @IsNumber({}, must('a number'))
  minutes?: number;

  @IfGiven()
  @IsNumber({}, must('a number'))
  seconds?: number;

  @IfGiven()
  @IsText('a crontab expression')
  crontab?: string;

  @IfGiven()
  @IsText('"standard" or "extended"')
  dialect?: string;

  @IfGiven()
  @IsCronField()
  year?: string | number;

  @IfGiven()
  @IsCronField()
  month?: string | number;

  @IfGiven()
  @IsCronField()
  day?: string | number;

  @IfGiven()
  @IsCronField()
  week?: string | number;

  @IfGiven()
  @IsCronField()
  day_of_week?: string | number;

  @IfGiven()
  @IsCronField()
  hour?: string | number;

  @IfGiven()
  @IsCronField()
  minute?: string | number;

  @IfGiven()
  @IsCronField()
  second?: string | number;

  @IfGiven()
  @IsArray(must('an array of triggers'))
  triggers?: unknown[];

  @IfGiven()
  @IsMembers()
  base?: Record<string, unknown>;

  @IfGiven()
  @IsArray(must('an array of triggers, days, dates and { from, to }'))
  except?: unknown[];
}
