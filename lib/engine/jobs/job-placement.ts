import { InvalidInputError, type Fault } from '../errors.js';
import { isPlainObject } from '../util/is-plain-object.js';
import type { TaskReference } from './job-definition.js';
import type { JobInput } from './job-input.js';
import type { ResolvedJobDefaults } from './job-options.js';
import type { StoreEntry } from '../runs/store-entry.js';
import type { TaskRegistry } from '../executors/tasks.js';

/** A definition that has been checked. */
export type NewJob = JobInput & { readonly task: TaskReference };

const NO_FAULTS: readonly Fault[] = [];

/** Whether a job fits what a scheduler has: its stores, its executors, its tasks. */
export class JobPlacement {
  constructor(
    private readonly stores: ReadonlyMap<string, StoreEntry>,
    private readonly executors: ReadonlyMap<string, unknown>,
    private readonly tasks: TaskRegistry,
    private readonly predicates: TaskRegistry,
    private readonly defaults: ResolvedJobDefaults,
  ) {}

  /**
   * The store that a new job goes to.
   *
   * @throws InvalidInputError when its store or its executor is not there, or the store cannot hold it.
   */
  storeFor(input: NewJob): StoreEntry {
    const faults = this.faultsOf(input);
    const entry = this.stores.get(input.jobStore ?? 'default');
    if (!entry || faults.length > 0) {
      throw new InvalidInputError(input.id === undefined ? 'Invalid job' : `Invalid job "${input.id}"`, faults);
    }
    return entry;
  }

  /** What keeps a new job from its store and its executor. Whether its task is here is another question. */
  faultsOf(input: JobInput): readonly Fault[] {
    const alias = typeof input.jobStore === 'string' ? input.jobStore || 'default' : 'default';
    const entry = this.stores.get(alias);
    const faults = [...this.executorFaults(input), ...this.argumentFaults(input)];
    if (!entry) return [unknownAlias('jobStore', alias, this.stores), ...faults];
    return entry.store.capabilities.durable ? [...this.faultsOfDurable(input, alias), ...faults] : faults;
  }

  executorFaults({ executor }: JobInput): readonly Fault[] {
    if (typeof executor !== 'string' || executor === '' || this.executors.has(executor)) return NO_FAULTS;
    return [unknownAlias('executor', executor, this.executors)];
  }

  taskFaults({ task }: JobInput): readonly Fault[] {
    if (typeof task !== 'string' || task === '' || this.tasks.has(task)) return NO_FAULTS;
    const names = this.tasks.names();
    const known = names.length > 20 ? `${names.slice(0, 20).join(', ')}, ...` : names.join(', ') || 'none';
    return [{ field: 'task', problem: `"${task}" is not registered; registered are ${known}` }];
  }

  /** What is wrong with the arguments for a task that says what it takes, and that is here. */
  argumentFaults({ task, args = [], kwargs = {} }: JobInput): readonly Fault[] {
    const name = typeof task === 'function' ? this.tasks.nameOf(task) : task;
    // What is no such thing at all has faults of its own.
    if (typeof name !== 'string' || !Array.isArray(args) || !isPlainObject(kwargs)) return NO_FAULTS;
    return this.tasks.argumentFaults(name, args, kwargs);
  }

  private faultsOfDurable(input: JobInput, alias: string): readonly Fault[] {
    const faults: Fault[] = [];
    const because = `job store "${alias}" keeps jobs across restarts`;
    if (input.id === undefined) faults.push({ field: 'id', problem: `is missing: ${because}` });
    if (typeof input.task === 'function' && this.tasks.nameOf(input.task) === undefined) {
      faults.push({ field: 'task', problem: `must be registered by name: ${because}` });
    }
    const { retry = this.defaults.retry } = input;
    if (retry?.predicate && this.predicates.nameOf(retry.predicate) === undefined) {
      faults.push({ field: 'retry.retryIf', problem: `must be registered by name: ${because}` });
    }
    return faults;
  }
}

function unknownAlias(field: string, alias: string, known: ReadonlyMap<string, unknown>): Fault {
  return { field, problem: `"${alias}" is not known; known are ${[...known.keys()].join(', ') || 'none'}` };
}
