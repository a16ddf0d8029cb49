import { useEffect, useRef, useState } from 'preact/hooks';
import { ConnectionError } from '../../client/index.js';
import { changes, pulse } from './live.js';

export interface Loaded<T> {
  /** What was answered last; it stays while it is asked for again, and when that fails. */
  readonly data: T | undefined;
  readonly error: Error | undefined;
}

interface Answer<T> {
  readonly key: string;
  readonly data?: T;
  readonly error?: Error;
}

/**
 * Asks the API for something, and again whenever it may have changed.
 *
 * @param key - of what is asked for; answers for another one are of no use.
 * @param load - null to ask for nothing.
 * @param again - a value: when it changes, it is asked for again, and what was answered stays until then. @default with every pulse
 */
export function useLoad<T>(
  key: string,
  load: ((signal: AbortSignal) => Promise<T>) | null,
  again: string | number = pulse.value,
): Loaded<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ key });
  const request = useRef<AbortController | null>(null);
  /** Whether a pulse has come since the request under way was sent: its answer may be from before. */
  const isLate = useRef(false);
  const [late, askAgain] = useState(0);
  const giveUp = (): void => {
    request.current?.abort();
    request.current = null;
  };
  useEffect(() => giveUp, [key, changes.value]);
  useEffect(() => {
    // A server that is slower than the pulse is not asked twice at once.
    isLate.current = request.current !== null;
    if (!load || request.current) return;
    const controller = new AbortController();
    request.current = controller;
    const end = (next: (before: Answer<T>) => Answer<T>): void => {
      if (controller.signal.aborted) return;
      request.current = null;
      setAnswer(next);
      if (isLate.current) askAgain((count) => count + 1);
    };
    load(controller.signal).then(
      (data) => end(() => ({ key, data })),
      (error: Error) => end((before) => (before.key === key ? { ...before, error } : { key, error })),
    );
  }, [key, load === null, changes.value, again, late]);
  return answer.key === key ? { data: answer.data, error: answer.error } : { data: undefined, error: undefined };
}

/** What to show of an error. */
export function messageOf(error: unknown): string {
  if (error instanceof ConnectionError) return 'The server did not answer';
  return error instanceof Error ? error.message : String(error);
}
