import { ApiError, ConnectionError, LimitError, UnavailableError } from './errors.js';
import { EventParser } from './event-parser.js';
import { delay, withTimeout, type RequestOptions, type Transport } from './transport.js';
import type { GetEventsQuery, StreamEvent } from './wire.js';

export interface EventOptions extends RequestOptions {
  /** Called each time that the stream is connected. */
  readonly onOpen?: () => unknown;
  /** Called when the connection is lost or not made, before it is tried again: time to fetch from time to time instead. */
  readonly onInterruption?: (error: unknown) => unknown;
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
/** The API sends something every 15 s. */
const SILENCE_MS = 45_000;

/** How a connection went. */
interface Attempt {
  /** How long the API asks to wait. */
  delayMs: number | undefined;
  hasOpened: boolean;
}

/** @throws ApiError */
export async function* readEvents(
  transport: Transport,
  query: GetEventsQuery,
  { onInterruption, onOpen, signal }: EventOptions = {},
): AsyncGenerator<StreamEvent, void, void> {
  const position = { lastEventId: '' };
  for (let failures = 0; ; failures++) {
    if (signal?.aborted) return;
    const attempt: Attempt = { delayMs: undefined, hasOpened: false };
    try {
      yield* connect(transport, query, { position, attempt, signal, onOpen });
      throw new ConnectionError('The stream of events ended', { cause: undefined });
    } catch (error) {
      if (signal?.aborted) return;
      if (!isTemporary(error)) throw error;
      if (attempt.hasOpened) failures = 0;
      onInterruption?.(error);
      const grown = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS);
      // Not all clients of a server that comes back should come at once.
      const pause = Math.max(attempt.delayMs ?? 0, grown) * (1 + Math.random() / 4);
      await delay(pause, signal).catch(() => undefined);
    }
  }
}

interface Connection {
  /** Keeps the id that the next connection goes on from. */
  readonly position: { lastEventId: string };
  readonly attempt: Attempt;
  readonly signal: AbortSignal | undefined;
  readonly onOpen: (() => unknown) | undefined;
}

/** The events of one connection, until it ends. */
async function* connect(
  transport: Transport,
  query: GetEventsQuery,
  { attempt, onOpen, position, signal }: Connection,
): AsyncGenerator<StreamEvent, void, void> {
  const ended = new AbortController();
  const end = (): void => ended.abort(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  const soon = <T>(work: Promise<T>): Promise<T> =>
    withTimeout(work, SILENCE_MS, () => ended.abort(new Error(`Nothing has come for ${SILENCE_MS / 1000} s`)));
  try {
    const { lastEventId } = position;
    const headers = { Accept: 'text/event-stream', ...(lastEventId !== '' && { 'Last-Event-ID': lastEventId }) };
    const call = { method: 'GET', path: ['events'], query, headers, signal: ended.signal } as const;
    const response = await soon(transport.open(call, (delayMs) => (attempt.delayMs = delayMs)));
    attempt.hasOpened = true;
    onOpen?.();
    const parser = new EventParser();
    parser.lastEventId = lastEventId;
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    for (;;) {
      const part = reader && (await soon(reader.read()).catch(brokenOff));
      if (!part || part.done) return;
      for (const { data, id } of parser.add(decoder.decode(part.value, { stream: true }))) {
        position.lastEventId = id;
        yield JSON.parse(data) as StreamEvent;
      }
      // Heartbeats have ids, too.
      position.lastEventId = parser.lastEventId;
      attempt.delayMs = parser.retryMs;
    }
  } finally {
    signal?.removeEventListener('abort', end);
    ended.abort();
  }
}

function brokenOff(error: unknown): never {
  throw new ConnectionError('The stream of events broke off', { cause: error });
}

/** Whether it may work when it is tried again. */
function isTemporary(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof ApiError)) return false;
  return error instanceof UnavailableError || error instanceof LimitError || error.status > 500;
}
