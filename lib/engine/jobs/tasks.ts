import { types } from 'node:util';
import { InvalidInputError } from '../errors.js';
import type { TaskFunction } from './job.js';

/** The tasks that this process can run, by name. Nothing else can be named by a job. */
export class TaskRegistry {
  private readonly functions = new Map<string, TaskFunction>();
  private readonly names_ = new Map<TaskFunction, string>();

  /** @param onRegister - told of each new name: jobs may be waiting for it. */
  constructor(private readonly onRegister: (name: string) => void = () => undefined) {}

  /**
   * @param name - as jobs and the wire's `func` give it.
   * @param task - what it runs.
   * @param reference - the function by which users may refer to the task, when it is not `task` itself: a
   *   decorated method, where `task` calls it on its instance.
   * @throws InvalidInputError when the name is no name or belongs to another function.
   */
  register(name: string, task: TaskFunction, reference: TaskFunction = task): void {
    const problem = this.problemWith(name, task, reference);
    if (problem !== undefined) throw new InvalidInputError('Invalid task', [problem]);
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

  /** The name that a function was registered under. */
  nameOf(task: TaskFunction): string | undefined {
    return this.names_.get(task);
  }

  /** All names, in order of registration. */
  names(): readonly string[] {
    return [...this.functions.keys()];
  }

  private problemWith(
    name: unknown,
    task: unknown,
    reference: unknown,
  ): { field: string; problem: string } | undefined {
    if (typeof name !== 'string' || name === '') {
      return { field: 'name', problem: `must be a non-empty string, got ${JSON.stringify(name)}` };
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

/** Why a function cannot be a task: a generator's body runs only for whoever iterates over it, and nobody does. */
export function taskProblem(task: unknown): string | undefined {
  if (!types.isGeneratorFunction(task)) return undefined;
  return 'must not be a generator: calling one runs nothing; write an async function instead of function*';
}
