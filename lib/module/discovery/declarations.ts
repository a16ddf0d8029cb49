import type { TaskFunction } from '../../engine/model/task.js';
import type { TaskOptions } from '../../engine/executors/tasks.js';

/** A task that decorators make of a method. */
export interface DeclaredTask {
  /** What it is in messages: `ReportsService.daily`. */
  readonly label: string;
  readonly name: string;
  readonly run: TaskFunction;
  /** The method itself, by which `addJob({ task: this.reports.daily })` refers to the task. */
  readonly method: TaskFunction;
  readonly options: TaskOptions;
}

/** A job that a decorator or the option `jobs` declares. */
export interface DeclaredJob {
  /** What it is in messages: `ReportsService.daily`, `jobs[2]`. */
  readonly label: string;
  /** As it was written, and not checked yet. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** Whether its id was made up from the method's name. */
  readonly hasDefaultId: boolean;
}

/** A listener that a decorator makes of a method. */
export interface DeclaredListener {
  readonly mask: number;
  readonly listener: TaskFunction;
}

/** Everything that the application's decorators ask for. */
export interface Declarations {
  readonly tasks: readonly DeclaredTask[];
  readonly jobs: readonly DeclaredJob[];
  readonly listeners: readonly DeclaredListener[];
  /** What is wrong with them by themselves, each with the class and method it stands on. */
  readonly problems: readonly string[];
}
