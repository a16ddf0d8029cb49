import type { Trigger } from './trigger.js';

/** Whether a value has all that a trigger needs. */
export function isTrigger(value: unknown): value is Trigger {
  if (typeof value !== 'object' || value === null) return false;
  const { type, timezone, next, previous, toJSON } = value as Partial<Record<keyof Trigger, unknown>>;
  return (
    typeof type === 'string' &&
    typeof timezone === 'string' &&
    [next, previous, toJSON].every((method) => typeof method === 'function')
  );
}
