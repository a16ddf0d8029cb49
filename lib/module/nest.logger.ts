import { Logger as NestLogger } from '@nestjs/common';
import { show } from '../engine/util/inspect.js';
import { containedLogger, type Logger } from '../engine/logger.js';

/** The engine's logger on Nest's: whatever the application logs through, under the name `Scheduler`. */
export function nestLogger(): Logger {
  const logger = new NestLogger('Scheduler');
  return containedLogger({
    debug: (message) => logger.debug(message),
    info: (message) => logger.log(message),
    warn: (message) => logger.warn(message),
    error: (message, error) => logger.error(...withCause(message, error)),
  });
}

/** Nest prints its second argument as a stack; what is no error with a stack belongs to the message. */
function withCause(message: string, error: unknown): [message: string, stack?: string] {
  if (error === undefined) return [message];
  if (error instanceof Error && error.stack !== undefined) return [`${message}: ${error.message}`, error.stack];
  return [`${message}: ${typeof error === 'string' ? error : show(error)}`];
}
