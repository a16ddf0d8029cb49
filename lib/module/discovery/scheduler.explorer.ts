import { argumentSchema, type ArgumentClass } from '../../arguments/argument-schema.js';
import { ConfigurationError } from '../../engine/errors.js';
import { EVENT_MASK } from '../../engine/events.js';
import { messageOf, show } from '../../engine/util/inspect.js';
import type { ArgumentSchema } from '../../engine/model/argument-schema.js';
import type { TaskFunction } from '../../engine/model/task.js';
import type { TaskOptions } from '../../engine/executors/tasks.js';
import type { MethodMark } from '../decorators/method-marks.js';
import { listenerMarks } from '../decorators/on-scheduler-event.decorator.js';
import { scheduleMarks } from '../decorators/scheduled-task.decorator.js';
import { taskMarks, type TaskDecoratorOptions } from '../decorators/task.decorator.js';
import type { Declarations, DeclaredJob, DeclaredListener, DeclaredTask } from './declarations.js';
import { nameOf, type MethodHost } from './method-host.js';
import { optionsOf, type Schedule } from './schedule-options.js';

/** What only the decorator may fill in. */
const RESERVED = ['task', 'func', 'trigger', 'replaceExisting'];

/** Reads what decorators say of the methods of all providers and controllers. */
export async function explore(hosts: readonly MethodHost[]): Promise<Declarations> {
  const explorer = new SchedulerExplorer();
  for (const host of hosts) await explorer.visit(host);
  return explorer;
}

/**
 * The classes with schedules that were loaded since this was asked last, and are no providers or controllers: each once, as
 * another application in this process may provide it.
 */
export function classesWithoutProvider(hosts: readonly MethodHost[]): readonly string[] {
  return scheduleMarks.newTargetsBeside(hosts.map(({ prototype }) => prototype)).map(nameOf);
}

class SchedulerExplorer implements Declarations {
  readonly tasks: DeclaredTask[] = [];
  readonly jobs: DeclaredJob[] = [];
  readonly listeners: DeclaredListener[] = [];
  readonly problems: string[] = [];
  private readonly visited = new Map<object, MethodHost>();
  private readonly owners = new Map<string, { readonly host: MethodHost; readonly method: string | symbol }>();

  async visit(host: MethodHost): Promise<void> {
    const { prototype } = host;
    const marks = [taskMarks.of(prototype), scheduleMarks.of(prototype), listenerMarks.of(prototype)] as const;
    if (marks.every(({ length }) => length === 0) || this.isTwin(host)) return;
    const tasks = this.usable(host, '@Task', marks[0]);
    const schedules = this.usable(host, '@ScheduledTask', marks[1]);
    const listeners = this.usable(host, '@OnSchedulerEvent', marks[2]);
    const names = new Map<string | symbol, string>();
    const options = await this.optionsOfMethods(host, tasks);
    // A schedule's own name for the task must not open what @Task keeps off the REST API, nor take other arguments.
    const optionsFor = (method: string | symbol): TaskOptions => options.get(method) ?? {};
    for (const { method, value } of tasks) {
      const name = this.addTask(host, method, value.name, optionsFor(method));
      if (!names.has(method)) names.set(method, name);
    }
    const counts = new Map<string | symbol, number>();
    for (const { method, value } of schedules) {
      const count = (counts.get(method) ?? 0) + 1;
      counts.set(method, count);
      const name = names.get(method) ?? defaultName(host, method);
      try {
        const made = await optionsOf(value, host);
        this.addSchedule(host, method, { trigger: value.trigger, options: made }, name, count, optionsFor(method));
      } catch (error) {
        this.problems.push(`${labelOf(host, method)}: @ScheduledTask ${messageOf(error)}`);
      }
    }
    for (const { method, value } of listeners) this.addListener(host, method, value.mask);
  }

  /** What all of a method's names have in common: what the decorators say together. */
  private async optionsOfMethods(
    host: MethodHost,
    marks: readonly MethodMark<{ readonly options: TaskDecoratorOptions }>[],
  ): Promise<ReadonlyMap<string | symbol, TaskOptions>> {
    const found = new Map<string | symbol, TaskOptions>();
    for (const { method, value } of marks) {
      try {
        const { args, ...options } = value.options;
        const schema = args === undefined ? {} : { args: await schemaOf(args) };
        found.set(method, { ...options, ...schema, ...strictest(found.get(method), value.options) });
      } catch (error) {
        this.problems.push(`${labelOf(host, method)}: @Task ${messageOf(error)}`);
      }
    }
    return found;
  }

