import { MAX_RUNS } from '../../engine/runs/run-query.js';
import { IfGiven, IsCountText, IsDateText, IsRunStates, IsText } from './rules.js';

/** The query of `GET /jobs/:id/runs`: all of it text. A name that comes twice has a list, which only `state` may be. */
export class JobRunQueryDto {
  @IfGiven()
  @IsText("a job store's alias")
  jobstore?: string;

  @IfGiven()
  @IsRunStates()
  state?: string | string[];

  @IfGiven()
  @IsDateText()
  from?: string;

  @IfGiven()
  @IsDateText()
  to?: string;

  @IfGiven()
  @IsCountText(MAX_RUNS)
  limit?: string;

  @IfGiven()
  @IsText('the next_cursor of a page')
  cursor?: string;
}

/** The query of `GET /runs`. */
export class RunQueryDto extends JobRunQueryDto {
  @IfGiven()
  @IsText("a job's id")
  job_id?: string;
}
