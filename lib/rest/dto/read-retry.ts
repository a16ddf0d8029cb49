import type { Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { TaskRegistry } from '../../engine/executors/tasks.js';
import { fromWireMembers } from '../wire/case.js';
import { definedOf } from './defined-of.js';
import { readDto } from './read-dto.js';
import { RetryDto } from './retry.dto.js';

type Members = Readonly<Record<string, unknown>>;

/**
 * The members of a job, its `retry` by its own rules and under its TypeScript names.
 *
 * @param faults - where goes what is wrong, each by the path to it.
 */
export function readRetryMember(members: Members, predicates: TaskRegistry, faults: Fault[]): Members {
  const { retry } = members;
  if (!isPlainObject(retry)) return members;
  const { dto, faults: own } = readDto(RetryDto, retry);
  faults.push(...own.map(({ field, problem }) => ({ field: `retry.${field}`, problem })));
  const { retry_if: name } = dto;
  // Nothing else may be called over the network: a task would run outside of runs and history.
  if (typeof name === 'string' && !predicates.has(name)) {
    faults.push({ field: 'retry.retry_if', problem: `names no registered predicate, got ${show(name)}` });
  }
  return { ...members, retry: fromWireMembers(definedOf({ ...dto })) };
}
