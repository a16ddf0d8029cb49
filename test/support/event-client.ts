import http from 'node:http';
import { onTestFinished, vi } from 'vitest';
import { EventParser } from '../../lib/client/event-parser.js';
import type { StreamEvent } from '../../lib/client/wire.js';

/** A stream of events that a test reads. */
export interface EventClient {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Everything that has come. */
  readonly text: () => string;
  /** The events that have come, with their ids. */
  readonly events: readonly (StreamEvent & { readonly id: string })[];
  /** What would be sent as `Last-Event-ID`. */
  readonly lastEventId: () => string;
  /** Whether the stream has ended, or broke off. */
  readonly state: () => 'open' | 'ended' | 'broken';
  /** Reads nothing until `resume()`. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly close: () => void;
  /** Waits for the first event of a type. */
  readonly first: (type: StreamEvent['type']) => Promise<StreamEvent & { readonly id: string }>;
}

/** Opens the stream of events of an API; it is closed after the test. */
export function openEvents(
  port: number,
  query = '',
  { headers = {}, method = 'GET' }: { headers?: http.OutgoingHttpHeaders; method?: string } = {},
): Promise<EventClient> {
  return new Promise((resolve, reject) => {
    const path = `/scheduler/events${query}`;
    const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (incoming) => {
      const parser = new EventParser();
      const events: (StreamEvent & { id: string })[] = [];
      let text = '';
      let state: 'open' | 'ended' | 'broken' = 'open';
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => {
        text += part;
        for (const { data, id } of parser.add(part)) events.push({ ...(JSON.parse(data) as StreamEvent), id });
      });
      incoming.on('end', () => (state = 'ended'));
      incoming.on('error', () => (state = 'broken'));
      const first: EventClient['first'] = async (type) => {
        const find = () => events.find((event) => event.type === type);
        await vi.waitFor(() => {
          if (!find()) throw new Error(`There is no ${type}; it ${state}: ${text.slice(-2000)}`);
        }, 10_000);
        return find() as StreamEvent & { id: string };
      };
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        text: () => text,
        events,
        lastEventId: () => parser.lastEventId,
        state: () => state,
        pause: () => void incoming.pause(),
        resume: () => void incoming.resume(),
        close: () => void request.destroy(),
        first,
      });
    });
    request.on('error', reject);
    onTestFinished(() => void request.destroy());
    request.end();
  });
}
