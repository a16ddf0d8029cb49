import type { TaskOptions } from '../../engine/executors/tasks.js';
import { MethodMarks } from './method-marks.js';
import type { TaskMethodDecorator } from './task-method-decorator.js';

/** The task names that {@link Task} has given. */
export const taskMarks = new MethodMarks<{ readonly name: string | undefined; readonly options: TaskOptions }>();

/**
 * Makes a method a task: jobs, the REST API's `func` and `SchedulerService.addJob({ task })` can name it.
 * It runs only when a job says so. Works on methods of providers and controllers of every scope.
 *
 * @param name - as jobs give it. Default: `Class:method`.
 * @param options.rest - false keeps the method off the REST API, under all of its names.
 *
 * @example
 * ```ts
 * @Task('send-invoice')
 * async send(customerId: number, run: RunContext) {}
 * ```
 */
export function Task(name?: string, options: TaskOptions = {}): TaskMethodDecorator {
  const mark = (target: object, method: string | symbol, descriptor?: PropertyDescriptor): void =>
    taskMarks.add(target, method, descriptor, { name, options });
  return mark as TaskMethodDecorator;
}
