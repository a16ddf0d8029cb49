import type { Fault } from '../../engine/errors.js';

/** How deep a member may nest: JSON is parsed without recursion, but much of what comes after recurs. */
const MAX_DEPTH = 64;
export const TOO_DEEP = `is nested more than ${MAX_DEPTH} levels deep`;

interface Visit {
  readonly field: string;
  readonly value: unknown;
  readonly depth: number;
}

/** What no member of a body may hold, whatever it is for; one fault for each member at most. */
export function findJsonHazards(body: Readonly<Record<string, unknown>>): Fault[] {
  const faults = new Map<string, Fault>();
  const waiting: Visit[] = Object.entries(body).map(([field, value]) => ({ field, value, depth: 1 }));
  for (let visit = waiting.pop(); visit; visit = waiting.pop()) {
    const { field, value, depth } = visit;
    const problem = problemOf(value, depth);
    if (problem !== undefined) faults.set(field, { field, problem });
    else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) waiting.push({ field, value: inner, depth: depth + 1 });
    }
  }
  return [...faults.values()];
}

function problemOf(value: unknown, depth: number): string | undefined {
  // JSON knows no infinity: 1e999 is what becomes one, and it could not be answered again.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'holds a number that is too large';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) return TOO_DEEP;
  return Object.hasOwn(value, '__proto__') ? 'holds a member that is called __proto__' : undefined;
}
