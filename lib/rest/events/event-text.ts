import { formatDate } from '../../engine/time/iso-date.js';
import type { ReloadReason } from '../wire/change-to-dict.js';

/** How long a client should wait before it connects again, unless it knows better. */
const RETRY_MS = 1000;

/** An event as a stream of server-sent events has it. Its data has no line breaks, since JSON has none. */
export function eventText(id: string, data: Readonly<Record<string, unknown>> & { readonly type: string }): string {
  return `id: ${id}\nevent: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function reloadText(id: string, now: number, reason: ReloadReason): string {
  return eventText(id, { type: 'reload', time: formatDate(now, 'UTC'), reason });
}

/** What a stream begins with. */
export const BEGINNING = `retry: ${RETRY_MS}\n\n`;

/** Shows that the stream is alive, and is no event: a client that connects again goes on from this id. */
export function heartbeatText(id: string | null): string {
  return id === null ? ':\n\n' : `:\nid: ${id}\n\n`;
}
