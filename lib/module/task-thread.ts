import { SchedulerError } from '../engine/errors.js';
import type { SchedulerService } from './scheduler.service.js';

/* Registered: the module of a thread may have been loaded from another build of this package than what marks the thread. */
const MARK = Symbol.for('nestjs-apscheduler.task-thread');

/** Makes this thread one that only carries out tasks: no scheduler starts in it. */
export function markTaskThread(): void {
  Reflect.set(globalThis, MARK, true);
}

/** Whether this thread only carries out tasks for a scheduler in another. */
export function isTaskThread(): boolean {
  return Reflect.get(globalThis, MARK) === true;
}

/** What works without a scheduler that runs. */
const HARMLESS = new Set([
  'constructor',
  'addListener',
  'authenticate',
  'registerPredicate',
  'registerTask',
  'removeListener',
  'settled',
]);

/**
 * The scheduler as it is injected in such a thread: it can be asked for tasks and given some, and everything else is refused. A
 * job that was added here would never run, and nobody would hear of it.
 */
export function withoutJobs(service: SchedulerService): SchedulerService {
  return new Proxy(service, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || typeof name === 'symbol' || HARMLESS.has(name)) return value;
      return () => {
        const problem =
          'works in the main thread only; ask isMainThread of node:worker_threads, or return what is to be done';
        throw new SchedulerError(
          'NOT_RUNNING',
          `SchedulerService.${name}() was called in a worker thread, and ${problem}`,
        );
      };
    },
  });
}
