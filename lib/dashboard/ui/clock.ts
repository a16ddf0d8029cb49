import { signal } from '@preact/signals';

/** The only file that reads the time or sets timers. */

/** In epoch milliseconds, once a second: relative times follow it. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => (now.value = Date.now()));

export const currentTime = (): number => Date.now();

/** Calls back once. Returns what cancels it. */
export function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
