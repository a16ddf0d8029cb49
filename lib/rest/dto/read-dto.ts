import type { Type } from '@nestjs/common';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import type { Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { fromWireName, toWireName } from '../wire/case.js';
import { InvalidBodyException } from './invalid-body.exception.js';
import { findJsonHazards, TOO_DEEP } from './json-hazards.js';

/**
 * Checks a body against a DTO's rules. We do so ourselves: the application's own `ValidationPipe` would have its own
 * settings, and say so in its own words.
 *
 * @param body - as parsed from JSON; undefined counts as empty.
 * @returns the members of the body, and what is wrong with them.
 * @throws InvalidBodyException when the body is no JSON object.
 */
export function readDto<T extends object>(type: Type<T>, body: unknown): { dto: T; faults: Fault[] } {
  const members = body === undefined ? {} : body;
  if (!isPlainObject(members)) {
    const problem = `must be a JSON object, got ${show(members)}`;
    throw new InvalidBodyException('Invalid request', [{ field: 'body', problem }]);
  }
  const known = memberNames(type);
  const dto = new type();
  const faults = findJsonHazards(members);
  // What is nested too deep must not reach anything that recurs, the engine's own checks included.
  const tooDeep = new Set(faults.filter(({ problem }) => problem === TOO_DEEP).map(({ field }) => field));
  for (const [name, value] of Object.entries(members)) {
    if (tooDeep.has(name)) continue;
    if (known.has(name)) Object.assign(dto, { [name]: value });
    else faults.push({ field: name, problem: unknownMember(name, known) });
  }
  faults.push(...validateSync(dto, { stopAtFirstError: true }).map(toFault));
  return { dto, faults };
}

/** The decorators are the one list of what a body may have. Names from outside are only ever looked up in this set. */
function memberNames(type: Type): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return new Set(rules.map(({ propertyName }) => propertyName));
}

function unknownMember(name: string, known: ReadonlySet<string>): string {
  const meant = toWireName(fromWireName(name));
  return known.has(meant) ? `is not known here; did you mean ${meant}?` : 'is not known here';
}

function toFault({ property, value, constraints = {} }: ValidationError): Fault {
  if (value === undefined) return { field: property, problem: 'is missing' };
  return { field: property, problem: `${Object.values(constraints).join(' and ')}, got ${show(value)}` };
}
