import { IsIn } from 'class-validator';
import type { SchedulerScope } from '../../engine/lifecycle/lifecycle-options.js';
import { IfGiven, must } from './rules.js';

/** The body, or the query, of `POST /start`, `/shutdown`, `/pause` and `/resume`. */
export class ScopeDto {
  /** Whether all nodes that share a job store are meant, or the one that is asked. @default 'cluster' */
  @IfGiven()
  @IsIn(['cluster', 'node'], must('"cluster" or "node"'))
  scope?: SchedulerScope;
}
