import type { RunJobOptions } from '../../engine/jobs/run-options.js';
import { definedOf } from './defined-of.js';
import { InvalidBodyException } from './invalid-body.exception.js';
import { readDto } from './read-dto.js';
import { RunJobDto, RunJobQueryDto } from './run-job.dto.js';

/** How a request wants a job to be run. */
export interface RunRequest extends Pick<RunJobOptions, 'args' | 'kwargs'> {
  readonly wait: boolean;
}

/**
 * How a request wants a job to be run.
 *
 * @throws InvalidBodyException
 */
export function readRunJob(body: unknown, query: unknown): RunRequest {
  const asked = readDto(RunJobQueryDto, { ...(query as object) });
  const call = readDto(RunJobDto, body);
  const faults = [...asked.faults, ...call.faults];
  if (faults.length > 0) throw new InvalidBodyException('Invalid request', faults);
  return { ...definedOf({ ...call.dto }), wait: asked.dto.wait !== 'false' };
}
