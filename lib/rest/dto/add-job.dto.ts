import { IsBoolean } from 'class-validator';
import { JobFieldsDto } from './job-fields.dto.js';
import { IfGiven, IsJobId, IsText, must } from './rules.js';

/** The body of `POST /jobs`. */
export class AddJobDto extends JobFieldsDto {
  @IsJobId()
  id!: string;

  @IsText("a registered task's name")
  func!: string;

  @IfGiven()
  @IsBoolean(must('true or false'))
  replace_existing?: boolean;
}
