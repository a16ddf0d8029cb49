import type { RunEnvelope } from '../../engine/executors/run-envelope.js';
import type { Logger } from '../../engine/logger.js';
import type { RunContext } from '../../engine/model/task.js';
import { assertProgress } from '../../engine/runs/run-context.js';
import { show } from '../../engine/util/inspect.js';
import { carry } from './carried-error.js';
import type { RunReports } from './run-reports.js';

/** The context of a run that is carried out for a scheduler elsewhere: what its task says goes there. */
export class RemoteRunContext implements RunContext {
  private readonly controller = new AbortController();

  constructor(
    private readonly envelope: RunEnvelope,
    private readonly reports: RunReports,
  ) {}

  get jobId(): string {
    return this.envelope.jobId;
  }

  get runId(): string {
    return this.envelope.runId;
  }

  get scheduledTime(): number {
    return this.envelope.scheduledTime;
  }

  get attempt(): number {
    return this.envelope.attempt;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Lines get the mark of their job where the scheduler is. */
  get logger(): Logger {
    const write =
      (level: keyof Logger) =>
      (message: string, error?: unknown): void =>
        this.reports.log({ level, message: asText(message), error: error === undefined ? null : carry(error) });
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }

  /** Bound on access, since tasks destructure their context. */
  get log(): RunContext['log'] {
    return (message) => this.reports.line(message);
  }

  get progress(): RunContext['progress'] {
    return (fraction) => {
      assertProgress(this.jobId, fraction);
      this.reports.progress(fraction);
    };
  }

  abort(reason: unknown): void {
    this.controller.abort(reason);
  }
}

/** Untyped callers may pass anything. */
const asText = (message: unknown): string => (typeof message === 'string' ? message : show(message));