  private usable<T>(host: MethodHost, decorator: string, marks: readonly MethodMark<T>[]): readonly MethodMark<T>[] {
    for (const { method, problem } of marks) {
      if (problem !== null) this.problems.push(`${labelOf(host, method)}: ${decorator} ${problem}`);
    }
    return marks.filter(({ problem }) => problem === null);
  }

  /** Two instances of one class: each run would have to choose one of them. */
  private isTwin(host: MethodHost): boolean {
    const other = this.visited.get(host.prototype);
    this.visited.set(host.prototype, host);
    if (!other) return false;
    this.problems.push(
      `${host.className} has decorated methods and is provided more than once, by ${other.moduleName} and by ` +
        `${host.moduleName}: provide it in one module, and export it from there`,
    );
    return true;
  }

  /** @returns the name that the task has. */
  private addTask(host: MethodHost, method: string | symbol, given: unknown, options: TaskOptions): string {
    const label = labelOf(host, method);
    const name = typeof given === 'string' && given !== '' ? given : defaultName(host, method);
    if (given !== undefined && given !== name) {
      this.problems.push(`${label}: the name of a task must be a non-empty string, got ${show(given)}`);
    }
    const owner = this.owners.get(name);
    if (owner?.host === host && owner.method === method) return name;
    if (owner) {
      this.problems.push(
        `${label} (${host.moduleName}): the task name "${name}" is taken by ${labelOf(owner.host, owner.method)} ` +
          `(${owner.host.moduleName}); give one of them another with @Task or taskName`,
      );
      return name;
    }
    this.owners.set(name, { host, method });
    this.tasks.push({ label, name, run: host.caller(method), method: methodOf(host, method), options });
    return name;
  }

  private addSchedule(
    host: MethodHost,
    method: string | symbol,
    { trigger, options }: Schedule,
    name: string,
    count: number,
    taskOptions: TaskOptions,
  ): void {
    const label = labelOf(host, method);
    const reserved = RESERVED.filter((option) => options[option] !== undefined);
    if (reserved.length > 0) this.problems.push(`${label}: @ScheduledTask has no option ${reserved.join(', ')}`);
    const defaultId = defaultName(host, method) + (count > 1 ? `#${count}` : '');
    const { taskName = name, id = defaultId, ...rest } = options;
    const task = this.addTask(host, method, taskName, taskOptions);
    this.jobs.push({ label, definition: { ...rest, id, trigger, task }, hasDefaultId: options['id'] === undefined });
  }

  private addListener(host: MethodHost, method: string | symbol, mask: number): void {
    if (Number.isInteger(mask) && mask > 0 && mask <= EVENT_MASK) {
      this.listeners.push({ mask, listener: host.caller(method) });
      return;
    }
    const problem = `@OnSchedulerEvent needs a union of EVENT_* codes, got ${show(mask)}`;
    this.problems.push(`${labelOf(host, method)}: ${problem}`);
  }
}

async function schemaOf(args: unknown): Promise<ArgumentSchema> {
  if (typeof args === 'function') return argumentSchema(args as ArgumentClass);
  throw new ConfigurationError(`needs args to be a class, got ${show(args)}`);
}

/** Of several `@Task` above one method, one that keeps it off the REST API is enough. */
function strictest(first: TaskOptions | undefined, next: TaskDecoratorOptions): TaskOptions {
  const isInternal = first?.rest === false || next.rest === false;
  return { ...first, ...(isInternal && { rest: false }) };
}

function labelOf({ className }: MethodHost, method: string | symbol): string {
  return `${className}.${String(method)}`;
}

function defaultName({ className }: MethodHost, method: string | symbol): string {
  return `${className}:${String(method)}`;
}

function methodOf({ prototype }: MethodHost, method: string | symbol): TaskFunction {
  return (prototype as Record<string | symbol, TaskFunction>)[method] as TaskFunction;
}
