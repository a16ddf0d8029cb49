import type { ModulesContainer } from '@nestjs/core';
import { ConfigurationError } from '../../engine/errors.js';
import { TaskRegistry } from '../../engine/executors/tasks.js';
import type { TaskFunction } from '../../engine/model/task.js';
import { throwProblems } from '../../module/configuration-problems.js';
import { registerTasks } from '../../module/discovery/declaration.registrar.js';
import { findMethodHosts } from '../../module/discovery/method-host.js';
import { explore } from '../../module/discovery/scheduler.explorer.js';
import { nearestName } from '../../module/nearest-name.js';
import { SchedulerService } from '../../module/scheduler.service.js';

/** What finds a provider: an application, or a `ModuleRef`. */
interface ProviderFinder {
  get(token: typeof SchedulerService, options: { strict: false }): SchedulerService;
}

/** The tasks of an application that carries out runs of a scheduler elsewhere. */
export class HostTasks {
  private constructor(
    private readonly declared: TaskRegistry,
    /** Null where the application does not import `SchedulerModule`. */
    private readonly scheduler: SchedulerService | null,
  ) {}

  /**
   * Those that decorators make of its providers' methods, and those that it gives to `registerTask()`.
   *
   * @throws ConfigurationError with every problem of the decorators.
   */
  static async find(modules: ModulesContainer, app: ProviderFinder): Promise<HostTasks> {
    const { tasks, problems } = await explore(findMethodHosts(modules));
    const declared = new TaskRegistry();
    throwProblems('Tasks that cannot work', [...problems, ...registerTasks(declared, tasks)]);
    return new HostTasks(declared, schedulerOf(app));
  }

  /**
   * @param where - of what does not know it, in the error.
   * @throws ConfigurationError when no provider has a task of this name.
   */
  get(name: string, where: string): TaskFunction {
    const task = this.declared.get(name) ?? this.scheduler?.tasks.get(name);
    if (task) return task;
    const known = [...new Set([...this.declared.names(), ...(this.scheduler?.tasks.names() ?? [])])];
    const nearest = nearestName(name, known);
    const hint =
      nearest === undefined ? `its module has ${known.join(', ') || 'no task'}` : `did you mean "${nearest}"?`;
    throw new ConfigurationError(`Task "${name}" is not known ${where}; ${hint}`);
  }
}

function schedulerOf(app: ProviderFinder): SchedulerService | null {
  try {
    return app.get(SchedulerService, { strict: false });
  } catch {
    return null;
  }
}
