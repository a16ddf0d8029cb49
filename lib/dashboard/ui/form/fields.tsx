import { createContext, type ComponentChildren } from 'preact';
import { useContext, useId } from 'preact/hooks';

/** The faults that the API has found, by the path of the field: `triggers[0].hour`. */
export const Faults = createContext<ReadonlyMap<string, string>>(new Map());

/** Reads the fields and their faults off a message of the API: `Invalid job: hour must be …; func is …`. */
export function faultsOf(message: string): ReadonlyMap<string, string> {
  const faults = new Map<string, string>();
  const at = message.indexOf(': ');
  for (const part of message.slice(at + 2).split('; ')) {
    const [, field, problem] = /^([\w.[\]]+) (.+)$/s.exec(part) ?? [];
    if (field !== undefined && problem !== undefined) faults.set(field, problem);
  }
  return faults;
}

/** Fields that are folded in until somebody wants them, or one of them has a fault. */
export function Section({
  title,
  paths,
  children,
}: {
  title: string;
  paths: readonly string[];
  children: ComponentChildren;
}) {
  const faults = useContext(Faults);
  const hasFault = paths.some((path) => faults.has(path));
  return (
    <details open={hasFault || undefined}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

interface FieldProps {
  readonly label: string;
  /** The path of the field on the wire, by which its faults are found. */
  readonly path: string;
  readonly hint?: string;
  readonly wide?: boolean;
  /** The control, with what ties it to its label, its hint and its fault. */
  readonly children: (ties: Ties) => ComponentChildren;
}

interface Ties {
  readonly id: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
}

/** A label, what it is for, and what is wrong with it. */
function Field({ label, path, hint, wide, children }: FieldProps) {
  const fault = useContext(Faults).get(path);
  const id = useId();
  const about = `${id}-about`;
  return (
    <div class={`field${wide ? ' wide' : ''}${fault === undefined ? '' : ' has-fault'}`}>
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': about, 'aria-invalid': fault !== undefined })}
      <small id={about} class={fault === undefined ? undefined : 'fault'}>
        {fault ?? hint}
      </small>
    </div>
  );
}

interface TextProps extends Omit<FieldProps, 'children'> {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly list?: string;
  readonly required?: boolean;
  readonly isSecret?: boolean;
}

export function TextField({
  value,
  onValue,
  placeholder,
  disabled,
  list,
  required,
  isSecret = false,
  ...field
}: TextProps) {
  return (
    <Field {...field}>
      {(ties) => (
        <input
          {...ties}
          value={value}
          placeholder={placeholder}
          disabled={disabled}
          required={required}
          {...(isSecret
            ? ({ type: 'password', autocomplete: 'new-password' } as const)
            : { list, autocomplete: 'off' })}
          spellcheck={false}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

type AreaProps = Omit<TextProps, 'list' | 'disabled' | 'required' | 'isSecret'> & { readonly rows?: number };

export function AreaField({ value, onValue, rows = 3, placeholder, ...field }: AreaProps) {
  return (
    <Field {...field}>
      {(ties) => (
        <textarea
          {...ties}
          rows={rows}
          value={value}
          placeholder={placeholder}
          spellcheck={false}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface ChoiceProps extends Omit<FieldProps, 'children'> {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly choices: Readonly<Record<string, string>>;
}

export function ChoiceField({ value, onValue, choices, ...field }: ChoiceProps) {
  return (
    <Field {...field}>
      {(ties) => (
        <select {...ties} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          {Object.entries(choices).map(([choice, label]) => (
            <option key={choice} value={choice}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
