import { InvalidInputError } from '../errors.js';
import { show } from '../inspect.js';
import { isPlainObject } from '../job-options.js';
import { CalendarIntervalTrigger } from './calendar-interval.trigger.js';
import { CronTrigger } from './cron.trigger.js';
import { DateTrigger } from './date.trigger.js';
import { IntervalTrigger } from './interval.trigger.js';
import type {
  CalendarIntervalTriggerOptions,
  CronTriggerOptions,
  DateTriggerOptions,
  IntervalTriggerOptions,
  TriggerType,
} from './options.js';
import type { Trigger } from './trigger.js';

export { TRIGGER_OPTION_NAMES } from './option-names.js';

/** Each constructor checks what it is given, so options from JSON may go straight in. */
const makers: Readonly<Record<TriggerType, (options: unknown) => Trigger>> = {
  date: (options) => new DateTrigger(options as DateTriggerOptions),
  interval: (options) => new IntervalTrigger(options as IntervalTriggerOptions),
  cron: (options) => new CronTrigger(options as CronTriggerOptions),
  calendarinterval: (options) => new CalendarIntervalTrigger(options as CalendarIntervalTriggerOptions),
};

/**
 * Makes a trigger of its name and options that may be anything. Members that are undefined count as absent.
 *
 * @throws InvalidInputError with every fault: an unknown name (field `trigger`), unknown options, bad values
 */
export function createTrigger(type: string, options: Record<string, unknown>): Trigger {
  const make = isTriggerType(type) ? makers[type] : undefined;
  if (make === undefined) throw unknownType('trigger', type);
  return make(options);
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
  if (!isTriggerType(type)) throw unknownType('type', type);
  return makers[type](options);
}

function isTriggerType(type: unknown): type is TriggerType {
  return typeof type === 'string' && Object.hasOwn(makers, type);
}

function unknownType(field: string, type: unknown): InvalidInputError {
  const problem = `must be one of ${Object.keys(makers).join(', ')}, got ${show(type)}`;
  return new InvalidInputError('Invalid trigger', [{ field, problem }]);
}
