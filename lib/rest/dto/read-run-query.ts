import type { Type } from '@nestjs/common';
import type { RunQuery } from '../../engine/model/run-record.js';
import { fromWireMembers } from '../wire/case.js';
import { definedOf } from './defined-of.js';
import { engineFaults } from './engine-faults.js';
import { InvalidBodyException } from './invalid-body.exception.js';
import { readDto } from './read-dto.js';
import { statesOf } from './rules.js';
import type { JobRunQueryDto } from './run-query.dto.js';

/**
 * Which runs a query asks for.
 *
 * @param check - throws what the engine has to say against a query.
 * @throws InvalidBodyException
 */
export function readRunQuery(
  type: Type<JobRunQueryDto>,
  query: unknown,
  check: (query: RunQuery) => void,
): Readonly<RunQuery> {
  // Each platform has its own idea of an object without a prototype.
  const { dto, faults } = readDto(type, { ...(query as object) });
  const { state, limit, ...members } = dto;
  const read = fromWireMembers(
    definedOf({
      ...members,
      state: state === undefined ? undefined : statesOf(state),
      limit: limit === undefined ? undefined : Number(limit),
    }),
  ) as RunQuery;
  // The engine checks a query anyway; only where there are faults already, its own must be asked for.
  if (faults.length > 0) {
    throw new InvalidBodyException('Invalid query for runs', [...faults, ...engineFaults(() => check(read))]);
  }
  return read;
}
