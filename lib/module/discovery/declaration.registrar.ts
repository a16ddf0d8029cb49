import { InvalidInputError } from '../../engine/errors.js';
import type { JobDefinition } from '../../engine/jobs/job-definition.js';
import type { TaskRegistry } from '../../engine/executors/tasks.js';
import { show } from '../../engine/util/inspect.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { Logger } from '../../engine/logger.js';
import type { Scheduler } from '../../engine/scheduler.js';
import { throwProblems } from '../configuration-problems.js';
import { nearestName } from '../nearest-name.js';
import type { Declarations, DeclaredJob, DeclaredTask } from './declarations.js';

/** Brings declarations into an engine: tasks, listeners, jobs. */
export class DeclarationRegistrar {
  constructor(
    private readonly engine: Scheduler,
    private readonly logger: Logger,
  ) {}

  /**
   * @param declarations - of the application's decorators.
   * @param configured - jobs of the option `jobs`.
   * @throws ConfigurationError with everything that cannot work. What could be added then stays behind, pending: the
   *   caller must not start the engine.
   */
  async register(declarations: Declarations, configured: readonly DeclaredJob[]): Promise<void> {
    const jobs = [...declarations.jobs, ...configured];
    const problems = [
      ...declarations.problems,
      ...registerTasks(this.engine.tasks, declarations.tasks),
      ...repeatedIds(jobs),
    ];
    for (const { listener, mask } of declarations.listeners) this.engine.addListener(listener, mask);
    for (const job of jobs) problems.push(...(await this.declare(job)));
    throwProblems('Scheduled tasks that cannot work', problems);
    this.warnOfDefaultIds(jobs);
    await this.engine.completeDeclarations();
  }

  private warnOfDefaultIds(jobs: readonly DeclaredJob[]): void {
    if (!this.engine.roles.schedule) return;
    const unpinned = jobs.filter(
      ({ definition: { jobStore = 'default' }, hasDefaultId }) =>
        hasDefaultId && this.engine.capabilitiesOf(String(jobStore))?.durable,
    );
    if (unpinned.length === 0) return;
    const [first] = unpinned;
    this.logger.warn(
      `Jobs in a durable store are named after their methods: ${unpinned.map(({ label }) => label).join(', ')}. Renaming or ` +
        `minifying the class would start them anew; give each its id: { id: ${show(first?.definition['id'])} }`,
    );
  }

  private async declare({ label, definition }: DeclaredJob): Promise<readonly string[]> {
    const { task, func } = definition;
    const problems = [...this.problemsOfTask(label, task ?? func), ...this.problemsOfPredicate(label, definition)];
    try {
      const job = await this.engine.declareJob(definition as unknown as JobDefinition);
      if (!job && this.engine.roles.schedule)
        this.logger.warn(`${label}: job ${show(definition['id'])} is not added: its last time is past`);
    } catch (error) {
      problems.push(...problemsFrom(label, error));
    }
    return problems;
  }

  /** Unregistered, it would be asked for at every failure, in vain. */
  private problemsOfPredicate(label: string, { retry }: DeclaredJob['definition']): readonly string[] {
    const name = isPlainObject(retry) ? retry['retryIf'] : undefined;
    return problemsOfName(`${label}: retry.retryIf: predicate`, name, this.engine.predicates, 'registerPredicate()');
  }

  private problemsOfTask(label: string, task: unknown): readonly string[] {
    return problemsOfName(`${label}: task`, task, this.engine.tasks, '@Task or registerTask()');
  }
}

/** @returns what is wrong with those that cannot be registered. */
export function registerTasks(registry: TaskRegistry, tasks: readonly DeclaredTask[]): readonly string[] {
  return tasks.flatMap(({ label, name, run, method, options }) => {
    const isShared = tasks.some((other) => other.method === method && other.label !== label);
    // A method that two classes inherit does not tell which of them is meant: only their names do.
    return problemsOf(label, () => registry.register(name, run, isShared ? run : method, options));
  });
}

function problemsOfName(label: string, name: unknown, known: TaskRegistry, remedy: string): readonly string[] {
  if (typeof name !== 'string' || known.has(name)) return [];
  const nearest = nearestName(name, known.names());
  const hint = nearest === undefined ? `name one with ${remedy}` : `did you mean "${nearest}"?`;
  return [`${label} "${name}" is not registered; ${hint}`];
}

function repeatedIds(jobs: readonly DeclaredJob[]): readonly string[] {
  const owners = new Map<string, string>();
  return jobs.flatMap(({ label, definition: { id, jobStore = 'default' } }) => {
    const key = JSON.stringify([jobStore, id]);
    const owner = owners.get(key);
    if (id === undefined) return [];
    if (owner === undefined) owners.set(key, label);
    return owner === undefined ? [] : [`${label}: the job id ${show(id)} is taken by ${owner}`];
  });
}

function problemsOf(label: string, step: () => void): readonly string[] {
  try {
    step();
    return [];
  } catch (error) {
    return problemsFrom(label, error);
  }
}

function problemsFrom(label: string, error: unknown): readonly string[] {
  // Whatever it is: an error without its class and method would leave the reader to guess whose it is.
  if (!(error instanceof InvalidInputError))
    return [`${label}: ${error instanceof Error ? error.message : show(error)}`];
  return [`${label}: ${error.faults.map(({ field, problem }) => `${field} ${problem}`).join('; ')}`];
}
