import { EVENT_ALL } from '../../engine/events.js';
import { MethodMarks } from './method-marks.js';

/** The masks that {@link OnSchedulerEvent} has given. */
export const listenerMarks = new MethodMarks<{ readonly mask: number }>();

/** A decorator of methods that can be called with an event. */
export type ListenerMethodDecorator = <T extends (event: never) => unknown>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;

/**
 * Calls a method with each `SchedulerEvent` that a mask lets through, from the application's bootstrap on.
 * What it throws, or rejects with, is logged and affects no other listener. On a request-scoped provider, each event has an
 * instance of its own.
 *
 * @param mask - the union of event codes. Default: `EVENT_ALL`.
 *
 * @example
 * ```ts
 * @OnSchedulerEvent(EVENT_JOB_ERROR | EVENT_JOB_MISSED)
 * alarm(event: JobErrorEvent | JobMissedEvent) {}
 * ```
 */
export function OnSchedulerEvent(mask: number = EVENT_ALL): ListenerMethodDecorator {
  return (target, method, descriptor) => listenerMarks.add(target, method, descriptor, { mask });
}
