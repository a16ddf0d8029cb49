import { useState } from 'preact/hooks';
import type { Task } from '../../../client/index.js';
import { AreaField, ChoiceField, TextField } from './fields.js';
import { argumentFields, type ArgumentField, type JobDraft } from './job-draft.js';
import { textOf } from './trigger-draft.js';

/** Arguments as they stand in a form: JSON. */
export type ArgumentsDraft = Pick<JobDraft, 'args' | 'kwargs'>;

interface ArgumentsProps {
  readonly draft: ArgumentsDraft;
  readonly task: Task | undefined;
  readonly onDraft: (draft: ArgumentsDraft) => void;
}

/** The arguments of a job or of a run: a field for each that the task's schema names, JSON otherwise. */
export function ArgumentFields({ draft, task, onDraft }: ArgumentsProps) {
  const fields = argumentFields(task);
  const values = fields && readObject(draft.kwargs);
  // Fields would hide arguments that they do not name.
  const positional = readAny(draft.args.trim() || '[]');
  const hasOthers =
    (Array.isArray(positional) && positional.length > 0) ||
    Object.keys(values ?? {}).some((name) => !fields?.some(([known]) => known === name));
  if (!fields || !values || hasOthers) {
    return (
      <div class="fields">
        <AreaField
          label="Arguments"
          path="args"
          hint="A JSON array"
          value={draft.args}
          onValue={(args) => onDraft({ args, kwargs: draft.kwargs })}
        />
        <AreaField
          label="Named arguments"
          path="kwargs"
          hint="A JSON object"
          value={draft.kwargs}
          onValue={(kwargs) => onDraft({ args: draft.args, kwargs })}
        />
      </div>
    );
  }
  const set = (name: string, value: unknown): void => {
    const { [name]: _, ...others } = values;
    const next = value === undefined ? others : { ...others, [name]: value };
    onDraft({ args: draft.args, kwargs: JSON.stringify(next, null, 2) });
  };
  return (
    <div class="fields">
      {fields.map(([name, field]) => (
        <ArgumentInput
          key={name}
          name={name}
          field={field}
          value={values[name]}
          onValue={(value) => set(name, value)}
        />
      ))}
    </div>
  );
}

/** What the API shows in place of a secret, and does not take for one. */
const HIDDEN = '***';

interface InputProps {
  readonly name: string;
  readonly field: ArgumentField;
  readonly value: unknown;
  readonly onValue: (value: unknown) => void;
}

function ArgumentInput({ name, field, value, onValue }: InputProps) {
  const { type, choices, description, isRequired, isSecret } = field;
  const isText = type === 'string';
  // What is typed stays as it is: half of a number or of a list is no value yet.
  const [draft, setDraft] = useState(value === undefined ? '' : textOf(value));
  const isHidden = isSecret && value === HIDDEN;
  const hints = [description ?? '', isHidden ? 'Hidden: give it again if you change another argument' : ''];
  const hint = hints.filter((text) => text !== '').join('. ');
  const common = {
    label: isRequired ? `${name} *` : name,
    path: `kwargs.${name}`,
    ...(hint !== '' && { hint }),
  };
  if (choices || type === 'boolean') {
    const options: readonly unknown[] = choices ?? [true, false];
    const index = options.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
    return (
      <ChoiceField
        {...common}
        value={index < 0 ? '' : String(index)}
        choices={Object.fromEntries([['', '–'], ...options.map((one, at) => [String(at), textOf(one)])])}
        onValue={(at) => onValue(at === '' ? undefined : options[Number(at)])}
      />
    );
  }
  const change = (text: string): void => {
    setDraft(text);
    onValue(text === '' ? undefined : isText ? text : readAny(text));
  };
  return <TextField {...common} isSecret={isSecret} value={draft} onValue={change} />;
}

/** JSON where it is JSON: what is half typed is kept as text, and the API says what is wrong with it. */
function readAny(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readObject(text: string): Record<string, unknown> | null {
  const value = readAny(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
