import { JobFieldsDto } from './job-fields.dto.js';
import { IfGiven, IsText } from './rules.js';

/** The body of `PATCH /jobs/:id`. */
export class UpdateJobDto extends JobFieldsDto {
  /** There so that an answer can be sent back; it can only be the job's own. */
  @IfGiven()
  @IsText()
  id?: string;

  @IfGiven()
  @IsText("a registered task's name")
  func?: string;
}
