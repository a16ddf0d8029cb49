import { AUDIT_ACTIONS, type AuditAction } from '../../engine/model/audit.js';
import { UPPER_BOUNDS } from '../../engine/util/bounds.js';
import { CountFromText, IfGiven, IsCount, IsDateText, IsOneOrMore, IsText, ListFromText } from './rules.js';

/** The query of `GET /audit`. A name that occurs several times is a list, which only `action` may be. */
export class AuditQueryDto {
  @IfGiven() @IsText("a job's id") job_id?: string;
  @IfGiven() @IsText("a job store's alias") jobstore?: string;
  @IfGiven() @IsText("an actor's name") actor?: string;
  @IfGiven() @ListFromText() @IsOneOrMore('isAuditActions', AUDIT_ACTIONS) action?: AuditAction[];
  @IfGiven() @IsDateText() from?: string;
  @IfGiven() @IsDateText() to?: string;
  @IfGiven() @CountFromText() @IsCount(UPPER_BOUNDS.auditPerPage) limit?: number;
  @IfGiven() @IsText('the next_cursor of a page') cursor?: string;
}
