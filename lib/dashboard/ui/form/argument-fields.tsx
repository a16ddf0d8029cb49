import type { Task } from '../../../client/index.js';
import { AreaField, ChoiceField, TextField } from './fields.js';
import { argumentFields, type ArgumentField, type JobDraft } from './job-draft.js';
import { textOf } from './trigger-draft.js';

interface ArgumentsProps {
  readonly draft: JobDraft;
  readonly task: Task | undefined;
  readonly onDraft: (draft: JobDraft) => void;
}

/** The arguments of a job: a field for each that the task's schema names, JSON otherwise. */
export function ArgumentFields({ draft, task, onDraft }: ArgumentsProps) {
  const fields = argumentFields(task);
  const values = fields && readObject(draft.kwargs);
  if (!fields || !values) {
    return (
      <div class="fields">
        <AreaField
          label="Arguments"
          path="args"
          hint="A JSON array"
          value={draft.args}
          onValue={(args) => onDraft({ ...draft, args })}
        />
        <AreaField
          label="Named arguments"
          path="kwargs"
          hint="A JSON object"
          value={draft.kwargs}
          onValue={(kwargs) => onDraft({ ...draft, kwargs })}
        />
      </div>
    );
  }
  const set = (name: string, value: unknown): void => {
    const { [name]: _, ...others } = values;
    const next = value === undefined ? others : { ...others, [name]: value };
    onDraft({ ...draft, kwargs: JSON.stringify(next, null, 2) });
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

interface InputProps {
  readonly name: string;
  readonly field: ArgumentField;
  readonly value: unknown;
  readonly onValue: (value: unknown) => void;
}

function ArgumentInput({ name, field, value, onValue }: InputProps) {
  const { type, choices, description, isRequired } = field;
  const common = {
    label: isRequired ? `${name} *` : name,
    path: `kwargs.${name}`,
    ...(description !== undefined && { hint: description }),
  };
  if (choices || type === 'boolean') {
    const options = choices ?? ['true', 'false'];
    return (
      <ChoiceField
        {...common}
        value={value === undefined ? '' : textOf(value)}
        choices={Object.fromEntries([['', '–'], ...options.map((one) => [one, one])])}
        onValue={(text) => onValue(text === '' ? undefined : type === 'string' ? text : JSON.parse(text))}
      />
    );
  }
  const isText = type === 'string';
  const shown = value === undefined ? '' : typeof value === 'string' && isText ? value : JSON.stringify(value);
  return (
    <TextField
      {...common}
      value={shown}
      onValue={(text) => onValue(text === '' ? undefined : isText ? text : readAny(text))}
    />
  );
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
