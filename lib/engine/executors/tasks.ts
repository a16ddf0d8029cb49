import { types } from 'node:util';
import { InvalidInputError, type Fault } from '../errors.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import type { TaskFunction } from '../model/task.js';

/** Options of a task. */
export interface TaskOptions {
  /**
   * Whether jobs that are added or changed over the REST API may name the task, and be run with other arguments. Jobs that
   * the application itself gives this task are listed, paused, resumed, run as they are and removed over the API in any case.
   *
   * @default true
   */
  readonly rest?: boolean;
}

/** Functions by name: the tasks that this process can run, or its predicates. Nothing else can be named by a job. */
export class TaskRegistry {
  private readonly functions = new Map<string, TaskFunction>();
  private readonly names_ = new Map<TaskFunction, string>();
  private readonly internal = new Set<string>();

  /** @param onRegister - called with each new name: jobs may be waiting for it. */
  constructor(private readonly onRegister: (name: string) => void = () => undefined) {}

  /**
   * @param name - as jobs and the wire's `func` give it.
   * @param task - what it runs.
   * @param reference - the function by which users may refer to the task, when it is not `task` itself: a
   *   decorated method, where `task` calls it on its instance.
   * @param options - of several registrations of one name, the strictest counts.
   * @throws InvalidInputError when the name is no name or belongs to another function.
   */
  register(name: string, task: TaskFunction, reference: TaskFunction = task, options: TaskOptions = {}): void {
    const problem = this.problemWith(name, task, reference, options);
    if (problem !== undefined) throw new InvalidInputError('Invalid task', [problem]);
    if (options.rest === false) this.internal.add(name);
    if (this.functions.has(name)) return;
    this.functions.set(name, task);
    if (!this.names_.has(reference)) this.names_.set(reference, name);
    this.onRegister(name);
  }

  get(name: string): TaskFunction | undefined {
    return this.functions.get(name);
  }

  has(name: string): boolean {
    return this.functions.has(name);
  }

  /** Whether the REST API may name it. */
  isOpenToRest(name: string): boolean {
    return this.functions.has(name) && !this.internal.has(name);
  }

  /** The name that a function was registered under. */
  nameOf(task: TaskFunction): string | undefined {
    return this.names_.get(task);
  }

  /** All names, in order of registration. */
  names(): readonly string[] {
    return [...this.functions.keys()];
  }

  private problemWith(name: unknown, task: unknown, reference: unknown, options: unknown): Fault | undefined {
    if (typeof name !== 'string' || name === '') {
      return { field: 'name', problem: `must be a non-empty string, got ${JSON.stringify(name)}` };
    }
    const { rest, ...unknown } = isPlainObject(options) ? options : { options };
    if (Object.keys(unknown).length > 0 || (rest !== undefined && typeof rest !== 'boolean')) {
      return { field: 'options', problem: `of task "${name}" must be { rest: true or false }, got ${show(options)}` };
    }
    if (typeof task !== 'function') return { field: name, problem: `must be a function, got ${typeof task}` };
    const problem = taskProblem(task) ?? taskProblem(reference);
    if (problem !== undefined) return { field: name, problem };
    const taken = this.functions.get(name);
    if (taken !== undefined && taken !== task) {
      return { field: 'name', problem: `"${name}" is taken by another function` };
    }
    return undefined;
  }
}

/** Why a function cannot be a task: a generator's body runs only when it is iterated over, and the scheduler does not do that. */
export function taskProblem(task: unknown): string | undefined {
  if (!types.isGeneratorFunction(task)) return undefined;
  return 'must not be a generator: calling one runs nothing; write an async function instead of function*';
}
