import type { AddJob, Job, Task } from '../../../client/index.js';
import { draftOf, newTrigger, wireOf, type TriggerDraft } from './trigger-draft.js';

/** A job as it stands in a form: text, as it was typed. */
export interface JobDraft {
  readonly id: string;
  readonly func: string;
  /** JSON. */
  readonly args: string;
  readonly kwargs: string;
  readonly trigger: TriggerDraft;
  /** By the names on the wire; empty for the default. */
  readonly options: Readonly<Record<string, string>>;
}

/** How the text of an option becomes its value. */
const OPTIONS = {
  name: (text: string): unknown => text,
  description: (text: string): unknown => text,
  tags: (text: string): unknown => tagsOf(text),
  metadata: (text: string): unknown => JSON.parse(text),
  jobstore: (text: string): unknown => text,
  executor: (text: string): unknown => text,
  max_instances: numberOrText,
  overlap: (text: string): unknown => text,
  max_queued: numberOrText,
  misfire_grace_time: (text: string): unknown => (text === 'none' ? null : numberOrText(text)),
  coalesce: (text: string): unknown => (text === 'earliest' ? text : text === 'true'),
  catch_up_limit: numberOrText,
  timeout: numberOrText,
  max_runs: numberOrText,
  pause_after_failures: numberOrText,
  run_on_start: (text: string): unknown => (text === 'true' ? true : text === 'false' ? false : text),
} as const;

/** The members of `retry`, each with a field of its own. */
export const RETRY_NAMES = ['attempts', 'delay', 'backoff', 'max_delay', 'jitter', 'retry_if'] as const;

export type OptionName = keyof typeof OPTIONS | `retry.${(typeof RETRY_NAMES)[number]}`;
/** As the body has them. */
export const OPTION_NAMES = [...(Object.keys(OPTIONS) as (keyof typeof OPTIONS)[]), 'retry'] as const;

/** Those that can be taken away by null. */
const NULLABLE: ReadonlySet<string> = new Set(['description', 'timeout', 'retry', 'max_runs', 'pause_after_failures']);

