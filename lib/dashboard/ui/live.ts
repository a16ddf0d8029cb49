import { effect, signal } from '@preact/signals';
import { client } from './api.js';
import { after, currentTime } from './clock.js';

/** Counts up whenever what is shown may have changed by itself. */
export const pulse = signal(0);

/** Counts up when the viewer has changed something: answers from before are out of date. */
export const changes = signal(0);

/** Whether pages follow what happens; the viewer may hold them while they read. */
export const isLive = signal(true);

/** Whether the server reports what happens; otherwise it is asked from time to time. */
export const isConnected = signal(false);

const POLL_MS = 2000;
/** With a stream of events it is asked rarely: for what has no event, such as a store that fails. */
const CONNECTED_POLL_MS = 10_000;
/** However much happens, what is shown is asked for at most so often: when single runs are reported, and when they are counted only. */
const CALM_GAP_MS = 300;
const BUSY_GAP_MS = 2000;
/** How long it counts as busy: the first runs of each quarter of a second are reported one by one even then. */
const BUSY_FOR_MS = 3000;
/** A stream costs the scheduler some work for each run: after so long of that, the page leaves it for a while, and asks as often without. */
const PATIENCE_MS = 5000;
const AWAY_MS = 180_000;

const isVisible = signal(!document.hidden);
document.addEventListener('visibilitychange', () => (isVisible.value = !document.hidden));

/** Shows what was just changed here. */
export function refresh(): void {
  changes.value++;
}

let cancelBeat: (() => void) | null = null;

/** Has everything asked for again soon. */
function beatWithin(ms: number): void {
  cancelBeat ??= after(ms, () => {
    cancelBeat = null;
    pulse.value++;
  });
}

/**
 * Listens until it is aborted, or until so much has happened for so long that single events are of no use. A hidden page does not:
 * browsers have few connections for all pages of a server.
 *
 * @returns whether it was too much.
 */
async function listen(signal: AbortSignal): Promise<boolean> {
  const onOpen = (): void => {
    isConnected.value = true;
    beatWithin(0);
  };
  const onInterruption = (): void => {
    isConnected.value = false;
  };
  let calmAt = currentTime();
  let busyUntil = calmAt;
  try {
    for await (const event of client.events({}, { signal, onOpen, onInterruption })) {
      const at = currentTime();
      if (event.type === 'counts') busyUntil = at + BUSY_FOR_MS;
      if (at >= busyUntil) calmAt = at;
      beatWithin(at < busyUntil ? BUSY_GAP_MS : CALM_GAP_MS);
      if (at - calmAt > PATIENCE_MS) break;
    }
  } catch {
    // The viewer may not have events: the page asks instead.
    calmAt = Infinity;
  }
  isConnected.value = false;
  return currentTime() - calmAt > PATIENCE_MS && !signal.aborted;
}

effect(() => {
  if (!isLive.value || !isVisible.value) return undefined;
  const controller = new AbortController();
  let cancelReturn: () => void = () => undefined;
  const follow = async (): Promise<void> => {
    if (await listen(controller.signal)) cancelReturn = after(AWAY_MS, () => void follow());
  };
  void follow();
  let cancelPoll: () => void = () => undefined;
  const poll = (): void => {
    cancelPoll = after(isConnected.peek() ? CONNECTED_POLL_MS : POLL_MS, () => {
      beatWithin(0);
      poll();
    });
  };
  poll();
  beatWithin(0);
  return () => {
    controller.abort();
    cancelReturn();
    cancelPoll();
  };
});
