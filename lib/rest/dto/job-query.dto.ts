import { IsBoolean, IsIn } from 'class-validator';
import { MAX_JOBS } from '../../engine/jobs/job-query.js';
import { JOB_ORDERS, JOB_STATES, type JobState } from '../../engine/model/job-query.js';
import type { RunState } from '../../engine/model/run-record.js';
import { UPPER_BOUNDS } from '../../engine/util/bounds.js';
import { toSnakeCase } from '../../module/spelling.js';
import {
  BooleanFromText,
  CountFromText,
  IfGiven,
  IsCount,
  IsDateText,
  IsOneOrMore,
  IsRunStates,
  IsText,
  ListFromText,
  must,
  TextsFromText,
} from './rules.js';

/** Orders on the wire, and with `-` the reverse ones. */
const SORTS = JOB_ORDERS.map(toSnakeCase).flatMap((order) => [order, `-${order}`]);

/** Which jobs are meant, whenever they run: those that all of it applies to. Of several values, one must apply. */
export class TimelessFilterDto {
  /** Found in the id or the name, in upper or lower case. */
  @IfGiven() @IsText() text?: string;
  @IfGiven() @ListFromText() @IsOneOrMore('isJobStates', JOB_STATES) state?: JobState[];
  /** Types of triggers. */
  @IfGiven() @TextsFromText() @IsOneOrMore('isTexts') trigger?: string[];
  @IfGiven() @TextsFromText() @IsOneOrMore('isTexts') func?: string[];
  @IfGiven() @IsText("a job store's alias") jobstore?: string;
  @IfGiven() @TextsFromText() @IsOneOrMore('isTexts') executor?: string[];
  @IfGiven() @TextsFromText() @IsOneOrMore('isTexts') tag?: string[];
  /** Whether a decorator, the configuration or `declareJob()` has declared it. */
  @IfGiven() @BooleanFromText() @IsBoolean(must('true or false')) declared?: boolean;
  /** States of the last run. */
  @IfGiven() @ListFromText() @IsRunStates() last_outcome?: RunState[];
}

/** Which jobs are meant. */
export class JobFilterDto extends TimelessFilterDto {
  /** With a next run time not before this. */
  @IfGiven() @IsDateText() next_from?: string;
  /** With a next run time before this. */
  @IfGiven() @IsDateText() next_to?: string;
}

/**
 * The query of `GET /jobs`. `state`, `last_outcome` and `fields` are separated by commas or repeated; the others, which may have
 * commas of their own, are repeated.
 */
export class JobQueryDto extends JobFilterDto {
  /** @default 'id' */
  @IfGiven() @IsIn(SORTS, must(`one of ${SORTS.join(', ')}`)) sort?: string;
  /** @default 100 */
  @IfGiven() @CountFromText() @IsCount(MAX_JOBS) limit?: number;
  @IfGiven() @IsText('the next_cursor of a page') cursor?: string;
  /** Which members of each job to show. @default all of them */
  @IfGiven() @ListFromText() @IsOneOrMore('isTexts') fields?: string[];
}

/** The query of `GET /timeline`: a range of time, and filters of jobs. */
export class TimelineDto extends TimelessFilterDto {
  /** @default now */
  @IfGiven() @IsDateText() from?: string;
  @IsDateText() to!: string;
  /** @default 1000 */
  @IfGiven() @CountFromText() @IsCount(UPPER_BOUNDS.timelineEntries) limit?: number;
  /** In seconds. @default each time is listed */
  @IfGiven() @CountFromText() @IsCount(UPPER_BOUNDS.timelineResolution) resolution?: number;
}
