import type { Type } from '@nestjs/common';
import type { Fault } from '../../engine/errors.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { MAX_DEPTH, MAX_MEMBERS } from '../../engine/triggers/combining/members.js';
import { fromWireMembers } from '../wire/case.js';
import { ExclusionWindowDto, NestedTriggerDto } from './nested-trigger.dto.js';
import { readDto } from './read-dto.js';
import { withoutNullMembers } from './without-nulls.js';

type Members = Readonly<Record<string, unknown>>;

/**
 * The triggers inside a trigger, by the same rules as the trigger itself and under their TypeScript names. What is no
 * trigger at all is left as it is: the engine says so.
 *
 * @param members - of a body, checked; the other ones stay as they are.
 * @param faults - where goes what is wrong, each by the path to it.
 */
export function readNestedTriggers(members: Members, faults: Fault[], path = '', depth = 0): Record<string, unknown> {
  // A list that is too long, and what is too deep, the engine refuses as a whole.
  const isList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length <= MAX_MEMBERS;
  const read = (value: unknown, field: string): unknown =>
    depth < MAX_DEPTH ? readMember(value, path + field, faults, depth) : value;
  const { triggers, base, except } = members;
  return {
    ...members,
    ...(base !== undefined && { base: read(base, 'base') }),
    ...(isList(triggers) && { triggers: triggers.map((it, index) => read(it, `triggers[${index}]`)) }),
    ...(isList(except) && { except: except.map((it, index) => read(it, `except[${index}]`)) }),
  };
}

function readMember(value: unknown, path: string, faults: Fault[], depth: number): unknown {
  if (!isPlainObject(value)) return value;
  if ('from' in value || 'to' in value) return checked(ExclusionWindowDto, value, path, faults);
  const members = checked(NestedTriggerDto, withoutNullMembers(value) as Members, path, faults);
  return fromWireMembers(readNestedTriggers(members, faults, `${path}.`, depth + 1));
}

/** What a DTO knows of an object's members; what is wrong with them goes to the faults. */
function checked(dtoType: Type<object>, value: Members, path: string, faults: Fault[]): Members {
  const { dto, faults: own } = readDto(dtoType, value);
  faults.push(...own.map(({ field, problem }) => ({ field: `${path}.${field}`, problem })));
  return Object.fromEntries(Object.entries(dto).filter(([, member]) => member !== undefined));
}
