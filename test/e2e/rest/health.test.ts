import { MemoryJobStore, type ClaimRequest, type ClaimResult } from 'nestjs-apscheduler';
import { afterEach, describe, expect, it } from 'vitest';
import { basic, PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

/** A store whose server can go away. */
class Away extends MemoryJobStore {
  isAway = false;
  override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    if (this.isAway) throw new Error('cannot reach postgres://app:s3cret@db/app');
    return super.claimDue(request);
  }
}

describe.each(PLATFORMS)('GET /scheduler/health on %s', (platform) => {
  let rest: RestApp;
  let store: Away;
  const open = async (setup: RestAppSetup = {}): Promise<RestApp> => {
    store = new Away();
    rest = await startRestApp(platform, {
      ...setup,
      options: { jobStores: { default: store }, node: 'web-1', ...setup.options },
    });
    await rest.scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', seconds: 1 });
    return rest;
  };

  afterEach(async () => {
    await rest.close();
  });

  it('answers 200 and how all is while all is well', async () => {
    const { clock, send } = await open();
    await clock.advance('1s');
    const { status, json } = await send('GET /scheduler/health');
    expect(status).toBe(200);
    expect(json).toEqual({
      status: 'up',
      state: 'running',
      node: 'web-1',
      active_runs: 0,
      jobstores: {
        default: {
          status: 'up',
          reason: null,
          since: null,
          failures: 0,
          retry_at: null,
          last_contact: '2026-11-22T22:36:40.205000+00:00',
          lateness: 0,
          behind: false,
          unrecorded_runs: 0,
          clock_skew: null,
        },
      },
    });
  });

  it('answers 503 with the same members while a job store fails, without its password, and 200 when it is back', async () => {
    const { clock, send } = await open();
    await clock.advance('1s');
    store.isAway = true;
    await clock.advance('2s');
    const { status, json } = await send('GET /scheduler/health');
    expect(status).toBe(503);
    expect(json).toMatchObject({
      status: 'down',
      state: 'running',
      jobstores: {
        default: {
          status: 'failing',
          reason: 'cannot reach postgres://db/app',
          since: '2026-11-22T22:36:41.205000+00:00',
          failures: 2,
          retry_at: '2026-11-22T22:36:42.705000+00:00',
          last_contact: '2026-11-22T22:36:40.205000+00:00',
        },
      },
    });
    store.isAway = false;
    await clock.advance('10s');
    expect((await send('GET /scheduler/health')).status).toBe(200);
  });

  it('answers 200 when the scheduler was paused or shut down on purpose, and says so', async () => {
    const { send } = await open();
    await send('POST /scheduler/pause');
    expect(await send('GET /scheduler/health')).toMatchObject({ status: 200, json: { status: 'up', state: 'paused' } });
    await send('POST /scheduler/shutdown');
    expect(await send('GET /scheduler/health')).toMatchObject({
      status: 200,
      json: { status: 'up', state: 'stopped' },
    });
  });

  it('is as closed as the rest of the API', async () => {
    const { send } = await open({ options: { auth: { username: 'admin', password: 'secret' } } });
    expect((await send('GET /scheduler/health')).status).toBe(401);
    expect((await send('GET /scheduler/health', { headers: basic('admin', 'secret') })).status).toBe(200);
  });
});
