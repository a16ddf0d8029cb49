import http from 'node:http';
import net from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../lib/engine/clock.js';
import type { SchedulerModuleOptions } from '../../../lib/module/scheduler-options.js';
import { SchedulerService } from '../../../lib/module/scheduler.service.js';
import { HttpBasicAuth } from '../../../lib/rest/auth/http-basic-auth.js';
import { SchedulerModule } from '../../../lib/scheduler.module.js';
import {
  NOW,
  PLATFORMS,
  startRestApp,
  type Platform,
  type RestApp,
  type RestAppSetup,
} from '../../support/rest-app.js';

const JOB = { id: 'i1', func: 'app:work', trigger: 'interval', minutes: 10 };
const TEXT = JSON.stringify(JOB);
const LIMIT = 100 * 1024;

@Controller('echo')
class EchoController {
  @Post()
  echo(@Body() body: unknown): unknown {
    return { body };
  }
}

/** A body of exactly so many bytes. */
const bodyOf = (bytes: number): string => {
  const frame = JSON.stringify({ ...JOB, args: [''] });
  return JSON.stringify({ ...JOB, args: ['x'.repeat(bytes - frame.length)] });
};

describe.each(PLATFORMS)('a request body on %s', (platform) => {
  let rest: RestApp;
  const open = async (setup: RestAppSetup = {}): Promise<void> => {
    rest = await startRestApp(platform, setup);
  };
  const post = (body: string | Buffer | undefined, headers: http.OutgoingHttpHeaders = {}) =>
    rest.send('POST /scheduler/jobs', { ...(body !== undefined && { body }), headers });
  afterEach(() => rest.close());

  it.each([
    undefined,
    'application/json',
    'application/json; charset=utf-8',
    'application/json; charset=utf-16',
    'application/vnd.api+json',
    'text/plain',
    'text/html',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/x-nestjs-apscheduler-unparsed',
    'nonsense',
    '/;;',
    '',
  ])('is JSON when its Content-Type is %j', async (type) => {
    await open();
    const answer = await post(TEXT, type === undefined ? {} : { 'Content-Type': type });
    expect(answer).toMatchObject({ status: 200, json: JOB });
  });

  it('may begin with a byte order mark and be surrounded by spaces', async () => {
    await open();
    expect(await post(`\uFEFF \r\n${TEXT}\n`)).toMatchObject({ status: 200 });
  });

  it('may come in pieces, cut inside a character', async () => {
    await open();
    const bytes = Buffer.from(JSON.stringify({ ...JOB, name: 'zoë 🔑' }));
    const outgoing = http.request({ port: rest.port, method: 'POST', path: '/scheduler/jobs' });
    const answer = new Promise<number | undefined>((resolve, reject) => {
      outgoing.on('response', (incoming) => resolve(incoming.resume().statusCode)).on('error', reject);
    });
    for (const byte of bytes) outgoing.write(Buffer.from([byte]));
    outgoing.end();
    expect(await answer).toBe(200);
    expect(await rest.scheduler.getJob('i1')).toMatchObject({ name: 'zoë 🔑' });
  });

  it('is not needed for a shutdown', async () => {
    await open();
    expect(
      await rest.send('POST /scheduler/shutdown', { headers: { 'Content-Type': 'application/json' } }),
    ).toMatchObject({ status: 204 });
  });

  it('is ignored where none is asked for', async () => {
    await open();
    expect(await rest.send('DELETE /scheduler/jobs/zzz', { body: '{"not json' })).toMatchObject({ status: 404 });
    expect(await rest.send('POST /scheduler/runs/zzz/cancel', { body: '{"not json' })).toMatchObject({ status: 404 });
  });

  it.each([
    ['not JSON', '{"id":', /not valid JSON/],
    ['a form', 'id=i1&func=app:work', /not valid JSON/],
    ['spaces only', '   ', /not valid JSON/],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), /not valid/],
    ['JSON with comments', '{/* x */}', /not valid JSON/],
    ['an array', '[]', /body must be a JSON object/],
    ['null', 'null', /body must be a JSON object/],
    ['a number', '17', /body must be a JSON object/],
    ['a string', '"text"', /body must be a JSON object/],
    ['true', 'true', /body must be a JSON object/],
  ])('is refused when it is %s', async (_, body, message) => {
    await open();
    for (const target of ['POST /scheduler/jobs', 'POST /scheduler/shutdown', 'POST /scheduler/pause']) {
      const { status, json } = await rest.send(target, { body });
      expect(status).toBe(400);
      expect(json).toEqual({ error_message: expect.stringMatching(message) as unknown });
    }
    expect(rest.scheduler.running).toBe(true);
  });

  it('of a change must be there', async () => {
    await open();
    await post(TEXT);
    const { status, json } = await rest.send('PATCH /scheduler/jobs/i1');
    expect(status).toBe(400);
    expect(json).toEqual({ error_message: expect.stringContaining('body must be a JSON object') as unknown });
  });

  it.each(['gzip', 'deflate', 'br', 'x-unknown'])('is refused when it is encoded with %s', async (encoding) => {
    await open();
    const { status, json } = await post(TEXT, { 'Content-Encoding': encoding });
    expect(status).toBe(415);
    expect(json).toEqual({ error_message: expect.stringContaining(encoding) as unknown });
    expect(await post(TEXT, { 'Content-Encoding': 'Identity' })).toMatchObject({ status: 200 });
  });

  describe('that is long', () => {
    it('is taken up to 100 kB', async () => {
      await open();
      expect(Buffer.byteLength(bodyOf(LIMIT))).toBe(LIMIT);
      expect(await post(bodyOf(LIMIT))).toMatchObject({ status: 200 });
    });

    it.each([LIMIT + 1, 5_000_000])('is refused at %d bytes, and the connection goes on', async (bytes) => {
      await open();
      const { status, json, headers } = await post(bodyOf(bytes));
      expect(status).toBe(413);
      expect(json).toEqual({ error_message: 'The body is longer than 102400 bytes (limits.bodyBytes)' });
      expect(headers.connection).not.toBe('close');
      expect(await rest.send('GET /scheduler/jobs')).toMatchObject({ status: 200, json: [] });
    });

    it('is refused when its length is only seen on the way', async () => {
      await open();
      const { status } = await post(bodyOf(LIMIT + 1), { 'Transfer-Encoding': 'chunked' });
      expect(status).toBe(413);
    });

    it('is refused before it is sent when its length is announced', async () => {
      await open();
      const socket = net.connect(rest.port, '127.0.0.1');
      const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
      socket.write('POST /scheduler/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n');
      expect(await answer).toMatch(/^HTTP\/1.1 413 /);
      socket.destroy();
    });

    it('is taken and refused as the option limits.bodyBytes says', async () => {
      await open({ options: { limits: { bodyBytes: 150_000 } } });
      expect(await post(bodyOf(150_000))).toMatchObject({ status: 200 });
      const { status, json } = await post(bodyOf(150_001));
      expect(status).toBe(413);
      expect(json).toEqual({ error_message: 'The body is longer than 150000 bytes (limits.bodyBytes)' });
    });

    it('cannot go on for ever: the connection is cut', async () => {
      await open();
      const socket = net.connect(rest.port, '127.0.0.1');
      const cut = new Promise<void>((resolve) => socket.on('error', () => undefined).on('close', () => resolve()));
      socket.write('POST /scheduler/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      const feed = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', feed).resume();
      feed();
      await cut;
      expect(await rest.send('GET /scheduler')).toMatchObject({ status: 200 });
    });
  });

  it('that its client breaks off harms nobody', async () => {
    await open();
    const socket = net.connect(rest.port, '127.0.0.1');
    socket.write(`POST /scheduler/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${TEXT.length}\r\n\r\n`);
    socket.write(TEXT.slice(0, 20));
    // The answer to another request tells that the server has seen the first half.
    await rest.send('GET /scheduler');
    socket.resetAndDestroy();
    expect(await rest.send('GET /scheduler/jobs')).toMatchObject({ status: 200, json: [] });
  });

  it('is not read of somebody who is not let in', async () => {
    await open({ options: { auth: new HttpBasicAuth() } });
    expect(await post('{"not json')).toMatchObject({ status: 401 });
    expect(await post(bodyOf(LIMIT + 1))).toMatchObject({ status: 401 });
  });

  it.each<[number, SchedulerModuleOptions]>([
    [401, { auth: new HttpBasicAuth() }],
    [403, { access: () => ({ actor: 'bob', can: 'read' }) }],
  ])('is not waited for when the answer is %d, however long it goes on', async (status, options) => {
    await open({ options });
    const socket = net.connect(rest.port, '127.0.0.1');
    const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.on('error', () => undefined);
    socket.write('POST /scheduler/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    // More than the limit, and no end.
    const half = 'x'.repeat(LIMIT);
    for (const part of [half, half]) socket.write(`${LIMIT.toString(16)}\r\n${part}\r\n`);
    expect(await answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
  });

  describe('in an application with body parsers of its own', () => {
    /** JSON, JSON that is called a form, too much, and no JSON. */
    const statuses = async (): Promise<number[]> => {
      const bodies = [
        [TEXT, 'application/json'],
        [TEXT.replace('i1', 'i2'), 'application/x-www-form-urlencoded'],
        [bodyOf(LIMIT + 1), 'application/json'],
        ['{"id":', 'application/json'],
      ] as const;
      const answers = [];
      for (const [body, type] of bodies) answers.push(await post(body, { 'Content-Type': type }));
      return answers.map(({ status }) => status);
    };

    it('leaves theirs to them', async () => {
      await open({ controllers: [EchoController] });
      const form = { body: 'a=1&b=2', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
      expect((await rest.send('POST /echo', form)).json).toEqual({ body: { a: '1', b: '2' } });
      expect((await rest.send('POST /echo', { json: { a: 1 } })).json).toEqual({ body: { a: 1 } });
      expect(await statuses()).toEqual([200, 200, 413, 400]);
    });

    it('is not touched by a tight limit', async () => {
      await open({ configure: (app) => useParsers(platform, app, 10) });
      expect(await statuses()).toEqual([200, 200, 413, 400]);
    });

    it('is not touched by a wide limit', async () => {
      await open({ configure: (app) => useParsers(platform, app, 10_000_000) });
      expect(await statuses()).toEqual([200, 200, 413, 400]);
    });

    it('is not touched by a parser for everything', async () => {
      await open({ configure: (app) => useCatchAll(platform, app) });
      expect(await statuses()).toEqual([200, 200, 413, 400]);
    });
  });
});

function useParsers(platform: Platform, app: INestApplication, limit: number): void {
  if (platform === 'express') {
    const application = app as NestExpressApplication;
    for (const type of ['json', 'urlencoded', 'text', 'raw'] as const) application.useBodyParser(type, { limit });
  } else {
    const application = app as NestFastifyApplication;
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      application.useBodyParser(type, { bodyLimit: limit });
    }
  }
}

