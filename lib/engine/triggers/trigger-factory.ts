import { InvalidInputError } from '../errors.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { AndTrigger } from './and.trigger.js';
import { CalendarIntervalTrigger } from './calendar-interval.trigger.js';
import { isFewEnough, MAX_DEPTH, MAX_MEMBERS, UnreadableTrigger } from './combining/members.js';
import { CronTrigger } from './cron.trigger.js';
import { DateTrigger } from './date.trigger.js';
import { ExceptTrigger } from './except.trigger.js';
import { FaultList } from './fault-list.js';
import { givenOptions } from './given-options.js';
import { IntervalTrigger } from './interval.trigger.js';
import { isTrigger } from './is-trigger.js';
import { MadeTrigger } from './made-trigger.js';
import type {
  CalendarIntervalTriggerOptions,
  CombinedTriggerOptions,
  CronTriggerOptions,
  DateTriggerOptions,
  IntervalTriggerOptions,
  TriggerType,
} from './options.js';
import { OrTrigger } from './or.trigger.js';
import type { Trigger } from './trigger.js';

export { TRIGGER_OPTION_NAMES } from './option-names.js';

/** Each constructor checks what it is given, so options from JSON may go straight in. `depth` counts the triggers around. */
const makers: Readonly<Record<TriggerType, (options: unknown, depth: number) => Trigger>> = {
  date: (options) => new DateTrigger(options as DateTriggerOptions),
  interval: (options) => new IntervalTrigger(options as IntervalTriggerOptions),
  cron: (options) => new CronTrigger(options as CronTriggerOptions),
  calendarinterval: (options) => new CalendarIntervalTrigger(options as CalendarIntervalTriggerOptions),
  and: (options, depth) => new AndTrigger(readMembers(options, depth), options as CombinedTriggerOptions),
  or: (options, depth) => new OrTrigger(readMembers(options, depth), options as CombinedTriggerOptions),
  except: (options, depth) => makeExcept(options, depth),
};

/** Jobs that are added one after the other often have the same trigger, and none of them ever changes. */
let latest: MadeTrigger | null = null;

/**
 * Makes a trigger of its name and options that may be anything. Members that are undefined count as absent.
 *
 * @throws InvalidInputError with every fault: an unknown name (field `trigger`), unknown options, bad values
 */
export function createTrigger(type: string, options: Record<string, unknown>): Trigger {
  const known = latest?.recall(type, options);
  if (known) return known;
  const trigger = make(type, 'trigger', options, 0);
  latest = new MadeTrigger(type, options, trigger);
  return trigger;
}

/**
 * Makes a trigger of its plain-JSON form.
 *
 * @throws InvalidInputError with every fault
 */
export function triggerFromJson(json: unknown): Trigger {
  if (!isPlainObject(json)) {
    const problem = `must be an object with a type, got ${show(json)}`;
    throw new InvalidInputError('Invalid trigger', [{ field: 'trigger', problem }]);
  }
  const { type, ...options } = json;
  return make(type, 'type', options, 0);
}

/** @param field - what the type is called, for an error. */
function make(type: unknown, field: string, options: unknown, depth: number): Trigger {
  if (typeof type === 'string' && Object.hasOwn(makers, type)) return makers[type as TriggerType](options, depth);
  const problem = `must be one of ${Object.keys(makers).join(', ')}, got ${show(type)}`;
  throw new InvalidInputError('Invalid trigger', [{ field, problem }]);
}

/** Reads the members of a trigger. What is none, or too long a list, is left as it is, for the constructor to refuse. */
function readMembers(options: unknown, depth: number): readonly Trigger[] {
  const triggers: unknown = isPlainObject(options) ? options['triggers'] : undefined;
  const isReadable = Array.isArray(triggers) && triggers.length <= MAX_MEMBERS;
  return (isReadable ? triggers.map((it) => readMember(it, depth)) : triggers) as readonly Trigger[];
}

/** Reads a member: a trigger, or its options and its name; that is its `type`, or its `trigger` as in job definitions. */
function readMember(value: unknown, depth: number): unknown {
  if (!isPlainObject(value) || isTrigger(value)) return value;
  const field = 'trigger' in value && !('type' in value) ? 'trigger' : 'type';
  const { [field]: type, ...options } = value;
  if (depth === MAX_DEPTH) {
    return new UnreadableTrigger([{ field, problem: `is nested more than ${MAX_DEPTH} levels deep` }]);
  }
  try {
    return make(type, field, options, depth + 1);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return new UnreadableTrigger(error.faults);
  }
}

function makeExcept(options: unknown, depth: number): Trigger {
  const faults = new FaultList();
  const { base, except } = givenOptions('except', options, faults);
  const isList = Array.isArray(except);
  if (!isList) faults.add('except', `must be an array of triggers, days, dates and { from, to }, got ${show(except)}`);
  const given: unknown[] = isList && isFewEnough(except, 'except', faults) ? except : [];
  const excluded = given.map((it) => (isWindow(it) ? it : readMember(it, depth)));
  const trigger = faults.attempt(
    () => new ExceptTrigger(readMember(base, depth) as Trigger, ...(excluded as Trigger[])),
  );
  if (trigger === undefined) throw faults.toError('Invalid except trigger');
  faults.throwIfAny('Invalid except trigger');
  return trigger;
}

function isWindow(value: unknown): boolean {
  return isPlainObject(value) && ('from' in value || 'to' in value);
}
