import { toLogLine } from './util/redact.js';
import { safeError } from './util/safe-error.js';

/** Where the engine reports what happens on its own. Nest's `Logger`, pino's and winston's fit through a thin adapter. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** Warnings and errors to the console; the rest is dropped. The engine's default outside Nest. */
export const consoleLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => console.warn(message),
  error: (message, error) => console.error(message, ...(error === undefined ? [] : [error])),
};

/** Drops everything. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * The logger that everything here logs through. It never throws or rejects: a failing logger must not stop the scheduler.
 * What it passes on contains no secret, and no text from outside can forge a line: ids, names and messages may contain line
 * ends and terminal sequences.
 */
export function containedLogger(logger: Logger): Logger {
  const contain =
    <A extends readonly unknown[]>(write: (...args: A) => unknown) =>
    (...args: A): void => {
      try {
        const written: unknown = write(...args);
        if (written instanceof Promise) written.catch(() => undefined);
      } catch {
        // There is nowhere left to report it.
      }
    };
  return {
    debug: contain((message: string) => logger.debug(toLogLine(message))),
    info: contain((message: string) => logger.info(toLogLine(message))),
    warn: contain((message: string) => logger.warn(toLogLine(message))),
    error: contain((message: string, error?: unknown) => logger.error(toLogLine(message), safeError(error, toLogLine))),
  };
}
