import { useEffect, useRef } from 'preact/hooks';

type Keys = Readonly<Record<string, ((event: KeyboardEvent) => void) | undefined>>;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox') ||
    /^(TEXTAREA|SELECT)$/.test(target.tagName));

/** Shortcuts of a page: single keys, ignored in fields and while a dialog is open. */
export function useKeys(keys: Keys): void {
  // What a page does with a key is known as soon as it is rendered: effects come later than a fast second key.
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
      // A link or a button that has the focus takes this key for itself.
      if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.closest('a, button, summary'))
        return;
      const handle = latest.current[event.key];
      if (!handle) return;
      event.preventDefault();
      handle(event);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
