import type { JobOptions } from '../../engine/jobs/job-definition.js';
import type { CallWith, GivenArgs, GivenKwargs } from '../../engine/model/task-call.js';
import type { CrontabOptions, TriggerOptionsByType, TriggerType } from '../../engine/triggers/options.js';
import { MethodMarks } from './method-marks.js';
import type { InjectedToken, InjectOptions, MemberOf, OnlyKnown, OptionsFactory } from './options-factory.js';
import type { TaskMethodDecorator } from './task-method-decorator.js';

/** What {@link ScheduledTask} says of a job beside its trigger. */
export interface ScheduledTaskJobOptions extends JobOptions {
  /**
   * The job's id. Give one to jobs in a durable store: the default changes when a class or a method is renamed, by a minifier
   * too, and a job of another id starts anew.
   * @default `Class:method`, then `Class:method#2` and so on
   */
  id?: string;
  /**
   * False keeps the job without running it; its task stays, for other jobs and runs by hand. With true again it goes on as
   * before. @default true
   */
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
  /** The options, or the factory that makes them. */
  readonly options: unknown;
  /** What stands beside a factory: `{ inject }`. */
  readonly injects?: unknown;
}

/** The schedules that {@link ScheduledTask} has given. */
export const scheduleMarks = new MethodMarks<ScheduleMark>();

interface GivenArguments<Args, Kwargs> {
  args?: Args;
  kwargs?: Kwargs;
}

/**
 * What {@link ScheduledTask} takes beside a trigger's name: options; a factory of options and what it injects; after `'cron'`,
 * also a crontab string and options.
 */
export type ScheduledTaskArguments<
  T extends TriggerType = TriggerType,
  Args = GivenArgs,
  Kwargs = GivenKwargs,
  Tokens extends readonly InjectedToken[] = readonly InjectedToken[],
  Options = ScheduledTaskOptions<T>,
> =
  | [options: ScheduledTaskOptions<T> & GivenArguments<Args, Kwargs>]
  | [
      factory: OptionsFactory<Tokens, Options>,
      options: InjectOptions<Tokens> & OnlyKnown<Options, ScheduledTaskOptions<T>>,
    ]
  | [
      crontab: T extends 'cron' ? string : never,
      options?: CrontabOptions & ScheduledTaskJobOptions & GivenArguments<Args, Kwargs>,
    ];

/**
 * Runs a method on a schedule, of any provider or controller. May stand several times above one method.
 *
 * The method is called with the job's args, then its kwargs object if it has one, then a `RunContext`: one that cannot be called
 * with the `args` and `kwargs` that stand here does not compile. On a
 * request-scoped or transient provider each run has an instance of its own, for which `REQUEST` is that context.
 * A subclass inherits the schedule as a job of its own; an override has only the decorators written above itself.
 * A date that is past when the application starts is not made up for: it may have run before.
 *
 * @param trigger - `'interval'`, `'cron'`, `'date'`, `'calendarinterval'`, `'or'`, `'and'` or `'except'`.
 * @param schedule - options of the trigger and of the job; after `'cron'`, also a standard crontab before them: five or six
 *   fields, 0 and 7 for Sunday. A wrong one is reported when the application starts. Or a function that returns options, or a
 *   promise of them, and what it injects: it is called once, when the application starts.
 *
 * @example
 * ```ts
 * @ScheduledTask('interval', { every: '1h30m', jitter: '2m' })
 * @ScheduledTask('cron', '0 9 * * 1-5', { timezone: 'Europe/Berlin', id: 'report' })
 * @ScheduledTask('cron', { day: 'last', hour: 3 })
 * @ScheduledTask('date', { runDate: '2030-01-01T00:00:00Z' })
 * @ScheduledTask('cron', (config: AppConfig) => ({ crontab: config.reportCron, enabled: config.reports }), { inject: [AppConfig] })
 * ```
 */
export function ScheduledTask<
  T extends TriggerType,
  const Args extends GivenArgs = undefined,
  const Kwargs extends GivenKwargs = undefined,
  const Tokens extends readonly InjectedToken[] = [],
  const Options extends ScheduledTaskOptions<T> = ScheduledTaskOptions<T>,
>(
  trigger: T,
  ...schedule: ScheduledTaskArguments<T, Args, Kwargs, Tokens, Options>
): TaskMethodDecorator<
  [Args, Kwargs] extends [undefined, undefined]
    ? CallWith<MemberOf<Options, 'args'>, MemberOf<Options, 'kwargs'>>
    : CallWith<Args, Kwargs>
> {
  // One signature, not overloads: editors complete the options of the trigger that was named.
  const marked = markOf(trigger, schedule);
  const mark = (target: object, method: string | symbol, descriptor?: PropertyDescriptor): void =>
    scheduleMarks.add(target, method, descriptor, marked);
  return mark as TaskMethodDecorator;
}

function markOf(trigger: string, [first, second]: readonly unknown[]): ScheduleMark {
  if (typeof first === 'function') return { trigger, options: first, injects: second };
  return { trigger, options: typeof first === 'string' ? { ...(second as object), crontab: first } : first };
}
