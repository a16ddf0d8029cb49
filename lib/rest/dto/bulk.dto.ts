import { IsBoolean, IsIn } from 'class-validator';
import { BULK_ACTIONS, MAX_BULK, type BulkAction } from '../../engine/jobs/bulk-jobs.js';
import { JobFilterDto } from './job-query.dto.js';
import { IfGiven, IsCount, IsNested, IsOneOrMore, IsTags, IsText, must } from './rules.js';

/** The body of `POST /jobs/bulk`. */
export class BulkDto {
  @IsIn(BULK_ACTIONS, must(`one of ${BULK_ACTIONS.join(', ')}`)) action!: BulkAction;
  /** The jobs that are meant; or `where` is given. */
  @IfGiven() @IsOneOrMore('isTexts') ids?: string[];
  /** With `ids`. @default whichever store has each job */
  @IfGiven() @IsText("a job store's alias") jobstore?: string;
  /** Finds the jobs that are meant, as the query of `GET /jobs` does. */
  @IsNested('isFilter', 'an object with filters of jobs', () => JobFilterDto) where?: JobFilterDto;
  /** With `where`: how many jobs this request takes. @default 1000 */
  @IfGiven() @IsCount(MAX_BULK) limit?: number;
  /** With `where`: goes on where another request ended. */
  @IfGiven() @IsText('the next_cursor of a response') cursor?: string;
  /** For `tag` and `untag`. */
  @IfGiven() @IsTags() tags?: string[];
  /** Why, for the audit trail; a pause keeps it as well. */
  @IfGiven() @IsText() note?: string;
  /** Only say which jobs it would be done to. @default false */
  @IfGiven() @IsBoolean(must('true or false')) dry_run?: boolean;
}
