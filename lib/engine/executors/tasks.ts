import { types } from 'node:util';
import { InvalidArgumentsError, InvalidInputError, type Fault } from '../errors.js';
import type { ArgumentSchema } from '../model/argument-schema.js';
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
  /** What it does, for those who choose a task: at most a thousand characters. */
  readonly description?: string;
  /**
   * What the task takes. A job's kwargs are checked when it is added, changed or imported, and again when it runs; it has no args.
   * The task is called with what the schema makes of the kwargs, then with the `RunContext`.
   */
  readonly args?: ArgumentSchema;
}

/** A task that this process can run, for those who choose one. */
export interface TaskInfo {
  readonly name: string;
  readonly description: string | null;
  /** Null where it does not say what it takes. */
  readonly args: ArgumentSchema | null;
  /** Whether jobs that are added over the REST API may name it. */
  readonly rest: boolean;
}

interface Registration {
  readonly task: TaskFunction;
  readonly call: TaskFunction;
  readonly info: TaskInfo;
}

const MAX_DESCRIPTION = 1000;

/** Functions by name: the tasks that this process can run, or its predicates. Nothing else can be named by a job. */
export class TaskRegistry {
  private readonly registrations = new Map<string, Registration>();
  private readonly names_ = new Map<TaskFunction, string>();

  /** @param onRegister - called with each new name: jobs may be waiting for it. */
  constructor(private readonly onRegister: (name: string) => void = () => undefined) {}

  /**
   * @param name - as jobs and the wire's `func` give it.
   * @param task - what it runs.
   * @param reference - the function by which users may refer to the task, when it is not `task` itself: a
   *   decorated method, where `task` calls it on its instance.
   * @param options - of several registrations of one name, the strictest `rest` counts, and the first of the others.
   * @throws InvalidInputError when the name is no name or belongs to another function.
   */
  register(name: string, task: TaskFunction, reference: TaskFunction = task, options: TaskOptions = {}): void {
    const problem = this.problemWith(name, task, reference, options);
    if (problem !== undefined) throw new InvalidInputError('Invalid task', [problem]);
    const existing = this.registrations.get(name);
    const rest = options.rest !== false && existing?.info.rest !== false;
    const { description = existing?.info.description ?? null, args = existing?.info.args ?? null } = options;
    const call = args ? checkedTask(name, task, args) : task;
    this.registrations.set(name, { task, call, info: { name, description, args, rest } });
    if (existing) return;
    if (!this.names_.has(reference)) this.names_.set(reference, name);
    this.onRegister(name);
  }

  get(name: string): TaskFunction | undefined {
    return this.registrations.get(name)?.call;
  }

  has(name: string): boolean {
    return this.registrations.has(name);
  }

  /** Whether the REST API may name it. */
  isOpenToRest(name: string): boolean {
    return this.registrations.get(name)?.info.rest === true;
  }

  /** The name that a function was registered under. */
  nameOf(task: TaskFunction): string | undefined {
    return this.names_.get(task);
  }

  /** All names, in order of registration. */
  names(): readonly string[] {
    return [...this.registrations.keys()];
  }

  /** All tasks, in order of registration. */
  list(): readonly TaskInfo[] {
    return Array.from(this.registrations.values(), ({ info }) => info);
  }

  /** What a task takes; null where that is not known. */
  schemaOf(name: string): ArgumentSchema | null {
    return this.registrations.get(name)?.info.args ?? null;
  }

  /** What is wrong with the arguments of a job that runs a task; nothing, where that is not known here. */
  argumentFaults(name: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): readonly Fault[] {
    const schema = this.schemaOf(name);
    return schema ? faultsOfArguments(name, schema, args, kwargs).faults : [];
  }

  private problemWith(name: unknown, task: unknown, reference: unknown, options: unknown): Fault | undefined {
    if (typeof name !== 'string' || name === '') {
      return { field: 'name', problem: `must be a non-empty string, got ${JSON.stringify(name)}` };
    }
    const isKnown = isPlainObject(options) && Object.keys(options).every((option) => OPTION_NAMES.includes(option));
    const { rest = true, description = '', args } = (isKnown ? options : {}) as Readonly<Record<string, unknown>>;
    if (!isKnown || typeof rest !== 'boolean') {
      const problem = `of task "${name}" must be { rest: true or false, description, args }, got ${show(options)}`;
      return { field: 'options', problem };
    }
    if (typeof description !== 'string' || description.length > MAX_DESCRIPTION) {
      const problem = `of task "${name}" must be text of at most ${MAX_DESCRIPTION} characters, got ${show(description)}`;
      return { field: 'description', problem };
    }
    if (args !== undefined && !isSchema(args)) {
      return {
        field: 'args',
        problem: `of task "${name}" must be a schema: await argumentSchema(Class); got ${show(args)}`,
      };
    }
    if (typeof task !== 'function') return { field: name, problem: `must be a function, got ${typeof task}` };
    const problem = taskProblem(task) ?? taskProblem(reference);
    if (problem !== undefined) return { field: name, problem };
    const taken = this.registrations.get(name)?.task;
    if (taken !== undefined && taken !== task) {
      return { field: 'name', problem: `"${name}" is taken by another function` };
    }
    return undefined;
  }
}

function isSchema(value: unknown): value is ArgumentSchema {
  return typeof value === 'object' && value !== null && typeof (value as { read?: unknown }).read === 'function';
}

const OPTION_NAMES: readonly string[] = ['rest', 'description', 'args'] satisfies (keyof TaskOptions)[];

/** Called with a job's arguments, which may have been stored before the task had a schema, or by another release. */
function checkedTask(name: string, task: TaskFunction, schema: ArgumentSchema): TaskFunction {
  return (...given: readonly unknown[]) => {
    const args = given.slice(0, -1);
    const kwargs = isPlainObject(args.at(-1)) ? (args.pop() as Readonly<Record<string, unknown>>) : {};
    const { faults, value } = faultsOfArguments(name, schema, args, kwargs);
    if (faults.length > 0) throw new InvalidArgumentsError(name, faults);
    return task(value, given.at(-1));
  };
}

function faultsOfArguments(
  name: string,
  schema: ArgumentSchema,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): ReturnType<ArgumentSchema['read']> {
  const { faults, value } = schema.read(kwargs);
  const ofArgs = args.length > 0 ? [{ field: 'args', problem: `must be empty: task "${name}" takes kwargs` }] : [];
  const ofKwargs = faults.map(({ field, problem }) => ({
    field: field === '' ? 'kwargs' : `kwargs.${field}`,
    problem,
  }));
  return { faults: [...ofArgs, ...ofKwargs], value };
}

/** Why a function cannot be a task: a generator's body runs only when it is iterated over, and the scheduler does not do that. */
export function taskProblem(task: unknown): string | undefined {
  if (!types.isGeneratorFunction(task)) return undefined;
  return 'must not be a generator: calling one runs nothing; write an async function instead of function*';
}
