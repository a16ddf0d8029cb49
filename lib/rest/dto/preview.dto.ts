import { IsInt, Max, Min } from 'class-validator';
import { MAX_PREVIEW_COUNT } from '../../engine/jobs/preview.js';
import { IfGiven, IsDateText, IsText, must } from './rules.js';
import { TriggerFieldsDto } from './trigger-fields.dto.js';

const COUNT = `a whole number from 1 to ${MAX_PREVIEW_COUNT}`;

/** The body of `POST /preview`. */
export class PreviewDto extends TriggerFieldsDto {
  @IsText("a trigger's name, or an object with a trigger's type and options")
  trigger!: string;

  @IfGiven()
  @IsInt(must(COUNT))
  @Min(1, must(COUNT))
  @Max(MAX_PREVIEW_COUNT, must(COUNT))
  count?: number;

  @IfGiven()
  @IsDateText()
  from?: string;
}
