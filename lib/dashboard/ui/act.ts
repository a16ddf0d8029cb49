import { signal } from '@preact/signals';
import { after } from './clock.js';
import { refresh } from './live.js';
import { messageOf } from './load.js';

export interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

/** What has just been done, or could not be. */
export const notices = signal<readonly Notice[]>([]);

const SHOWN_MS = 5000;
/** What is being done, by what is said when it is. */
const underWay = new Set<string>();
const DOUBLE_CLICK_MS = 500;
let last = 0;

export function notify(kind: Notice['kind'], text: string): void {
  const id = ++last;
  notices.value = [...notices.value.slice(-3), { id, kind, text }];
  // What failed stays until it is closed.
  if (kind === 'done') after(SHOWN_MS, () => dismiss(id));
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/**
 * Changes something, and says how that went.
 *
 * @returns whether it has succeeded.
 */
export async function act(done: string, change: () => Promise<unknown>): Promise<boolean> {
  // A double click means it once.
  if (underWay.has(done)) return false;
  underWay.add(done);
  try {
    await change();
    notify('done', done);
    return true;
  } catch (error) {
    notify('failed', messageOf(error));
    return false;
  } finally {
    after(DOUBLE_CLICK_MS, () => underWay.delete(done));
    refresh();
  }
}