/** A number where it is one: of other text the API says what is wrong with it. */
function numberOrText(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** A tag may have a comma in it: then the list is JSON. */
const textOfTags = (tags: readonly string[]): string =>
  tags.some((tag) => /[,[\]]/.test(tag) || tag !== tag.trim()) ? JSON.stringify(tags) : tags.join(', ');

function tagsOf(text: string): unknown {
  if (text.startsWith('[')) return JSON.parse(text);
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

const asText = (value: unknown): string => JSON.stringify(value, null, 2);

export const EMPTY: JobDraft = {
  id: '',
  func: '',
  args: '[]',
  kwargs: '{}',
  trigger: newTrigger('cron'),
  options: {},
};

/** The draft of a job that is there. */
export function draftOfJob(job: Job): JobDraft {
  const options: Record<string, string> = {};
  for (const name of OPTION_NAMES) {
    const value = job[name];
    if (value === undefined || value === null || (name === 'name' && value === job.id)) continue;
    if (name === 'tags') options[name] = textOfTags(value as string[]);
    else if (name === 'retry') Object.assign(options, retryTexts(value as object));
    else if (typeof value !== 'object') options[name] = String(value);
    else if (Object.keys(value).length > 0) options[name] = asText(value);
  }
  if (job.misfire_grace_time === null) options['misfire_grace_time'] = 'none';
  return {
    id: job.id,
    func: job.func,
    args: asText(job.args),
    kwargs: asText(job.kwargs),
    trigger: draftOf(job),
    options,
  };
}

const retryTexts = (retry: object): Record<string, string> =>
  Object.fromEntries(Object.entries(retry).map(([name, value]) => [`retry.${name}`, String(value)]));

/** Undefined where no field of it is filled in. */
function retryOf(options: JobDraft['options']): Record<string, unknown> | undefined {
  const members = RETRY_NAMES.flatMap((name) => {
    const text = options[`retry.${name}`]?.trim() ?? '';
    return text === '' ? [] : [[name, numberOrText(text)] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** What is wrong with a draft before it is sent: text that is to be JSON. */
export class DraftError extends Error {
  constructor(
    readonly field: string,
    problem: string,
  ) {
    super(`Not saved: ${field} ${problem}`);
  }
}

/**
 * The body that adds a job.
 *
 * @throws DraftError
 */
export function bodyOf(draft: JobDraft): AddJob {
  const body: Record<string, unknown> = {
    id: draft.id,
    func: draft.func,
    args: parse('args', draft.args, JSON.parse),
    kwargs: parse('kwargs', draft.kwargs, JSON.parse),
    ...parse('trigger', draft, ({ trigger }: JobDraft) => wireOf(trigger)),
  };
  for (const [name, read] of Object.entries(OPTIONS)) {
    const text = draft.options[name]?.trim() ?? '';
    if (text !== '') body[name] = parse(name, text, read);
  }
  const retry = retryOf(draft.options);
  if (retry) body['retry'] = retry;
  return body as unknown as AddJob;
}

/**
 * What an edit changes: a trigger that stays is not sent, so that it keeps its phase.
 *
 * @throws DraftError
 */
export function changesOf(draft: JobDraft, before: JobDraft): Record<string, unknown> {
  const { id: _, jobstore: __, ...body } = bodyOf(draft) as unknown as Record<string, unknown>;
  const { id: ___, jobstore: ____, ...old } = bodyOf(before) as unknown as Record<string, unknown>;
  const same = (name: string): boolean => JSON.stringify(body[name]) === JSON.stringify(old[name]);
  const own = new Set<string>(['func', 'args', 'kwargs', ...OPTION_NAMES]);
  const hasOtherTrigger = JSON.stringify(wireOf(draft.trigger)) !== JSON.stringify(wireOf(before.trigger));
  const changes = Object.entries(body).filter(([name]) => (own.has(name) ? !same(name) : hasOtherTrigger));
  const gone = Object.keys(old).filter((name) => own.has(name) && !(name in body));
  return Object.fromEntries([...changes, ...gone.map((name) => [name, emptied(name, draft.id)])]) as Record<
    string,
    unknown
  >;
}

/** What options have when nothing is said. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  tags: [],
  metadata: {},
  max_instances: 1,
  executor: 'default',
  run_on_start: false,
};

function emptied(name: string, id: string): unknown {
  if (NULLABLE.has(name)) return null;
  if (name === 'name') return id;
  if (name in DEFAULTS) return DEFAULTS[name];
  throw new DraftError(name, 'cannot be empty once it has been set: give the value that you want');
}

function parse<T, R>(field: string, value: T, read: (value: T) => R): R {
  try {
    return read(value);
  } catch (error) {
    throw new DraftError(field, `is no JSON: ${(error as Error).message}`);
  }
}

/** A task's arguments as fields; null where it has no schema, or one that fields cannot show. */
export function argumentFields(
  task: Task | undefined,
): readonly (readonly [name: string, schema: ArgumentField])[] | null {
  const properties = task?.argument_schema?.['properties'];
  if (typeof properties !== 'object' || properties === null) return null;
  const required = task?.argument_schema?.['required'];
  return Object.entries(properties as Record<string, Record<string, unknown>>).map(([name, schema]) => [
    name,
    {
      type: typeof schema['type'] === 'string' ? schema['type'] : 'json',
      choices: Array.isArray(schema['enum']) ? (schema['enum'] as readonly unknown[]) : null,
      description: typeof schema['description'] === 'string' ? schema['description'] : undefined,
      isSecret: schema['x-secret'] === true,
      isRequired: Array.isArray(required) && required.includes(name),
    },
  ]);
}

export interface ArgumentField {
  readonly type: string;
  readonly choices: readonly unknown[] | null;
  readonly description: string | undefined;
  /** Not shown while it is typed. */
  readonly isSecret: boolean;
  readonly isRequired: boolean;
}
