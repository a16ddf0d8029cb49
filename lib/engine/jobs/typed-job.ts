import type { CallWith, GivenArgs, GivenKwargs } from '../model/task-call.js';
import type { TaskFunction } from '../model/task.js';
import type { JobDefinition, TaskReference } from './job-definition.js';

declare const CALL: unique symbol;

/** The name of a task, with the type of the function that it is: {@link taskName}. */
export type TaskName<Call extends TaskFunction> = string & { readonly [CALL]?: Call };

/**
 * Gives a task's name the type of its function, so that arguments are checked: where the function itself cannot be imported, because
 * another process runs it, say. A function or a method needs no name: `addJob({ task: InvoicesService.prototype.send, args: [5] })`.
 *
 * @example
 * const sendInvoice = taskName<(customer: number, run: RunContext) => Promise<void>>('send-invoice');
 * await scheduler.addJob({ task: sendInvoice, args: [5], trigger: 'cron', hour: 6 });
 */
export function taskName<Call extends TaskFunction>(name: string): TaskName<Call> {
  return name;
}

/** A job's definition; its task can be called with its arguments, as far as the compiler knows both. */
export type TypedJobDefinition<
  Task extends TaskReference,
  Args extends GivenArgs,
  Kwargs extends GivenKwargs,
> = WithoutArguments<JobDefinition> & { task?: Task; func?: Task; args?: Args; kwargs?: Kwargs } & Checked<
    Task,
    CallWith<Args, Kwargs>
  >;

/** Of each alternative. Nothing could be inferred from a `JobDefinition` that is passed as it is, if that was a part of the type itself. */
type WithoutArguments<Definition> = Definition extends unknown ? Omit<Definition, 'args' | 'kwargs'> : never;

type Checked<Task, Call> = Task extends string
  ? Task extends { readonly [CALL]?: infer Named }
    ? Checked<Extract<Named, TaskFunction>, Call>
    : unknown
  : [Task] extends [Call]
    ? unknown
    : { task: Call };
