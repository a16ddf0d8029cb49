import { effect, signal } from '@preact/signals';
import { after } from './clock.js';

/** Counts up whenever what is shown may have changed by itself. */
export const pulse = signal(0);

/** Counts up when the viewer has changed something: answers from before are out of date. */
export const changes = signal(0);

/** Whether pages follow what happens; the viewer may hold them while they read. */
export const isLive = signal(true);

const POLL_MS = 2000;

/** Shows what was just changed here. */
export function refresh(): void {
  changes.value++;
}

function beat(): void {
  if (!document.hidden && isLive.value) pulse.value++;
}

function poll(): void {
  beat();
  after(POLL_MS, poll);
}

after(POLL_MS, poll);
document.addEventListener('visibilitychange', beat);
effect(() => {
  if (isLive.value) pulse.value = pulse.peek() + 1;
});
