import { effect, signal, type Signal } from '@preact/signals';

/** What the viewer has chosen, kept in this browser. Credentials are never kept. */

export type Theme = 'system' | 'light' | 'dark';

export const theme = kept<Theme>('theme', 'system', (value) => ['system', 'light', 'dark'].includes(value));
/** A time zone's name; empty for the one that the server names, or the browser's. */
export const zoneChoice = kept<string>('zone', '', isZone);

effect(() => {
  document.documentElement.style.colorScheme = theme.value === 'system' ? 'light dark' : theme.value;
});

function kept<T extends string>(name: string, otherwise: T, isValid: (value: string) => boolean): Signal<T> {
  const key = `nestjs-apscheduler.${name}`;
  const value = signal<T>(otherwise);
  try {
    const found = localStorage.getItem(key);
    if (found !== null && isValid(found)) value.value = found as T;
    effect(() => localStorage.setItem(key, value.value));
  } catch {
    // A browser may forbid storage: then the choice lasts as long as the page.
  }
  return value;
}

export function isZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat(undefined, { timeZone: name }) !== null && name !== '';
  } catch {
    return false;
  }
}
