import { MAX_PREVIEW_COUNT } from '../../engine/jobs/preview.js';
import { IfGiven, IsCountText, IsDateText } from './rules.js';

/** The query of `GET /jobs/:id/next`: all of it text. A name that comes twice has a list, which is none. */
export class PreviewQueryDto {
  @IfGiven()
  @IsCountText(MAX_PREVIEW_COUNT)
  count?: string;

  @IfGiven()
  @IsDateText()
  from?: string;
}
