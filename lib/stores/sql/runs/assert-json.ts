import { InvalidInputError } from '../../../engine/errors.js';
import type { RunRecord } from '../../../engine/runs/run-record.js';
import { findJsonFaults } from '../jobs/json-faults.js';

/** @throws InvalidInputError when a run was given what JSON cannot hold: its further attempts are given it too. */
export function assertJson({ jobId, given }: Pick<RunRecord, 'jobId' | 'given'>): void {
  const faults = Object.entries({ ...given }).flatMap(([name, value]) => findJsonFaults(value, name));
  if (faults.length > 0) throw new InvalidInputError(`Run of job "${jobId}" cannot be kept in a database`, faults);
}
