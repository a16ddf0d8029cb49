import { IsBoolean, IsIn } from 'class-validator';
import type { SchedulerScope } from '../../engine/lifecycle/lifecycle-options.js';
import { IfGiven, must } from './rules.js';

/** The body, or the query, of `POST /start`, `/shutdown`, `/pause` and `/resume`. */
export class ScopeDto {
  /** All nodes that share a job store, or the one that gets the request. @default 'cluster' */
  @IfGiven() @IsIn(['cluster', 'node'], must('"cluster" or "node"')) scope?: SchedulerScope;
}

/** The body of `POST /shutdown`. */
export class ShutdownDto extends ScopeDto {
  /** Wait for active runs, for at most `shutdownTimeout`. @default true */
  @IfGiven() @IsBoolean(must('true or false')) wait?: boolean;
}
