import { SchedulerClient, ForbiddenError, type StreamEvent } from 'nestjs-apscheduler/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventParser } from '../../../lib/client/event-parser.js';
import { PLATFORMS, startRestApp } from '../../support/rest-app.js';

const JOB = { func: 'app:work', trigger: 'interval', hours: 1 } as const;

it.each(PLATFORMS)('The client reads the events of an application on %s until it is told to stop', async (platform) => {
  const rest = await startRestApp(platform);
  const client = new SchedulerClient({ url: `http://127.0.0.1:${rest.port}/scheduler` });
  const stop = new AbortController();
  const seen: string[] = [];
  let opened = 0;
  for await (const event of client.events(
    { job_id: ['a b'], type: ['job_added', 'job_executed'] },
    { signal: stop.signal, onOpen: () => opened++ },
  )) {
    if (event.type === 'reload') {
      await client.addJob({ id: 'a b', ...JOB });
      await client.addJob({ id: 'other', ...JOB });
      await client.runJob('a b');
    }
    seen.push('job_id' in event ? `${event.type} ${event.job_id}` : event.type);
    if (event.type === 'job_executed') stop.abort();
  }
  expect(seen).toEqual(['reload', 'job_added a b', 'job_executed a b']);
  expect(opened).toBe(1);
  await rest.close();
});

it('The client goes on after the last event when the application ends its stream', async () => {
  const rest = await startRestApp('express');
  const client = new SchedulerClient({ url: `http://127.0.0.1:${rest.port}/scheduler` });
  const interruptions: unknown[] = [];
  const events = client.events({ type: ['job_added'] }, { onInterruption: (error) => interruptions.push(error) });
  expect(await events.next()).toMatchObject({ value: { type: 'reload', reason: 'start' } });
  await client.addJob({ id: 'a', ...JOB });
  expect(await events.next()).toMatchObject({ value: { type: 'job_added', job_id: 'a' } });
  const next = events.next();
  await rest.clock.advance('15m');
  await vi.waitFor(() => expect(interruptions).toHaveLength(1));
  await client.addJob({ id: 'b', ...JOB });
  expect(await next).toMatchObject({ value: { type: 'job_added', job_id: 'b' } });
  await events.return();
  await rest.close();
});

describe('The stream of the client', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const RELOAD = { type: 'reload', time: '2030-01-01T00:00:00+00:00', reason: 'start' };
  const text = (id: string, data: object = RELOAD): string =>
    `id: ${id}\nevent: reload\ndata: ${JSON.stringify(data)}\n\n`;
  const refusal = (status: number, after?: string): Response =>
    new Response('{"error_message": "no"}', { status, headers: after === undefined ? {} : { 'Retry-After': after } });

  /** A response whose body ends when its text is over, or stays open. */
  const stream = (body: string, isOpen = false, signal?: AbortSignal): Response =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(body));
          if (!isOpen) controller.close();
          signal?.addEventListener('abort', () => controller.error(signal.reason));
        },
      }),
    );

  /** A client whose requests are answered in turn; then none is answered any more. */
  function scripted(...answers: ((signal: AbortSignal) => Response)[]) {
    const asked: Record<string, string>[] = [];
    const client = new SchedulerClient({
      url: 'http://api',
      fetch: (_url, { headers, signal } = {}) => {
        asked.push(headers as Record<string, string>);
        const answer = answers.shift();
        return answer ? Promise.resolve(answer(signal as AbortSignal)) : Promise.reject(new TypeError('fetch failed'));
      },
    });
    return { asked, client };
  }

  it('names the last event that it has, heartbeats included', async () => {
    const { asked, client } = scripted(
      () => stream(text('e.1')),
      () => stream(`:\nid: e.7\n\n`),
      () => stream(text('e.9')),
    );
    const events = client.events();
    await events.next();
    const next = events.next();
    await vi.advanceTimersByTimeAsync(5000);
    expect(await next).toEqual({ done: false, value: RELOAD });
    expect(asked.map((headers) => headers['Last-Event-ID'])).toEqual([undefined, 'e.1', 'e.7']);
    await events.return();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits longer each time that it cannot connect, at most 30 s, and as long as it is asked to', async () => {
    const { asked, client } = scripted(
      () => refusal(503, '7'),
      () => refusal(429),
      () => refusal(502),
      () => stream(text('e.1')),
    );
    const interruptions: unknown[] = [];
    const stop = new AbortController();
    const seen: StreamEvent[] = [];
    const all = (async () => {
      const options = { signal: stop.signal, onInterruption: (error: unknown) => interruptions.push(error) };
      for await (const event of client.events({}, options)) seen.push(event);
    })();
    const times: number[] = [];
    const begin = Date.now();
    for (let second = 0, before = 0; second < 120; second++) {
      await vi.advanceTimersByTimeAsync(second === 0 ? 0 : 1000);
      if (asked.length > before) times.push((Date.now() - begin) / 1000);
      before = asked.length;
    }
    // After 7 s as asked, then 2 and 4; from the connection on again 1, 2, 4, 8, 16, 30 and 30.
    expect(times).toEqual([0, 7, 9, 13, 14, 16, 20, 28, 44, 74, 104]);
    expect(seen).toHaveLength(1);
    expect(interruptions).toHaveLength(11);
    stop.abort();
    await all;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('connects anew when nothing has come for 45 s', async () => {
    const { asked, client } = scripted(
      (signal) => stream(text('e.1'), true, signal),
      (signal) => stream(text('e.2'), true, signal),
    );
    const events = client.events();
    await events.next();
    const next = events.next();
    await vi.advanceTimersByTimeAsync(44_000);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await next).toEqual({ done: false, value: RELOAD });
    expect(asked).toHaveLength(2);
    await events.return();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('throws what trying again does not mend', async () => {
    const { client } = scripted(() => refusal(403));
    await expect(client.events().next()).rejects.toThrow(ForbiddenError);
  });

  it('begins nothing when its signal has been aborted', async () => {
    const { asked, client } = scripted();
    expect(await client.events({}, { signal: AbortSignal.abort() }).next()).toEqual({ done: true, value: undefined });
    expect(asked).toEqual([]);
  });

  it('reads what is cut anywhere, and lines that end in any way', () => {
    const whole =
      ': hi\r\nid: 1\r\nevent: x\r\ndata: {"a":\r\ndata:1}\r\n\r\nretry: 500\nid\ndata: two\n\nid: 3\rdata: é\r\r\n';
    const expected = [
      { id: '1', data: '{"a":\n1}' },
      { id: '', data: 'two' },
      { id: '3', data: 'é' },
    ];
    for (let at = 0; at <= whole.length; at++) {
      const parser = new EventParser();
      expect([...parser.add(whole.slice(0, at)), ...parser.add(whole.slice(at))]).toEqual(expected);
      expect(parser.retryMs).toBe(500);
    }
  });
});
