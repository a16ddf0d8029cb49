import type { Fault } from '../../engine/errors.js';
import type { TriggerInput } from '../../engine/jobs/job-definition.js';
import { parseTrigger } from '../../engine/jobs/job-input.js';
import type { PreviewOptions } from '../../engine/jobs/preview.js';
import { parseDate } from '../../engine/time/iso-date.js';
import { fromWireMembers } from '../wire/case.js';
import { definedOf } from './defined-of.js';
import { engineFaults } from './engine-faults.js';
import { flattenTrigger } from './flatten-trigger.js';
import { InvalidBodyException } from './invalid-body.exception.js';
import { PreviewQueryDto } from './preview-query.dto.js';
import { PreviewDto } from './preview.dto.js';
import { readNestedTriggers } from './nested-triggers.js';
import { readDto } from './read-dto.js';
import { withoutNullOptions } from './without-nulls.js';

/**
 * What a request to preview a trigger asks for.
 *
 * @throws InvalidBodyException
 */
export function readPreview(body: unknown): { readonly trigger: TriggerInput; readonly options: PreviewOptions } {
  const faults: Fault[] = [];
  const { dto, faults: more } = readDto(PreviewDto, withoutNullOptions(flattenTrigger(body, faults)));
  faults.push(...more);
  const { count, from, ...members } = dto;
  const trigger = fromWireMembers(readNestedTriggers(definedOf(members), faults));
  // The engine checks all of it anyway; only where there are faults already, it must be asked for its own.
  if (faults.length > 0) {
    if (dto.trigger !== undefined) faults.push(...engineFaults(() => parseTrigger(trigger)));
    if (typeof from === 'string') faults.push(...engineFaults(() => parseDate(from, 'from', 'UTC')));
    throw new InvalidBodyException('Invalid preview', faults);
  }
  return { trigger: trigger as unknown as TriggerInput, options: definedOf({ count, from }) };
}

/**
 * What the query of a request for a job's next times asks for.
 *
 * @throws InvalidBodyException
 */
export function readPreviewQuery(query: unknown): PreviewOptions {
  // Each platform has its own idea of an object without a prototype.
  const { dto, faults } = readDto(PreviewQueryDto, { ...(query as object) });
  const { count, from } = dto;
  if (faults.length > 0) {
    if (typeof from === 'string') faults.push(...engineFaults(() => parseDate(from, 'from', 'UTC')));
    throw new InvalidBodyException('Invalid preview', faults);
  }
  return definedOf({ count: count === undefined ? undefined : Number(count), from });
}
