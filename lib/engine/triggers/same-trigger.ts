import { isDeepStrictEqual } from 'node:util';
import { isPlainObject } from '../util/is-plain-object.js';
import type { Trigger } from './trigger.js';

/** What an anchor fills in by the moment of adding. */
const STARTS: ReadonlySet<string> = new Set(['startDate', 'runDate']);

/**
 * Whether a trigger given anew is the one that a job has: a start that it left open, in a trigger inside it too, is
 * whatever the job's was completed with.
 *
 * @param incoming - what `given` is when it is anchored.
 */
export function sameTrigger(current: Trigger, incoming: Trigger, given: Trigger | undefined): boolean {
  const open = given?.toJSON();
  return isDeepStrictEqual(withoutOpen(current.toJSON(), open), withoutOpen(incoming.toJSON(), open));
}

/** A trigger's JSON without the starts that are not in the JSON of the open one. */
function withoutOpen(json: unknown, open: unknown): unknown {
  if (Array.isArray(json)) {
    const members: readonly unknown[] = Array.isArray(open) ? open : [];
    return json.map((member, index) => withoutOpen(member, members[index]));
  }
  if (!isPlainObject(json)) return json;
  const given = isPlainObject(open) ? open : {};
  const kept = Object.entries(json).filter(([name]) => !STARTS.has(name) || name in given);
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutOpen(member, given[name])]));
}
