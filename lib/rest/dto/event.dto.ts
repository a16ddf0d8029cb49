import {
  AUDIT_CHANGE_TYPE,
  JOB_CHANGE_TYPES,
  RUN_CHANGE_TYPES,
  STATE_CHANGE_TYPES,
} from '../../engine/watch/scheduler-change.js';
import { IfGiven, IsOneOrMore, ListFromText, TextsFromText } from './rules.js';

/** The types of events that can be asked for. */
export const EVENT_TYPES = [
  ...JOB_CHANGE_TYPES,
  ...RUN_CHANGE_TYPES,
  ...STATE_CHANGE_TYPES,
  AUDIT_CHANGE_TYPE,
] as const;

/** The query of `GET /events`. `type` is separated by commas or repeated, `job_id` is repeated. */
export class EventQueryDto {
  /** Only events of these jobs. @default those of all jobs, and those of the scheduler */
  @IfGiven() @TextsFromText() @IsOneOrMore('isTexts') job_id?: string[];
  /** Only events of these types; `reload` and `counts` come in any case. @default all of them */
  @IfGiven() @ListFromText() @IsOneOrMore('isEventTypes', EVENT_TYPES) type?: string[];
}
