import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const JOB = { id: 'i1', func: 'app:work', trigger: 'interval', minutes: 10 };
const LONG = 'x'.repeat(191);

describe.each(PLATFORMS)('a request target with scheme and host, as for a proxy, on %s', (platform) => {
  let rest: RestApp;
  beforeAll(async () => {
    rest = await startRestApp(platform);
    await rest.scheduler.addJob({ id: LONG, task: 'app:work', trigger: 'interval', days: 1 });
  });
  afterAll(() => rest.close());

  it.each(['http://x', 'http://localhost:3000', 'HTTPS://user@[::1]:8443'])(
    'reaches the API behind %s',
    async (base) => {
      for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
        const request = { body: JSON.stringify({ ...JOB, replace_existing: true }), headers: { 'Content-Type': type } };
        const answer = await rest.send(`POST ${base}/scheduler/jobs`, request);
        expect(answer).toMatchObject({ status: 200, json: JOB });
      }
      expect(await rest.send(`GET ${base}/scheduler/jobs/${LONG}?a=/b`)).toMatchObject({
        status: 200,
        json: { id: LONG },
      });
    },
  );

  it('is answered as the API answers when its body or its id cannot be read', async () => {
    const request = { body: '{"id":', headers: { 'Content-Type': 'application/json' } };
    const answer = await rest.send('POST http://x/scheduler/jobs', request);
    expect(answer).toMatchObject({ status: 400, json: { error_message: expect.stringContaining('JSON') as unknown } });
    const malformed = await rest.send('GET http://x/scheduler/jobs/%E0%A4%A');
    expect(malformed).toMatchObject({ status: 400, json: {} });
    if (platform === 'express')
      expect(malformed.json).toEqual({ error_message: expect.stringMatching(/^The path \/s/) as unknown });
  });
});
