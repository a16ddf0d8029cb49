import { isPlainObject } from '../../engine/util/is-plain-object.js';

/** A trigger that has been taken apart. */
export interface OpenedTrigger {
  readonly type: unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Takes a trigger in Flask-APScheduler's older form apart: `{ type: 'cron', hour: 3 }`; a date when it has no type.
 *
 * @returns undefined when it is in no such form.
 */
export function openTrigger(trigger: unknown): OpenedTrigger | undefined {
  if (!isPlainObject(trigger)) return undefined;
  const { type = 'date', ...options } = trigger;
  return { type, options };
}