function useCatchAll(platform: Platform, app: INestApplication): void {
  if (platform === 'express') (app as NestExpressApplication).useBodyParser('text', { type: '*/*' });
  else
    (app as NestFastifyApplication)
      .getHttpAdapter()
      .getInstance()
      .addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body));
}

describe('a request body that somebody has read before', () => {
  it.each(['json', 'text', 'raw'] as const)('is used as it comes out of the %s parser', async (parser) => {
    const adapter = new ExpressAdapter();
    adapter.useBodyParser(parser, false, { type: () => true });
    const rest = await startRestApp('express', { adapter });
    const answer = await rest.send('POST /scheduler/jobs', { json: JOB });
    await rest.close();
    expect(answer).toMatchObject({ status: 200, json: JOB });
  });

  it('counts as none when nothing of it was left', async () => {
    const adapter = new ExpressAdapter();
    adapter.use((request: http.IncomingMessage, _response: unknown, next: () => void) => {
      request.resume().on('end', next);
    });
    const rest = await startRestApp('express', { adapter });
    const answer = await rest.send('POST /scheduler/jobs', { json: JOB });
    await rest.close();
    expect(answer).toMatchObject({
      status: 400,
      json: { error_message: expect.stringContaining('id is missing') as unknown },
    });
  });
});

