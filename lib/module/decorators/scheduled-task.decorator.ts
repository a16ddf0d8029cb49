import type { JobOptions } from '../../engine/jobs/job-definition.js';
import type { CrontabOptions, TriggerOptionsByType, TriggerType } from '../../engine/triggers/options.js';
import { MethodMarks } from './method-marks.js';
import type { TaskMethodDecorator } from './task-method-decorator.js';

/** What {@link ScheduledTask} says of a job beside its trigger. */
export interface ScheduledTaskJobOptions extends JobOptions {
  /**
   * The job's id. Give one to jobs in a durable store: the default changes when a class or a method is renamed, by a minifier
   * too, and a job of another id starts anew.
   * @default `Class:method`, then `Class:method#2` and so on
   */
  id?: string;
  /** False leaves the job out; its task stays, for other jobs and runs by hand. @default true */
  enabled?: boolean;
  /** The alias of the store to keep the job in. @default 'default' */
  jobStore?: string;
  /** The name of its task, for other jobs to use. @default what `@Task` says, else `Class:method` */
  taskName?: string;
}

/** Options of {@link ScheduledTask}: those of the trigger and those of the job. */
export type ScheduledTaskOptions<T extends TriggerType = TriggerType> = T extends TriggerType
  ? TriggerOptionsByType[T] & ScheduledTaskJobOptions
  : never;

/** A schedule as it was written above a method. */
export interface ScheduleMark {
  readonly trigger: string;
  readonly options: unknown;
}

/** The schedules that {@link ScheduledTask} has given. */
export const scheduleMarks = new MethodMarks<ScheduleMark>();

/** What {@link ScheduledTask} takes beside a trigger's name: options; after `'cron'`, also a crontab string and options. */
export type ScheduledTaskArguments<T extends TriggerType = TriggerType> =
  | [options: ScheduledTaskOptions<T>]
  | (T extends 'cron' ? [crontab: string, options?: CrontabOptions & ScheduledTaskJobOptions] : never);

/**
 * Runs a method on a schedule, of any provider or controller. May stand several times above one method.
 *
 * The method is called with the job's args, then its kwargs object if it has one, then a `RunContext`. On a
 * request-scoped or transient provider each run has an instance of its own, for which `REQUEST` is that context.
 * A subclass inherits the schedule as a job of its own; an override has only the decorators written above itself.
 * A date that is past when the application starts is not made up for: it may have run before.
 *
 * @param trigger - `'interval'`, `'cron'`, `'date'`, `'calendarinterval'`, `'or'`, `'and'` or `'except'`.
 * @param schedule - options of the trigger and of the job; after `'cron'`, also a standard crontab before them: five or six
 *   fields, 0 and 7 for Sunday. A wrong one is reported when the application starts.
 *
 * @example
 * ```ts
 * @ScheduledTask('interval', { every: '1h30m', jitter: '2m' })
 * @ScheduledTask('cron', '0 9 * * 1-5', { timezone: 'Europe/Berlin', id: 'report' })
 * @ScheduledTask('cron', { day: 'last', hour: 3 })
 * @ScheduledTask('date', { runDate: '2030-01-01T00:00:00Z' })
 * ```
 */
export function ScheduledTask<T extends TriggerType>(
  trigger: T,
  ...schedule: ScheduledTaskArguments<T>
): TaskMethodDecorator {
  // One signature, not overloads: editors complete the options of the trigger that was named.
  const [first, second] = schedule as [first: unknown, second?: object];
  const options: unknown = typeof first === 'string' ? { ...second, crontab: first } : first;
  const mark = (target: object, method: string | symbol, descriptor?: PropertyDescriptor): void =>
    scheduleMarks.add(target, method, descriptor, { trigger, options });
  return mark as TaskMethodDecorator;
}
