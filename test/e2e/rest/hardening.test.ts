import net from 'node:net';
import { hostname } from 'node:os';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { listEndpoints } from '../../../lib/rest/endpoints/endpoint.js';
import { basic, PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

const AUTH = { auth: { username: 'ada', password: 'l0velace' } };
const RIGHT = { headers: basic('ada', 'l0velace') };
const WRONG = { headers: basic('ada', 'guess') };
const HEADERS = {
  'cache-control': expect.stringMatching(/^no-store/) as unknown,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

describe.each(PLATFORMS)('the API on %s', (platform) => {
  let rest: RestApp;
  const open = async (setup: RestAppSetup = {}): Promise<RestApp> => (rest = await startRestApp(platform, setup));
  const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  afterEach(() => rest.close());

  it('lets no answer be stored, sniffed or framed: of no route, with and without errors', async () => {
    const { send } = await open({ options: AUTH });
    const routes = listEndpoints({ apiPrefix: '/scheduler', endpointPrefix: '' });
    for (const { method, path } of routes) {
      const target = `${method} ${path.replace(':id', 'none')}`;
      for (const given of [RIGHT, {}, { ...RIGHT, body: '{"not json' }]) {
        expect((await send(target, given)).headers).toMatchObject(HEADERS);
      }
    }
    for (const target of [
      'GET /scheduler/jobs/%zz',
      `GET /scheduler/jobs/${'x'.repeat(191)}`,
      'HEAD /scheduler/jobs',
    ]) {
      expect((await send(target, RIGHT)).headers).toMatchObject(HEADERS);
    }
  });

  it("leaves the application's own answers alone", async () => {
    const { send } = await open();
    expect((await send('GET /other')).headers).not.toHaveProperty('x-frame-options');
  });

  it('is not served under the name of a page that has given itself its address, where nobody is asked who they are', async () => {
    const options = { allowedOrigins: ['https://Jobs.example.org:8443'], allowedHosts: ['*', 'api'] };
    const { send, port } = await open({ options });
    const status = async (Host: string, target = 'GET /scheduler/jobs') =>
      (await send(target, { headers: { Host } })).status;
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '*',
    ]) {
      expect([host, await status(host)]).toEqual([host, 403]);
      expect(await status(host, 'POST /scheduler/pause')).toBe(403);
    }
    for (const host of [
      `localhost:${port}`,
      'LOCALHOST',
      'app.localhost.',
      '127.0.0.1',
      '10.1.2.3:80',
      '[::1]:3000',
      'api',
    ]) {
      expect([host, await status(host)]).toEqual([host, 200]);
    }
    for (const host of ['jobs.example.org', hostname()]) expect([host, await status(host)]).toEqual([host, 200]);
  });

  it('is served under any name where credentials are asked for', async () => {
    const { send } = await open({ options: AUTH });
    const headers = { ...RIGHT.headers, Host: 'jobs.example.org' };
    expect(await send('GET /scheduler', { headers })).toMatchObject({ status: 200 });
  });

  it('answers later and later to who repeats wrong passwords, logs it, and lets right ones in at once', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { send, clock } = await open({ options: AUTH });
    for (let count = 1; count <= 5; count++) expect(await send('GET /scheduler', WRONG)).toMatchObject({ status: 401 });
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringMatching(/^5 wrong passwords for the REST API from \S*127\.0\.0\.1; its answers are slowed down$/),
    ]);
    warn.mockRestore();
    let answers = 0;
    const guess = async (): Promise<void> => {
      expect(await send('GET /scheduler', WRONG)).toMatchObject({ status: 401 });
      answers++;
    };
    for (const delay of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
      const waiting = guess();
      await vi.waitUntil(() => clock.pendingTimers > 0);
      const before = answers;
      await clock.advance(delay - 1);
      await macrotask();
      expect(answers).toBe(before);
      await clock.advance(1);
      await waiting;
    }
    expect(await send('GET /scheduler', RIGHT)).toMatchObject({ status: 200 });
    expect(await send('GET /scheduler', WRONG)).toMatchObject({ status: 401 });
  });

  it('gives an address that waits for many answers no more of them, and no others a wait', async () => {
    const { send, clock } = await open({ options: AUTH });
    const guesses = Array.from({ length: 25 }, () => send('GET /scheduler', WRONG));
    await vi.waitUntil(() => clock.pendingTimers >= 20);
    expect(await send('GET /scheduler', WRONG)).toMatchObject({
      status: 429,
      json: { error_message: 'Too many wrong passwords from this address' },
    });
    await clock.advance('10s');
    for (const { status } of await Promise.all(guesses)) expect(status).toBe(401);
    expect(await send('GET /scheduler', RIGHT)).toMatchObject({ status: 200 });
  });

  it('counts no requests without credentials', async () => {
    const { send } = await open({ options: AUTH });
    for (let count = 0; count < 30; count++) expect(await send('GET /scheduler')).toMatchObject({ status: 401 });
  });

  it.each([
    ['POST /scheduler/jobs', AUTH],
    ['GET /scheduler', AUTH],
    ['POST /scheduler/jobs/none/pause', {}],
    ['GET /scheduler/jobs', {}],
  ])('cuts off an endless body that nobody reads: %s', async (target, options) => {
    const { port, send } = await open({ options });
    const socket = net.connect(port, '127.0.0.1');
    const cut = new Promise<void>((resolve) => socket.on('error', () => undefined).on('close', () => resolve()));
    socket.write(`${target} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const feed = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', feed).resume();
    feed();
    await cut;
    expect(await send('GET /scheduler', RIGHT)).toMatchObject({ status: 200 });
  });

  it.each<[string, unknown]>([
    ['unknown members', Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`m${i}`, 1]))],
    ['faulty triggers', { trigger: 'or', triggers: Array.from({ length: 100 }, () => nested(30)) }],
    ['long values', { trigger: 'x'.repeat(90_000), timezone: 'y'.repeat(5000) }],
    ['long names', { ['x'.repeat(90_000)]: 1 }],
    ['deep arrays', `"args":${'['.repeat(40_000)}${']'.repeat(40_000)}`],
    ['deep objects', `"kwargs":${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`],
    ['deep triggers', { trigger: deepTrigger(900) }],
  ])('answers shortly to a large body with %s', async (_, members) => {
    const { send, scheduler } = await open();
    const text = typeof members === 'string' ? members : JSON.stringify(members).slice(1, -1);
    const body = `{"id":"a","func":"app:work",${text}}`;
    expect(body.length).toBeLessThan(102_400);
    await scheduler.addJob({ id: 'there', task: 'app:work', trigger: 'interval', hours: 1 });
    for (const target of ['POST /scheduler/jobs', 'PATCH /scheduler/jobs/there', 'POST /scheduler/preview']) {
      const answer = await send(target, { body });
      expect([target, answer.status]).toEqual([target, 400]);
      expect(answer.text.length).toBeLessThan(20_000);
    }
    expect(await scheduler.getJobs()).toHaveLength(1);
  });

  it.each([
    'a[b][c][d][e][f][g]=1',
    '__proto__[x]=1&constructor.prototype.x=1',
    Array.from({ length: 1500 }, (_, index) => `k${index}=1`).join('&'),
    `state=${'succeeded,'.repeat(1000)}x`,
    'job_id=%00',
    'cursor=%ED%A0%80',
    'limit=1&limit=2',
  ])('answers shortly to a query that it does not know: %s', async (query) => {
    const { send } = await open();
    for (const target of ['GET /scheduler/runs', 'GET /scheduler/jobs/a/runs', 'POST /scheduler/pause']) {
      const { status, text } = await send(`${target}?${query}`);
      expect([400, 404, ...(query.startsWith('job_id') && target.endsWith('/runs') ? [200] : [])]).toContain(status);
      expect(text.length).toBeLessThan(20_000);
    }
    expect({}).not.toHaveProperty('x');
  });

  it.runIf(platform === 'fastify')('has its headers in answers to inject, too', async () => {
    const { app } = await open();
    const { headers } = await (app as NestFastifyApplication).inject({ method: 'GET', url: '/scheduler' });
    expect(headers).toMatchObject(HEADERS);
  });
});

/** A trigger with many members that are wrong. */
function nested(count: number): object {
  return { trigger: 'cron', ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, 'y'])) };
}

function deepTrigger(depth: number): object {
  let trigger: object = { type: 'interval', seconds: 1 };
  for (let level = 0; level < depth; level++) trigger = { type: 'or', triggers: [trigger] };
  return trigger;
}
