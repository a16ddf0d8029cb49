import type { Clock } from '../clock.js';
import { InvalidInputError } from '../errors.js';
import { show } from '../util/inspect.js';
import type { Logger } from '../logger.js';
import type { RunContext } from '../model/task.js';
import { cutText } from './cut-text.js';
import type { RunEntry } from './run-entry.js';
import type { RunLimits } from './run-limits.js';

/** How many log lines a run keeps, however short they are. */
const MAX_LINES = 1000;
/** The maximum length of a line. */
const MAX_LINE_LENGTH = 1000;

export interface RunContextParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: Pick<RunLimits, 'logBytes'>;
}

/**
 * The context of one run. Most tasks use neither the signal nor the logger, so both are created on first use.
 */
export class TaskRunContext implements RunContext {
  private controller: AbortController | undefined;
  private ownLogger: Logger | undefined;
  /** How many bytes the kept lines take. */
  private loggedBytes = 0;

  constructor(
    private readonly run: RunEntry,
    private readonly parts: RunContextParts,
  ) {}

  get jobId(): string {
    return this.run.jobId;
  }

  get runId(): string {
    return this.run.id;
  }

  get scheduledTime(): number {
    return this.run.nominalTime;
  }

  get attempt(): number {
    return this.run.attempt;
  }

  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal;
  }

  get isAborted(): boolean {
    return this.controller?.signal.aborted ?? false;
  }

  get logger(): Logger {
    return (this.ownLogger ??= prefixed(this.parts.logger, `[${this.jobId}] `));
  }

  /** Bound on access, since tasks destructure their context. */
  get log(): RunContext['log'] {
    return (message) => this.keepLine(message);
  }

  get progress(): RunContext['progress'] {
    return (fraction) => this.keepProgress(fraction);
  }

  abort(reason: unknown): void {
    // Created even if unused so far: the task may read its signal after the abort.
    (this.controller ??= new AbortController()).abort(reason);
  }

  private keepLine(message: string): void {
    if (this.run.settled) return;
    const { clock, limits } = this.parts;
    // Untyped callers may pass anything.
    const text: unknown = message;
    // A character takes three bytes at most: so the latest line fits, whatever it says.
    const length = Math.min(MAX_LINE_LENGTH, Math.floor(limits.logBytes / 3));
    const line = { time: clock.now(), message: cutText(typeof text === 'string' ? text : show(text), length) };
    const lines = [...this.run.log, line];
    this.loggedBytes += Buffer.byteLength(line.message);
    while (lines.length > MAX_LINES || this.loggedBytes > limits.logBytes) {
      this.loggedBytes -= Buffer.byteLength(lines.shift()?.message ?? '');
    }
    this.run.log = lines;
  }

  private keepProgress(fraction: number): void {
    assertProgress(this.jobId, fraction);
    if (!this.run.settled) this.run.progress = fraction;
  }
}

/** @throws InvalidInputError */
export function assertProgress(jobId: string, fraction: unknown): void {
  if (typeof fraction === 'number' && fraction >= 0 && fraction <= 1) return;
  const problem = `must be a number from 0 to 1, got ${show(fraction)}`;
  throw new InvalidInputError(`Invalid progress of job "${jobId}"`, [{ field: 'fraction', problem }]);
}

function prefixed(logger: Logger, prefix: string): Logger {
  return {
    debug: (message) => logger.debug(prefix + message),
    info: (message) => logger.info(prefix + message),
    warn: (message) => logger.warn(prefix + message),
    error: (message, error) => logger.error(prefix + message, error),
  };
}
