import type { Fault } from '../../engine/errors.js';
import { unknownMember } from './invalid-input.exception.js';

/** JSON is parsed without recursion, but most of what reads it afterwards is recursive. */
const MAX_DEPTH = 64;
/** Twice as many as a trigger can have. class-validator takes about 50 µs for each. */
const MAX_OBJECTS = 2000;
/** No DTO has more. class-transformer compares each name with all others. */
const MAX_MEMBERS = 100;

/** The data of tasks has any members and any number of them, as class-transformer and class-validator do not read it. */
const TASK_DATA: ReadonlySet<string> = new Set(['args', 'kwargs']);

/** What must not get further: code there would fail, take long, or overlook it. */
export function jsonHazards(members: Readonly<Record<string, unknown>>): readonly Fault[] {
  const faults = new Map<string, Fault>();
  const add = (field: string, problem: string): unknown => faults.set(field, { field, problem });
  let objects = 0;
  const waiting = Object.entries(members).map(([member, value]) => ({ member, path: member, value, depth: 1 }));
  for (let visit = waiting.pop(); visit; visit = waiting.pop()) {
    const { member, path, value, depth } = visit;
    const isTaskData = TASK_DATA.has(member);
    // JSON has such numbers as 1e999. Elsewhere the DTOs' rules refuse them.
    if (isTaskData && typeof value === 'number' && !Number.isFinite(value)) {
      add(member, 'holds a number that is too large');
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MAX_DEPTH) {
      add(member, `is nested more than ${MAX_DEPTH} levels deep`);
      continue;
    }
    const entries = Object.entries(value);
    if (Object.hasOwn(value, '__proto__')) add(member, 'holds a member that is called __proto__');
    else if (!isTaskData && !Array.isArray(value)) {
      if (entries.length > MAX_MEMBERS) add(member, `holds an object of more than ${MAX_MEMBERS} members`);
      if (++objects > MAX_OBJECTS) add(member, `holds more than ${MAX_OBJECTS} objects`);
      // class-transformer leaves these out, and calls `constructor`.
      for (const name of Object.keys(value)) {
        if (name in Object.prototype) faults.set(`${path}.${name}`, unknownMember(`${path}.${name}`));
      }
    }
    for (const [name, inner] of entries) {
      waiting.push({
        member,
        path: Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`,
        value: inner as unknown,
        depth: depth + 1,
      });
    }
  }
  return [...faults.values()];
}
