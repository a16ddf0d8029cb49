import type { ArgumentClass } from '../../arguments/argument-schema.js';
import type { TaskOptions } from '../../engine/executors/tasks.js';
import type { RunContext, TaskFunction } from '../../engine/model/task.js';
import { MethodMarks } from './method-marks.js';
import type { TaskMethodDecorator } from './task-method-decorator.js';

/** Options of {@link Task}. */
export interface TaskDecoratorOptions<Args extends object = object> extends Omit<TaskOptions, 'args'> {
  /**
   * A class with decorators of class-validator and class-transformer: what the task takes. A job's kwargs are checked against it
   * when the job is added, changed or imported, and again when it runs. The method is called with an instance, then with the
   * `RunContext`; its jobs have no `args`.
   */
  readonly args?: ArgumentClass<Args>;
}

/** The task names that {@link Task} has given. */
export const taskMarks = new MethodMarks<{
  readonly name: string | undefined;
  readonly options: TaskDecoratorOptions;
}>();

/**
 * Makes a method a task: jobs, the REST API's `func` and `SchedulerService.addJob({ task })` can name it.
 * It runs only when a job says so. Works on methods of providers and controllers of every scope.
 *
 * @param name - as jobs give it. Default: `Class:method`.
 * @param options.rest - false keeps the method off the REST API, under all of its names.
 * @param options.args - a class that describes the task's arguments.
 *
 * @example
 * ```ts
 * @Task('send-invoice', { description: 'Sends an invoice by mail', args: InvoiceArgs })
 * async send({ customer }: InvoiceArgs, run: RunContext) {}
 * ```
 */
export function Task<Args extends object = never>(
  name?: string,
  options: TaskDecoratorOptions<Args> = {},
): TaskMethodDecorator<[Args] extends [never] ? TaskFunction : (args: Args, run: RunContext) => unknown> {
  const mark = (target: object, method: string | symbol, descriptor?: PropertyDescriptor): void =>
    taskMarks.add(target, method, descriptor, { name, options });
  return mark as TaskMethodDecorator;
}
