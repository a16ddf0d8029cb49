import { InvalidInputError, type Fault } from '../errors.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';

/** Which part of the work of all nodes that share its job stores a node does. */
export interface NodeRoles {
  /**
   * Whether it declares jobs, and hands over the runs of executors whose runs leave the process. Any node adds and changes jobs when it
   * is asked to.
   */
  readonly schedule: boolean;
  /** Whose runs it carries out in its own process: those of all its executors, of these aliases, or none. */
  readonly execute: boolean | readonly string[];
}

/** The option `roles`. */
export interface NodeRolesOption {
  /**
   * Whether this node declares jobs (decorators, the option `jobs`, `declareJob()`), and hands over the runs of executors whose runs
   * leave the process.
   * @default true
   */
  readonly schedule?: boolean;
  /** Whose runs it carries out in its own process: `true` for all its executors, their aliases, or `false` for none. @default true */
  readonly execute?: boolean | readonly string[];
}

/** What a node does that does not say: all there is to do. */
export const ALL_ROLES: NodeRoles = { schedule: true, execute: true };

const MEMBERS: readonly string[] = ['schedule', 'execute'] satisfies (keyof NodeRoles)[];

/** What is wrong with the option `roles`, apart from names of executors that are not there. */
export function rolesFaults(value: unknown, field = 'roles'): readonly Fault[] {
  if (!isPlainObject(value)) return [{ field, problem: `must be { schedule, execute }, got ${show(value)}` }];
  const { schedule = true, execute = true } = value;
  const faults: Fault[] = Object.keys(value)
    .filter((name) => !MEMBERS.includes(name))
    .map((name) => ({ field: `${field}.${name}`, problem: `is not known; known are ${MEMBERS.join(', ')}` }));
  if (typeof schedule !== 'boolean') {
    faults.push({ field: `${field}.schedule`, problem: `must be true or false, got ${show(schedule)}` });
  }
  if (typeof execute !== 'boolean' && !areAliases(execute)) {
    const problem = `must be true, false or an array of aliases of executors, got ${show(execute)}`;
    faults.push({ field: `${field}.execute`, problem });
  }
  return faults;
}

/** @throws InvalidInputError */
export function readRoles(value: NodeRolesOption | undefined): NodeRoles {
  if (value === undefined) return ALL_ROLES;
  const faults = rolesFaults(value);
  if (faults.length > 0) throw new InvalidInputError('Invalid scheduler', faults);
  const { schedule = true, execute = true } = value;
  return { schedule, execute: typeof execute === 'boolean' ? execute : [...new Set(execute)] };
}

export function areRoles(value: unknown): value is NodeRoles {
  if (!isPlainObject(value)) return false;
  const { schedule, execute } = value;
  return typeof schedule === 'boolean' && (typeof execute === 'boolean' || areAliases(execute));
}

/** Whether a node carries out runs of an executor itself, if it has one of that alias. */
export function executesRunsOf({ execute }: NodeRoles, executor: string): boolean {
  return typeof execute === 'boolean' ? execute : execute.includes(executor);
}

function areAliases(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((alias) => typeof alias === 'string' && alias !== '');
}
