import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsNumber, ValidateIf, ValidateNested } from 'class-validator';
import { CRON_FIELD_NAMES } from '../../engine/triggers/cron/cron-fields.js';
import { MAX_MEMBERS } from '../../engine/triggers/combining/members.js';
import { MAX_PREVIEW_COUNT } from '../../engine/jobs/preview.js';
import { TRIGGER_OPTION_NAMES } from '../../engine/triggers/option-names.js';
import { toWireName } from '../wire/case.js';
import {
  amended,
  CountFromText,
  IfGiven,
  IsCount,
  IsCronField,
  IsDateText,
  IsNested,
  IsSeconds,
  IsText,
  must,
  NullIsAbsent,
  SECONDS_OR_TEXT,
} from './rules.js';

const NUMBER = must('a number');
const FEW_ENOUGH = { message: `must have at most ${MAX_MEMBERS} members` };

/** The options of triggers that may be null. */
export const NULLABLE_OPTIONS: readonly string[] = [
  ...['timezone', 'jitter', 'run_date', 'start_date', 'end_date'],
  ...CRON_FIELD_NAMES.map(toWireName),
];

const TRIGGER_NAMES = Object.keys(TRIGGER_OPTION_NAMES);

/** Flask-APScheduler's older form of a trigger is taken apart before the rules apply. */
export const OrTriggerObject = () =>
  amended(({ description, ...schema }, nest) => ({
    anyOf: [{ ...schema, enum: TRIGGER_NAMES }, nest(NestedTriggerDto)],
    description,
  }));

/** Which names there are, the engine checks. */
const IsOneOfTriggers = () => amended((schema) => ({ ...schema, enum: TRIGGER_NAMES }));

/** A jitter that is the same for each run of a job. */
export class SeededJitterDto {
  @IsSeconds() max!: number | string;
  @IsIn(['id'], must("'id'")) seed!: 'id';
}

/** The options of all triggers. Which of them a trigger has, and which values they take, the engine checks. */
@NullIsAbsent(NULLABLE_OPTIONS, (plain) => 'trigger' in plain || 'type' in plain)
export class TriggerFieldsDto {
  @IfGiven() @IsDateText() run_date?: string;
  @IfGiven() @IsDateText() start_date?: string;
  @IfGiven() @IsDateText() end_date?: string;
  @IfGiven() @IsText() timezone?: string;

  @IsNested(
    'isJitter',
    'a number of seconds, a duration such as 1h30m, or an object with max and seed',
    () => SeededJitterDto,
    SECONDS_OR_TEXT,
  )
  jitter?: number | string | SeededJitterDto;

  @IfGiven() @IsText('a duration such as 1h30m, 90s or PT90S') every?: string;
  @IfGiven() @IsNumber({}, NUMBER) years?: number;
  @IfGiven() @IsNumber({}, NUMBER) months?: number;
  @IfGiven() @IsNumber({}, NUMBER) weeks?: number;
  @IfGiven() @IsNumber({}, NUMBER) days?: number;
  @IfGiven() @IsNumber({}, NUMBER) hours?: number;
  @IfGiven() @IsNumber({}, NUMBER) minutes?: number;
  @IfGiven() @IsNumber({}, NUMBER) seconds?: number;

  @IfGiven() @IsText('a crontab expression') crontab?: string;
  @IfGiven() @IsText('"standard" or "extended"') dialect?: string;
  @IfGiven() @IsCronField() year?: string | number;
  @IfGiven() @IsCronField() month?: string | number;
  @IfGiven() @IsCronField() day?: string | number;
  @IfGiven() @IsCronField() week?: string | number;
  @IfGiven() @IsCronField() day_of_week?: string | number;
  @IfGiven() @IsCronField() hour?: string | number;
  @IfGiven() @IsCronField() minute?: string | number;
  @IfGiven() @IsCronField() second?: string | number;

  @IfGiven()
  @ArrayMaxSize(MAX_MEMBERS, FEW_ENOUGH)
  @IsArray(must('an array of triggers'))
  @ValidateNested({ each: true })
  @Type(() => NestedTriggerDto)
  triggers?: NestedTriggerDto[];

  // Readonly, as decorators would read the name of a class before it is defined.
  @IsNested('isTrigger', 'a trigger', () => NestedTriggerDto)
  base?: Readonly<NestedTriggerDto>;

  /** Dates may be among them. The pipe leaves those to the engine; class-validator alone knows nothing but objects here. */
  @amended(({ items, ...schema }) => ({ ...schema, items: { anyOf: [{ type: 'string' }, items] } }))
  @IfGiven()
  @ArrayMaxSize(MAX_MEMBERS, FEW_ENOUGH)
  @IsArray(must('an array of triggers, days, dates and { from, to }'))
  @ValidateNested({ each: true })
  @Type(() => ExclusionDto)
  except?: (string | ExclusionDto)[];
}

/** A trigger inside of another one. Its name may be called either way. */
export class NestedTriggerDto extends TriggerFieldsDto {
  @IsOneOfTriggers() @IfGiven() @IsText("a trigger's name") trigger?: string;
  @IsOneOfTriggers() @IfGiven() @IsText("a trigger's name") type?: string;
}

const isPeriod = ({ from, to }: ExclusionDto): boolean => from !== undefined || to !== undefined;

/** What a trigger leaves out, where that is no date: a trigger, or a period. */
export class ExclusionDto extends NestedTriggerDto {
  @ValidateIf(isPeriod) @IsDateText() from?: string;
  @ValidateIf(isPeriod) @IsDateText() to?: string;
}

/** The body of `POST /preview`. */
export class PreviewDto extends TriggerFieldsDto {
  @OrTriggerObject() @IsText("a trigger's name, or an object with a trigger's type and options") trigger!: string;
  @IfGiven() @IsCount(MAX_PREVIEW_COUNT) count?: number;
  @IfGiven() @IsDateText() from?: string;
}

/** The query of `GET /jobs/:id/next`. */
export class PreviewQueryDto {
  @IfGiven() @CountFromText() @IsCount(MAX_PREVIEW_COUNT) count?: number;
  @IfGiven() @IsDateText() from?: string;
}
