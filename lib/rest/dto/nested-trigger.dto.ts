import { IfGiven, IsDateText, IsText } from './rules.js';
import { TriggerFieldsDto } from './trigger-fields.dto.js';

/** A trigger inside another one. Its name may be called either way. */
export class NestedTriggerDto extends TriggerFieldsDto {
  @IfGiven()
  @IsText("a trigger's name")
  trigger?: string;

  @IfGiven()
  @IsText("a trigger's name")
  type?: string;
}

/** A stretch of time that a trigger leaves out. */
export class ExclusionWindowDto {
  @IsDateText()
  from!: string;

  @IsDateText()
  to!: string;
}
