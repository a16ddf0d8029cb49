import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BAD_JOBS, bodyText, type BadJob } from '../../support/bad-jobs.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const badFor = (method: 'POST' | 'PATCH') =>
  BAD_JOBS.filter(({ on }) => on.includes(method)).map((bad) => [title(bad), bad] as const);
const title = ({ field, value, base }: BadJob): string =>
  `${field}: ${value.length > 60 ? `${value.slice(0, 60)}...` : value} beside ${JSON.stringify(base)}`;

it('is tried in at least 300 ways', () => {
  expect(BAD_JOBS.length).toBeGreaterThan(300);
  expect(new Set(BAD_JOBS.map(title)).size).toBe(BAD_JOBS.length);
});

describe.each(PLATFORMS)('bad input on %s', (platform) => {
  let rest: RestApp;
  const jobs = async (): Promise<string> => (await rest.send('GET /scheduler/jobs')).text;

  beforeAll(async () => {
    rest = await startRestApp(platform);
    const schedule = { trigger: 'interval', minutes: 7 } as const;
    await rest.scheduler.addJob({ id: 'there', task: 'app:work', ...schedule, args: [1], kwargs: { a: 2 } });
  });
  afterAll(() => rest.close());

  const refusal = async (target: string, body: string) => {
    const before = await jobs();
    const { status, json } = await rest.send(target, { body });
    const { error_message: message, ...more } = json as { error_message: string };
    // Where a fault begins: the name must not only be somewhere among the values.
    const names = message.split(/: |; /).map((part) => part.split(' ', 1)[0]);
    return { status, more, names, left: (await jobs()) === before ? 'nothing' : await jobs() };
  };
  const naming = (field: string) => ({
    status: 400,
    more: {},
    names: expect.arrayContaining([field]) as unknown,
    left: 'nothing',
  });

  it.each(badFor('POST'))('is refused when a job is added with %s', async (_, bad) => {
    const body = bodyText({ id: 'new', func: 'app:work', ...bad.base }, bad);
    expect(await refusal('POST /scheduler/jobs', body)).toEqual(naming(bad.field));
  });

  it.each(badFor('PATCH'))('is refused when a job is changed to %s', async (_, bad) => {
    expect(await refusal('PATCH /scheduler/jobs/there', bodyText(bad.base, bad))).toEqual(naming(bad.field));
  });

  it('pollutes no prototype', () => {
    expect({}).not.toHaveProperty('polluted');
  });

  it('is told all at once', async () => {
    const body = JSON.stringify({
      id: '',
      func: 'nope',
      trigger: 'interval',
      seconds: '5',
      minutes: -1,
      start_date: 'soon',
      hour: 3,
      max_instances: 0,
      foo: 1,
      bar: 2,
    });
    const { names } = await refusal('POST /scheduler/jobs', body);
    const all = ['id', 'func', 'seconds', 'start_date', 'hour', 'max_instances', 'foo', 'bar'];
    expect(names).toEqual(expect.arrayContaining(all));
  });

  it.each([
    'GET scheduler/jobs HTTP/1.1',
    'GET //scheduler//jobs HTTP/1.1',
    'GET /scheduler/jobs/ HTTP/1.1\r\nX-Bad\x01: 1',
    'GET /scheduler/jobs/%00 HTTP/1.1',
    'GET /scheduler/jobs/.. HTTP/1.1',
    'GET /scheduler/jobs/%2e%2e%2f HTTP/1.1',
    'GET /scheduler/%6a%6f%62%73/nobody HTTP/1.1',
    `GET /scheduler/jobs/${'x'.repeat(4000)} HTTP/1.1`,
    `GET /scheduler/jobs/${'x'.repeat(40_000)} HTTP/1.1`,
    `GET /scheduler/jobs/nobody HTTP/1.1\r\nX-Long: ${'x'.repeat(40_000)}`,
    'GET /scheduler/jobs/\u00e9 HTTP/1.1',
    'GET /scheduler/jobs/a b HTTP/1.1',
    'DELETE /scheduler/jobs/ HTTP/1.1',
    'PATCH /scheduler/jobs/ HTTP/1.1',
    'POST /scheduler/jobs/%/run HTTP/1.1',
    'POST /scheduler/jobs/there/RUN! HTTP/1.1',
    'POST /scheduler/jobs/there HTTP/1.1',
    'PUT /scheduler/jobs/there HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}',
    'POST /scheduler/jobs HTTP/1.1',
    'POST /scheduler/jobs HTTP/1.1\r\nContent-Length: 0',
    'POST /scheduler/jobs HTTP/1.1\r\nContent-Length: -1',
    'POST /scheduler/jobs HTTP/1.1\r\nContent-Length: x',
    'POST /scheduler/jobs HTTP/1.1\r\nContent-Length: 1e9',
    'POST /scheduler/jobs HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /scheduler/jobs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'POST /scheduler/jobs HTTP/1.1\r\nContent-Length: 1\r\n\r\n{',
    'POST /scheduler/jobs HTTP/1.1\r\nContent-Type: \r\nContent-Length: 2\r\n\r\n{}',
    'POST /scheduler/shutdown HTTP/1.1\r\nContent-Length: 14\r\n\r\n{"wait":"yes"}',
    'POST /scheduler/shutdown HTTP/1.1\r\nContent-Length: 12\r\n\r\n{"timeout":1}',
  ])('is refused on the wire: %s', async (request) => {
    const before = await jobs();
    expect(await sendRaw(rest.port, request)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(await jobs()).toBe(before);
    expect(rest.scheduler.running).toBe(true);
  });
});

/** Sends a request as it stands, and a Host header; the status line and what comes with it. */
function sendRaw(port: number, request: string): Promise<string> {
  const [line = '', ...rest] = request.split('\r\n');
  const text = ['Connection: close', ...rest].join('\r\n');
  const message = `${line}\r\nHost: localhost\r\n${text}${request.includes('\r\n\r\n') ? '' : '\r\n\r\n'}`;
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(message));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString());
    });
    socket.once('error', reject);
  });
}
