import type { Logger } from './logger.js';
import type { RunContext } from './run.js';

/**
 * The context of one run. Most tasks never look at their signal or their logger, so both are made
 * when first asked for.
 */
export class TaskRunContext implements RunContext {
  readonly attempt = 1;
  private controller: AbortController | undefined;
  private ownLogger: Logger | undefined;

  constructor(
    readonly jobId: string,
    readonly runId: string,
    readonly scheduledTime: number,
    private readonly parentLogger: Logger,
  ) {}

  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal;
  }

  get isAborted(): boolean {
    return this.controller?.signal.aborted ?? false;
  }

  get logger(): Logger {
    return (this.ownLogger ??= prefixed(this.parentLogger, `[${this.jobId}] `));
  }

  abort(reason: unknown): void {
    // Made even when nobody has asked yet: a task may look at its signal after the abort.
    (this.controller ??= new AbortController()).abort(reason);
  }
}

function prefixed(logger: Logger, prefix: string): Logger {
  return {
    debug: (message) => logger.debug(prefix + message),
    info: (message) => logger.info(prefix + message),
    warn: (message) => logger.warn(prefix + message),
    error: (message, error) => logger.error(prefix + message, error),
  };
}
