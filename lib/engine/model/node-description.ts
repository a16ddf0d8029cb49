import { isPlainObject } from '../util/is-plain-object.js';
import { ALL_ROLES, areRoles, type NodeRoles } from './node-roles.js';
import type { NodeDescription, NodeState, NodeTask } from './node.js';

/** The longest text that describes a node: every node that shares a store with it reads it. */
const MOST_BYTES = 65_536;
/** What is needed beside the names. */
const FRAME_BYTES = 200;

const STATES: readonly unknown[] = ['starting', 'running', 'paused', 'stopped'] satisfies NodeState[];

/** Writes what a node says of itself as text for stores: JSON of at most 64 KiB. Names that have no room are left out. */
export function encodeNodeDescription(described: Omit<NodeDescription, 'complete'>): string {
  const text = textOf({ ...described, complete: true });
  if (Buffer.byteLength(text) <= MOST_BYTES) return text;
  let room = MOST_BYTES - FRAME_BYTES;
  const { execute } = described.roles;
  const hasRoom = (name: string): boolean => {
    // Two quotes and a comma; a character takes at least a byte.
    if (name.length + 3 > room) return false;
    const bytes = Buffer.byteLength(JSON.stringify(name)) + 1;
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  return textOf({
    state: described.state,
    roles: { ...described.roles, execute: typeof execute === 'boolean' ? execute : execute.filter(hasRoom) },
    executors: described.executors.filter(hasRoom),
    tasks: described.tasks.filter(({ name }) => hasRoom(name)),
    complete: false,
  });
}

function textOf({ state, roles, executors, tasks, complete }: NodeDescription): string {
  const [open, hidden] = [true, false].map((isOpen) => tasks.filter(({ rest }) => rest === isOpen));
  const names = { executors, tasks: open?.map(nameOf), hidden: hidden?.map(nameOf) };
  return JSON.stringify({ state, ...(roles !== ALL_ROLES && { roles }), ...names, complete });
}

const nameOf = ({ name }: NodeTask): string => name;

/** Reads what a node has said of itself. Null where it has said nothing, and where it cannot be read: a later release may say it differently. */
export function decodeNodeDescription(text: string | null): NodeDescription | null {
  let said: unknown;
  try {
    said = JSON.parse(text ?? '');
  } catch {
    return null;
  }
  const { state, roles, executors, tasks, hidden, complete } = isPlainObject(said) ? said : {};
  const isSound = STATES.includes(state) && areNames(executors) && areNames(tasks) && areNames(hidden);
  if (!isSound) return null;
  const all = [...tasks.map((name) => taskOf(name, true)), ...hidden.map((name) => taskOf(name, false))];
  return { state: state as NodeState, roles: rolesOf(roles), executors, tasks: all, complete: complete === true };
}

/** A node that says nothing of roles does everything, as an earlier release. */
const rolesOf = (said: unknown): NodeRoles => (areRoles(said) ? said : ALL_ROLES);

const taskOf = (name: string, rest: boolean): NodeTask => ({ name, rest });

function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
