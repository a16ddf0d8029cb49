import type { PipeTransform, Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, ValidationTypes, type ValidationError } from 'class-validator';
import type { Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import { TriggerFieldsDto } from '../dto/trigger.dto.js';
import { fromWireName, toWireName } from '../wire/case.js';
import { flattenTrigger, TRIGGER_MEMBERS } from '../wire/open-trigger.js';
import { engineFaults, InvalidInputException, unknownMember } from './invalid-input.exception.js';
import { jsonHazards } from './json-hazards.js';

type Members = Readonly<Record<string, unknown>>;

export interface InputPipeOptions<T> {
  /** What the message begins with. @default 'Invalid request' */
  readonly subject?: (dto: T, faults: readonly Fault[]) => string;
  /** Finds faults that depend on more than the input. */
  readonly findFaults?: (dto: T) => Iterable<Fault>;
  /**
   * The engine's checks. Only called when there are other faults, so that one response names all of them: the engine checks
   * valid input when it is used.
   */
  readonly checkByEngine?: (dto: T) => unknown;
}

/**
 * Makes a DTO of a request's body or query: class-transformer creates it, class-validator checks it.
 *
 * The controller calls the pipe itself. What Nest injects goes through the application's global pipes first, which may
 * change it, or refuse it with other messages.
 */
export class InputPipe<T extends object> implements PipeTransform<unknown, T> {
  constructor(
    private readonly type: Type<T>,
    private readonly options: InputPipeOptions<T> = {},
  ) {}

  /**
   * @param value - as parsed; undefined counts as empty.
   * @throws InvalidInputException
   */
  transform(value?: unknown): T {
    const { subject = () => 'Invalid request', checkByEngine } = this.options;
    const { dto, faults } = this.check(value);
    if (faults.length === 0) return dto;
    const more = checkByEngine ? engineFaults(() => checkByEngine(dto)) : [];
    throw new InvalidInputException(subject(dto, faults), [...faults, ...more]);
  }

  /**
   * As `transform`, but returns the faults.
   *
   * @throws InvalidInputException when the value is not an object, or has what cannot be checked.
   */
  check(value: unknown = {}): { readonly dto: T; readonly faults: readonly Fault[] } {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const problem = `must be a JSON object, got ${show(value)}`;
      throw new InvalidInputException('Invalid request', [{ field: 'body', problem }]);
    }
    const plain = this.type.prototype instanceof TriggerFieldsDto ? flattenTrigger({ ...value }) : value;
    const known = membersOf(this.type);
    const strangers = Object.keys(plain).filter((name) => !known.has(name));
    const members = Object.fromEntries(Object.entries(plain).filter(([name]) => known.get(name)));
    const faults = strangers.map((name) => strangerFault(name, name, known));
    const hazards = jsonHazards(members);
    if (hazards.length > 0) throw new InvalidInputException('Invalid request', [...hazards, ...faults]);
    const dto = plainToInstance(this.type, members);
    const errors = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true });
    faults.push(...faultsOf(errors, members), ...(this.options.findFaults?.(dto) ?? []));
    return { dto, faults };
  }
}

/** By class: its members, and whether they are read. Those that are merely allowed are not. */
const membersByClass = new WeakMap<object, ReadonlyMap<string, boolean>>();

function membersOf(type: object): ReadonlyMap<string, boolean> {
  const known = membersByClass.get(type);
  if (known) return known;
  const members = new Map<string, boolean>();
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(type as Type, '', false, false)) {
    const { propertyName, type: kind } = rule;
    members.set(propertyName, kind !== ValidationTypes.WHITELIST || members.get(propertyName) === true);
  }
  membersByClass.set(type, members);
  return members;
}

/** @param plain - what the DTO was made of, so that values are shown as they were sent. */
function* faultsOf(errors: readonly ValidationError[], plain: Members, path = ''): Generator<Fault> {
  for (const { property, target = {}, constraints, children = [] } of errors) {
    const isItem = Array.isArray(target);
    const field = isItem ? `${path}[${property}]` : path === '' ? property : `${path}.${property}`;
    const value = plain[property];
    if (constraints?.[ValidationTypes.WHITELIST] !== undefined) {
      // The engine may have an option of this name, and would report it again.
      Reflect.deleteProperty(target, property);
      yield strangerFault(field, property, membersOf(target.constructor));
    } else if (constraints && value === undefined) {
      yield { field, problem: 'is missing' };
      // Exclusions may be dates: items that are not objects are the engine's to check.
    } else if (constraints && !(isItem && ValidationTypes.NESTED_VALIDATION in constraints)) {
      yield { field, problem: `${Object.values(constraints).join(' and ')}, got ${show(value)}` };
    }
    yield* faultsOf(children, value as Members, field);
  }
}

function strangerFault(field: string, name: string, known: ReadonlyMap<string, boolean>): Fault {
  // See flattenTrigger.
  const option = /^trigger\.(.*)$/s.exec(name)?.[1];
  if (option !== undefined && TRIGGER_MEMBERS.has(option)) {
    return { field, problem: `is given twice: here and as ${option}` };
  }
  const meant = toWireName(fromWireName(name));
  return unknownMember(field, known.has(meant) ? `; did you mean ${meant}?` : '');
}
