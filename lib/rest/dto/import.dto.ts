import { IsBoolean, IsIn } from 'class-validator';
import { IMPORT_CONFLICTS, type ImportConflict } from '../../engine/transfer/job-streams.js';
import { BooleanFromText, IfGiven, IsText, must } from './rules.js';

/** The query of `POST /import`. */
export class ImportQueryDto {
  /** What is done with a job whose id is taken: it fails, is left out, or takes the other one's place. @default 'error' */
  @IfGiven() @IsIn(IMPORT_CONFLICTS, must(`one of ${IMPORT_CONFLICTS.join(', ')}`)) on_conflict?: ImportConflict;
  /** Only say what would become of each line. @default false */
  @IfGiven() @BooleanFromText() @IsBoolean(must('true or false')) dry_run?: boolean;
  /** The store that all jobs are added to. @default the one that each came from */
  @IfGiven() @IsText("a job store's alias") jobstore?: string;
}
