import { ConfigurationError } from '../engine/errors.js';

/**
 * Does nothing without problems.
 *
 * @param subject - what cannot be used: `Invalid options of SchedulerModule`.
 * @param problems - each names its own subject: an option, a class and its method, a key.
 * @throws ConfigurationError with every problem on a line of its own.
 */
export function throwProblems(subject: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigurationError([`${subject}:`, ...problems].join('\n  - '));
}