describe.each(PLATFORMS)('an application that NestFactory makes on %s', (platform) => {
  it.each([{}, { bodyParser: false }, { rawBody: true }])('reads bodies with the options %j, too', async (options) => {
    const parts = { apiEnabled: true, auth: false, clock: new ManualClock(NOW) } as const;
    @Module({ imports: [SchedulerModule.forRoot(parts)] })
    class AppModule {}
    const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
    const app = await NestFactory.create(AppModule, adapter, { ...options, logger: false, abortOnError: false });
    app.setGlobalPrefix('api');
    app.get(SchedulerService).registerTask('app:work', () => 'done');
    await app.listen(0, '127.0.0.1');
    const url = `${await app.getUrl()}/api/scheduler/jobs`;
    const answers = [];
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      const body = JSON.stringify({ ...JOB, id: type });
      answers.push(await fetch(url, { method: 'POST', body, headers: { 'Content-Type': type } }));
    }
    await app.close();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

describe("Fastify's inject", () => {
  it.each(['application/json', 'text/plain'])('sends a body as %s, too', async (type) => {
    const rest = await startRestApp('fastify', { adapter: new FastifyAdapter() });
    const answer = await (rest.app as NestFastifyApplication).inject({
      method: 'POST',
      url: '/scheduler/jobs',
      headers: { 'content-type': type },
      payload: TEXT,
    });
    await rest.close();
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject(JOB);
  });
});
