import { IsBoolean } from 'class-validator';
import { MAX_RUNS } from '../../engine/runs/run-query.js';
import type { RunState } from '../../engine/model/run-record.js';
import {
  BooleanFromText,
  CountFromText,
  IfGiven,
  IsCount,
  IsDateText,
  IsNote,
  IsRunStates,
  IsTaskData,
  IsText,
  ListFromText,
  must,
} from './rules.js';

/** The body of `POST /jobs/:id/run`: arguments that replace the job's own in this run. */
export class RunJobDto {
  @IfGiven() @IsTaskData('isArguments') args?: unknown[];
  @IfGiven() @IsTaskData('isKeywords') kwargs?: Record<string, unknown>;
  /** Why, for the audit trail. */
  @IfGiven() @IsNote() note?: string;
}

/** The query of `POST /jobs/:id/run`. */
export class RunJobQueryDto {
  /** Whether the response waits for the end of the run. @default true */
  @IfGiven() @BooleanFromText() @IsBoolean(must('true or false')) wait?: boolean;
}

/** The query of `GET /jobs/:id/runs`. A name that occurs several times is a list, which only `state` may be. */
export class JobRunQueryDto {
  @IfGiven() @IsText("a job store's alias") jobstore?: string;
  @IfGiven() @ListFromText() @IsRunStates() state?: RunState[];
  @IfGiven() @IsDateText() from?: string;
  @IfGiven() @IsDateText() to?: string;
  @IfGiven() @CountFromText() @IsCount(MAX_RUNS) limit?: number;
  @IfGiven() @IsText('the next_cursor of a page') cursor?: string;
}

/** The query of `GET /runs`. */
export class RunQueryDto extends JobRunQueryDto {
  @IfGiven() @IsText("a job's id") job_id?: string;
}
