import type { TaskRegistry } from '../executors/tasks.js';
import type { Logger } from '../logger.js';
import { hasSecrets, withoutSecrets } from '../model/argument-schema.js';
import type { Job } from '../model/job.js';
import type { GivenArguments, Run, RunError, RunRecord } from '../model/run-record.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { isThenable } from '../util/is-thenable.js';
import { toJsonValue } from '../model/json-value.js';

/** Where a value stands that the REST API is about to show, or the audit trail to keep. */
export interface ShownPlace {
  readonly jobId: string;
  /** The task's registered name; empty where it is not known. */
  readonly task: string;
  /** From `args`, `kwargs`, `result`, `error` or `log` on: `['kwargs', 'card', 'number']`, `['args', 0]`, `['error', 'message']`. */
  readonly path: readonly (string | number)[];
}

/** Answers what is shown in the place of a value. */
export type Redact = (this: void, value: unknown, place: ShownPlace) => unknown;
type Owner = Pick<ShownPlace, 'jobId' | 'task'>;
type Path = ShownPlace['path'];

/** Stands for what cannot be shown. */
const REDACTED = '[redacted]';

/**
 * Hides the kwargs that their task marks as secret, and passes everything that comes from tasks and their callers through the
 * option `redact`: arguments, results, errors and logs. What it throws for, or does not answer at once, is not shown.
 */
export class Redactor {
  constructor(
    private readonly redact: Redact | undefined,
    private readonly tasks: Pick<TaskRegistry, 'list' | 'schemaOf'>,
    private readonly logger: Logger,
  ) {}

  /** Whether a record that cannot be read may hold what is hidden. */
  get hidesRecords(): boolean {
    return (
      this.redact !== undefined || this.tasks.list().some(({ args }) => args !== null && hasSecrets(args.jsonSchema))
    );
  }

  job(job: Job): Job {
    const owner = { jobId: job.id, task: job.task };
    // Most jobs have nothing to hide, and lists are long.
    if (!this.redact && !this.tasks.schemaOf(job.task) && !job.lastRun?.given) return job;
    const { args, kwargs } = this.arguments(job, owner);
    return { ...job, args, kwargs, lastRun: job.lastRun && this.run(job.lastRun) };
  }

  run<T extends RunRecord | Run>(run: T): T {
    const { given, error, log, result } = run;
    if (!this.redact) return given ? { ...run, given: this.arguments(given, run) } : run;
    return {
      ...run,
      given: given && this.arguments(given, run),
      result: result === null ? null : this.value(toJsonValue(result), ['result'], run),
      error: error && this.error(error, ['error'], run),
      log: log.map((line) => ({ ...line, message: this.text(line.message, ['log'], run) })),
    };
  }

  /** A text of a task, such as the message of its error. */
  text(text: string, path: Path, { jobId, task }: Owner): string {
    const shown = this.ask(text, { path, jobId, task });
    return typeof shown === 'string' ? shown : REDACTED;
  }

  /** Those of a job, or of a run by hand. */
  arguments<T extends GivenArguments>({ args, kwargs }: T, owner: Owner): Pick<T, 'args' | 'kwargs'> {
    const schema = kwargs && this.tasks.schemaOf(owner.task);
    const open = schema ? (withoutSecrets(kwargs, schema.jsonSchema) as Record<string, unknown>) : kwargs;
    if (!this.redact) return { args, kwargs: open } as Pick<T, 'args' | 'kwargs'>;
    return {
      ...(args && { args: this.items(toJsonValue(args) as readonly unknown[], ['args'], owner) }),
      ...(kwargs && { kwargs: this.members(toJsonValue(open) as object, ['kwargs'], owner) }),
    };
  }

  private error({ name, message, stack, cause, errors }: RunError, path: Path, owner: Owner): RunError {
    return {
      name,
      message: this.text(message, [...path, 'message'], owner),
      stack: stack === null ? null : this.text(stack, [...path, 'stack'], owner),
      ...(cause && { cause: this.error(cause, [...path, 'cause'], owner) }),
      ...(errors && { errors: errors.map((error, index) => this.error(error, [...path, 'errors', index], owner)) }),
    };
  }

  /** A value as JSON has it, and what is in it unless that is replaced as a whole. */
  private value(value: unknown, path: Path, owner: Owner): unknown {
    const shown = this.ask(value, { path, jobId: owner.jobId, task: owner.task });
    if (!Object.is(shown, value)) return toJsonValue(shown);
    if (Array.isArray(value)) return this.items(value, path, owner);
    return isPlainObject(value) ? this.members(value, path, owner) : value;
  }

  private items(items: readonly unknown[], path: Path, owner: Owner): unknown[] {
    return items.map((item, index) => this.value(item, [...path, index], owner));
  }

  private members(value: object, path: Path, owner: Owner): Record<string, unknown> {
    return mapValues(value, (member, name) => this.value(member, [...path, name], owner));
  }

  private ask(value: unknown, place: ShownPlace): unknown {
    try {
      const shown = this.redact ? this.redact(value, place) : value;
      if (!isThenable(shown)) return shown;
      Promise.resolve(shown).catch(() => undefined);
      throw new TypeError('redact answered a promise');
    } catch (error) {
      this.logger.error(`redact failed for ${place.path.join('.')} of job "${place.jobId}"; it is not shown`, error);
      return REDACTED;
    }
  }
}

function mapValues(value: object, map: (member: unknown, name: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member, name)]));
}
