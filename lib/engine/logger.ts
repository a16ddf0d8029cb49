/** Where the engine reports what nobody asked for. Nest's `Logger`, pino's and winston's fit through a thin adapter. */
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

/** The same logger, save that it never throws, nor rejects: what cannot be told must not stop what goes on. */
export function containedLogger(logger: Logger): Logger {
  const contain =
    <A extends readonly unknown[]>(tell: (...args: A) => unknown) =>
    (...args: A): void => {
      try {
        const told: unknown = tell(...args);
        if (told instanceof Promise) told.catch(() => undefined);
      } catch {
        // Nobody is left to be told.
      }
    };
  return {
    debug: contain((message: string) => logger.debug(message)),
    info: contain((message: string) => logger.info(message)),
    warn: contain((message: string) => logger.warn(message)),
    error: contain((message: string, error?: unknown) => logger.error(message, error)),
  };
}
