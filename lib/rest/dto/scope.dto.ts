import { IsBoolean, IsIn } from 'class-validator';
import type { SchedulerScope } from '../../engine/lifecycle/lifecycle-options.js';
import { IfGiven, IsNote, must } from './rules.js';

/** The query of `POST /start`, `/shutdown`, `/pause` and `/resume`; their body may say the same. */
export class ScopeDto {
  /** All nodes that share a job store, or the one that gets the request. @default 'cluster' */
  @IfGiven() @IsIn(['cluster', 'node'], must('"cluster" or "node"')) scope?: SchedulerScope;
}

/** The body of `POST /start`, `/pause` and `/resume`. */
export class ScopeBodyDto extends ScopeDto {
  /** Why, for the audit trail. */
  @IfGiven() @IsNote() note?: string;
}

/** The body of `POST /shutdown`. */
export class ShutdownDto extends ScopeBodyDto {
  /** Wait for active runs, for at most `shutdownTimeout`. @default true */
  @IfGiven() @IsBoolean(must('true or false')) wait?: boolean;
}
