import type { Preview, Trigger } from '../../../client/index.js';

export const TRIGGER_TYPES = ['cron', 'interval', 'date', 'calendarinterval', 'or', 'and', 'except'] as const;
export type TriggerType = (typeof TRIGGER_TYPES)[number];

/** A trigger as it stands in a form: text, as it was typed. */
export interface TriggerDraft {
  readonly type: TriggerType;
  /** By the names on the wire. */
  readonly fields: Readonly<Record<string, string>>;
  /** Of `or` and `and`. */
  readonly triggers: readonly TriggerDraft[];
  /** Of `except`. */
  readonly base: TriggerDraft | null;
  /** Of `except`: one date, range or trigger in each line. */
  readonly except: string;
}

/** What stays when the times of a cron trigger are written in another way. */
export const TIMES = ['start_date', 'end_date', 'timezone', 'jitter'] as const;
export const CRON_FIELDS = ['minute', 'hour', 'day', 'month', 'day_of_week', 'second', 'week', 'year'] as const;
export const SPAN_FIELDS = ['weeks', 'days', 'hours', 'minutes', 'seconds'] as const;
export const CALENDAR_FIELDS = ['years', 'months', 'weeks', 'days', 'hour', 'minute', 'second'] as const;

/** What a trigger of each type can have. */
const FIELDS: Readonly<Record<TriggerType, readonly string[]>> = {
  cron: ['crontab', 'dialect', ...CRON_FIELDS, ...TIMES],
  interval: ['every', ...SPAN_FIELDS, ...TIMES],
  date: ['run_date', 'timezone'],
  calendarinterval: [...CALENDAR_FIELDS, ...TIMES],
  or: ['jitter'],
  and: ['jitter'],
  except: [],
};

const NUMBERS: ReadonlySet<string> = new Set([...SPAN_FIELDS, ...CALENDAR_FIELDS]);

/** What a form begins with: each can be saved as it is. */
const FIRST: Readonly<Partial<Record<TriggerType, Readonly<Record<string, string>>>>> = {
  cron: { crontab: '0 9 * * *' },
  interval: { minutes: '5' },
  calendarinterval: { months: '1' },
};

export const newTrigger = (type: TriggerType, fields = FIRST[type] ?? {}): TriggerDraft => ({
  type,
  fields,
  triggers:
    type === 'or'
      ? [newTrigger('cron'), newTrigger('interval')]
      : type === 'and'
        ? [newTrigger('cron'), newTrigger('cron', { crontab: '0 9 * * mon-fri' })]
        : [],
  base: type === 'except' ? newTrigger('cron') : null,
  except: '',
});

/** The draft of a trigger that a job has. */
export function draftOf(trigger: Trigger): TriggerDraft {
  const type = (TRIGGER_TYPES as readonly string[]).includes(trigger.trigger)
    ? (trigger.trigger as TriggerType)
    : 'date';
  const values = trigger as unknown as Readonly<Record<string, unknown>>;
  const fields = FIELDS[type].flatMap((name) => {
    const value = values[name];
    if (value === undefined || value === null) return [];
    return [[name, textOf(value)]];
  });
  return {
    type,
    fields: Object.fromEntries(fields) as Record<string, string>,
    triggers: (trigger.triggers ?? []).map(draftOf),
    base: trigger.base ? draftOf(trigger.base) : null,
    except: (trigger.except ?? []).map(lineOf).join('\n'),
  };
}

/** A value as it is typed. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function lineOf(exception: NonNullable<Trigger['except']>[number]): string {
  if (typeof exception === 'string') return exception;
  return 'from' in exception && 'to' in exception ? `${exception.from} .. ${exception.to}` : JSON.stringify(exception);
}

/** What the API takes. @throws SyntaxError when a line or a jitter that begins as JSON is none. */
export function wireOf(draft: TriggerDraft): Preview {
  const wire: Record<string, unknown> = { trigger: draft.type };
  for (const name of FIELDS[draft.type]) {
    const text = draft.fields[name]?.trim() ?? '';
    if (text !== '') wire[name] = valueOf(name, text);
  }
  if (draft.type === 'or' || draft.type === 'and') wire['triggers'] = draft.triggers.map(wireOf);
  if (draft.type === 'except') {
    wire['base'] = draft.base && wireOf(draft.base);
    wire['except'] = draft.except
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map(exceptionOf);
  }
  return wire as unknown as Preview;
}

function valueOf(name: string, text: string): unknown {
  if (text.startsWith('{')) return JSON.parse(text);
  return (NUMBERS.has(name) || name === 'jitter') && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function exceptionOf(line: string): unknown {
  if (line.startsWith('{')) return JSON.parse(line);
  const [from, to] = line.split('..').map((part) => part.trim());
  return to === undefined ? line : { from, to };
}
