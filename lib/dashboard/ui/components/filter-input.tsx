import { useEffect, useRef, useState } from 'preact/hooks';
import { after } from '../clock.js';

interface FilterInputProps {
  readonly label: string;
  readonly placeholder?: string;
  /** What stands in the address. */
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** Whether the shortcut of the search has been pressed. */
  readonly asksFocus?: boolean;
  readonly onFocused?: () => void;
}

/** The search waits for a pause in typing of this length. */
const TYPING_MS = 250;

/** A filter that somebody types. What is typed stays until it is applied, however often the page is drawn meanwhile. */
export function FilterInput({ label, placeholder = label, value, onValue, asksFocus, onFocused }: FilterInputProps) {
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(value);
  const cancel = useRef<() => void>(() => undefined);
  const applied = useRef(value);
  useEffect(() => {
    // Changed elsewhere: by a link, or by the button that clears the filters.
    if (value !== applied.current) setDraft(value);
    applied.current = value;
  }, [value]);
  useEffect(() => () => cancel.current(), []);
  useEffect(() => {
    if (!asksFocus) return;
    field.current?.focus();
    field.current?.select();
    onFocused?.();
  }, [asksFocus]);
  const apply = (text: string): void => {
    cancel.current();
    applied.current = text.trim();
    onValue(applied.current);
  };
  return (
    <input
      ref={field}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={draft}
      onInput={(event) => {
        const text = event.currentTarget.value;
        setDraft(text);
        cancel.current();
        cancel.current = after(TYPING_MS, () => apply(text));
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') apply(event.currentTarget.value);
        if (event.key !== 'Escape') return;
        // Some browsers would empty the field.
        event.preventDefault();
        event.currentTarget.blur();
      }}
    />
  );
}
