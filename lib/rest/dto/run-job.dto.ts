import { IsArray, IsIn } from 'class-validator';
import { IfGiven, IsMembers, must } from './rules.js';

/** The body of `POST /jobs/:id/run`. */
export class RunJobDto {
  /** In place of the job's own, for this run. */
  @IfGiven()
  @IsArray(must('an array'))
  args?: unknown[];

  /** In place of the job's own, for this run. */
  @IfGiven()
  @IsMembers()
  kwargs?: Record<string, unknown>;
}

/** The query of `POST /jobs/:id/run`. */
export class RunJobQueryDto {
  /** Whether to answer when the run is over, or as soon as it is on its way. @default 'true' */
  @IfGiven()
  @IsIn(['true', 'false'], must('true or false'))
  wait?: 'true' | 'false';
}
