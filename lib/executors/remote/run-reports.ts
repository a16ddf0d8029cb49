import type { Logger } from '../../engine/logger.js';
import type { CarriedError } from './carried-error.js';

/** A line that a task has written to the application's log. */
export interface LoggedLine {
  readonly level: keyof Logger;
  readonly message: string;
  /** Null where there is none. */
  readonly error: CarriedError | null;
}

/** Takes what a task says of its run to the scheduler. */
export interface RunReports {
  line(text: unknown): void;
  log(line: LoggedLine): void;
  progress(fraction: number): void;
}
