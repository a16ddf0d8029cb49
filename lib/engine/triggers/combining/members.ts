import type { Fault } from '../../errors.js';
import { show } from '../../util/inspect.js';
import type { FaultList } from '../fault-list.js';
import { isTrigger } from '../is-trigger.js';
import type { Trigger } from '../trigger.js';

/** A trigger that another one is made of. */
export interface Member {
  /** Where it stands among the options: `triggers[2]`. */
  readonly field: string;
  readonly trigger: Trigger;
}

/** Stands where a trigger could not be read, so that its faults are reported together with all others. */
export class UnreadableTrigger {
  constructor(readonly faults: readonly Fault[]) {}
}

/** How deep triggers may be nested, and how many one may be made of: more can only be a mistake, or malice. */
export const MAX_DEPTH = 16;
export const MAX_MEMBERS = 1000;

/** Checks a list of members. */
export function checkMembers(given: unknown, field: string, faults: FaultList): Member[] {
  if (!Array.isArray(given)) {
    faults.add(field, `must be an array of triggers, got ${show(given)}`);
    return [];
  }
  if (given.length === 0) faults.add(field, 'must name at least one trigger, got []');
  if (!isFewEnough(given, field, faults)) return [];
  return given.flatMap((value: unknown, index) => checkMember(value, `${field}[${index}]`, faults));
}

/** Checks a member: none, when it is refused. One that delays its runs is refused: only the outermost trigger's jitter counts. */
export function checkMember(value: unknown, field: string, faults: FaultList): Member[] {
  const members = checkTrigger(value, field, faults);
  for (const { trigger } of members) {
    if (!trigger.jitter) continue;
    faults.add(
      `${field}.jitter`,
      `has no effect on a member: give it to the outermost trigger, got ${show(trigger.jitter)}`,
    );
  }
  return members;
}

/** As {@link checkMember}, for a trigger whose jitter counts. */
export function checkTrigger(value: unknown, field: string, faults: FaultList): Member[] {
  if (isTrigger(value)) return [{ field, trigger: value }];
  if (value instanceof UnreadableTrigger) faults.addAll(value.faults, field);
  else faults.add(field, `must be a trigger, got ${show(value)}`);
  return [];
}

/** Whether a list may have so many members. */
export function isFewEnough(given: readonly unknown[], field: string, faults: FaultList): boolean {
  if (given.length <= MAX_MEMBERS) return true;
  faults.add(field, `must have at most ${MAX_MEMBERS} members, got ${given.length}`);
  return false;
}
