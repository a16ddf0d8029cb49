import { IsBoolean, MaxLength } from 'class-validator';
import { MAX_ID_LENGTH } from '../../engine/job-options.js';
import { JobFieldsDto } from './job-fields.dto.js';
import { IfGiven, IsText, must } from './rules.js';

/** The body of `POST /jobs`. */
export class AddJobDto extends JobFieldsDto {
  @IsText()
  @MaxLength(MAX_ID_LENGTH, must(`at most ${MAX_ID_LENGTH} characters long`))
  id!: string;

  @IsText("a registered task's name")
  func!: string;

  @IfGiven()
  @IsBoolean(must('true or false'))
  replace_existing?: boolean;
}
