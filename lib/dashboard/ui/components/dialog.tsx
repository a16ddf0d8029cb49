import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A modal dialog; Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog
      ref={element}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <div class="dialog-body">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface Question {
  readonly title: string;
  /** What will happen. */
  readonly text: ComponentChildren;
  readonly confirm: string;
  /** @default 'Cancel' */
  readonly dismiss?: string;
  readonly isDangerous?: boolean;
  /** What a text may be given for; without it no text is asked for. */
  readonly note?: string;
  readonly answer: (answer: { note: string } | null) => void;
}

const question = signal<Question | null>(null);

/**
 * Asks the viewer before something happens.
 *
 * @returns null when they do not want it.
 */
export function ask(asked: Omit<Question, 'answer'>): Promise<{ note: string } | null> {
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer: (answer) => {
        question.value = null;
        resolve(answer);
      },
    };
  });
}

/** Shows what is asked. Once in the page. */
export function Questions() {
  const asked = question.value;
  return asked ? <Confirmation key={asked.title} asked={asked} /> : null;
}

function Confirmation({ asked }: { asked: Question }) {
  const [note, setNote] = useState('');
  const answered = useRef(false);
  const answer = (value: { note: string } | null): void => {
    if (answered.current) return;
    answered.current = true;
    asked.answer(value);
  };
  return (
    <Dialog title={asked.title} onClose={() => answer(null)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          answer({ note: note.trim() });
        }}
      >
        <div class="dialog-text">{asked.text}</div>
        {asked.note !== undefined && (
          <label class="field">
            <span>{asked.note}</span>
            <input value={note} maxLength={500} onInput={(event) => setNote(event.currentTarget.value)} />
          </label>
        )}
        <div class="dialog-actions">
          <button type="button" onClick={() => answer(null)}>
            {asked.dismiss ?? 'Cancel'}
          </button>
          <button type="submit" class={asked.isDangerous ? 'danger' : 'primary'}>
            {asked.confirm}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
