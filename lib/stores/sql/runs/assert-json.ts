import { InvalidInputError } from '../../../engine/errors.js';
import type { RunRecord } from '../../../engine/runs/run-record.js';
import { findJsonFaults } from '../jobs/json-faults.js';

/** @throws InvalidInputError if a run's own arguments cannot be stored as JSON, which its retries need */
export function assertJson({ jobId, given }: Pick<RunRecord, 'jobId' | 'given'>): void {
  const faults = Object.entries({ ...given }).flatMap(([name, value]) => findJsonFaults(value, name));
  if (faults.length > 0) throw new InvalidInputError(`Run of job "${jobId}" cannot be kept in a database`, faults);
}
