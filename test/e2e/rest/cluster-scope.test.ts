import { MemoryJobStore, SystemClock, type JobStore, type RunContext } from 'nestjs-apscheduler';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PLATFORMS, startRestApp, type Platform, type RestApp } from '../../support/rest-app.js';
import { sharedPlaces } from '../../support/shared-stores.js';

const places = await sharedPlaces();

const infoOf = async (app: RestApp): Promise<unknown> => (await app.send('GET /scheduler')).json;
const shows = (app: RestApp, members: object): Promise<void> =>
  vi.waitFor(async () => expect(await infoOf(app)).toMatchObject(members), 10_000);

describe.each(places.filter(({ available }) => available))(
  'The REST API of applications that share $title',
  { timeout: 60_000 },
  ({ make }) => {
    let makeStore: () => JobStore;
    let apps: RestApp[];
    let contexts: RunContext[];

    const start = async (node: string, store = makeStore(), platform: Platform = 'express'): Promise<RestApp> => {
      const app = await startRestApp(platform, {
        options: { node, clock: new SystemClock(), jobStores: { default: store }, shutdownTimeout: 1 },
        tasks: {
          'app:wait': (context: RunContext) => {
            contexts.push(context);
            return new Promise((_, reject) => {
              context.signal.addEventListener('abort', () => reject(context.signal.reason), { once: true });
            });
          },
        },
      });
      apps.push(app);
      return app;
    };

    beforeEach(async () => {
      apps = [];
      contexts = [];
      makeStore = await make();
    });
    afterEach(async () => {
      await Promise.all(apps.map((app) => app.close()));
    });

    it.each(PLATFORMS)('pauses and resumes all of them, on %s', async (platform) => {
      const [a, b] = [await start('a', undefined, platform), await start('b', undefined, platform)];
      expect(await infoOf(a)).toMatchObject({ running: true, state: 'running', cluster_state: 'running' });
      expect(await a.send('POST /scheduler/pause')).toMatchObject({ status: 204, text: '' });
      await shows(b, { running: true, state: 'paused', cluster_state: 'paused' });
      const later = await start('later', undefined, platform);
      expect(await infoOf(later)).toMatchObject({ running: true, state: 'paused' });
      expect(await b.send('POST /scheduler/pause')).toMatchObject({ status: 204 });
      expect(await later.send('POST /scheduler/resume')).toMatchObject({ status: 204, text: '' });
      for (const app of [a, b]) await shows(app, { state: 'running', cluster_state: 'running' });
    });

    it('stops and starts all of them', async () => {
      const [a, b] = [await start('a'), await start('b')];
      expect(await a.send('POST /scheduler/shutdown', { json: { wait: false } })).toMatchObject({ status: 204 });
      for (const app of [a, b]) await shows(app, { running: false, state: 'stopped', cluster_state: 'stopped' });
      for (const operation of ['shutdown', 'pause', 'resume']) {
        // What comes while it still stops joins that.
        await vi.waitFor(async () => {
          const answer = await b.send(`POST /scheduler/${operation}`);
          expect(answer).toMatchObject({ status: 400, json: { error_message: 'Scheduler is not running' } });
        }, 10_000);
      }
      const job = { id: 'a', func: 'app:work', trigger: 'interval', minutes: 7 };
      expect((await a.send('POST /scheduler/jobs', { json: job })).status).toBe(200);
      expect((await b.send('GET /scheduler/jobs/a')).status).toBe(200);
      expect(await b.send('POST /scheduler/start')).toMatchObject({ status: 204, text: '' });
      for (const app of [a, b]) await shows(app, { running: true, state: 'running', cluster_state: 'running' });
      const again = await a.send('POST /scheduler/start');
      expect(again).toMatchObject({ status: 400, json: { error_message: 'Scheduler is already running' } });
    });

    it('reaches one alone when the scope says so, in the body or in the query', async () => {
      const [a, b] = [await start('a'), await start('b')];
      expect((await a.send('POST /scheduler/pause', { json: { scope: 'node' } })).status).toBe(204);
      expect((await b.send('POST /scheduler/shutdown?scope=node')).status).toBe(204);
      expect(await infoOf(a)).toMatchObject({ state: 'paused', cluster_state: 'running' });
      expect(await infoOf(b)).toMatchObject({ state: 'stopped', cluster_state: null });
      expect((await b.send('POST /scheduler/start?scope=node')).status).toBe(204);
      expect(await infoOf(b)).toMatchObject({ state: 'running' });
      expect(await infoOf(a)).toMatchObject({ state: 'paused' });
    });

    it('keeps jobs back on one that is shut down alone, runs none of them, and says which keeps it from starting', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await b.send('POST /scheduler/shutdown?scope=node');
      const job = { id: 'kept', func: 'app:work', trigger: 'interval', minutes: 7 };
      expect((await b.send('POST /scheduler/jobs', { json: job })).status).toBe(200);
      for (const query of ['', '?wait=false']) {
        const answer = await b.send(`POST /scheduler/jobs/kept/run${query}`);
        expect(answer).toMatchObject({ status: 400, json: { error_message: 'Scheduler is not running' } });
      }
      expect((await a.send('POST /scheduler/jobs', { json: { ...job, minutes: 8 } })).status).toBe(200);
      const refused = await b.send('POST /scheduler/start');
      const why =
        'The scheduler cannot start: Job kept already exists. One of this id was added here before the start: remove it here, and start again';
      expect(refused).toMatchObject({ status: 409, json: { error_message: why } });
      expect((await b.send('DELETE /scheduler/jobs/kept')).status).toBe(204);
      expect((await b.send('POST /scheduler/start')).status).toBe(204);
      expect((await b.send('GET /scheduler/jobs/kept')).json).toMatchObject({ minutes: 8 });
    });

    it('cancels a run that another of them has', async () => {
      const a = await start('a');
      await a.send('POST /scheduler/jobs', { json: { id: 'long', func: 'app:wait' } });
      await vi.waitFor(() => expect(contexts).toHaveLength(1), 10_000);
      const b = await start('b');
      const runId = contexts[0]?.runId ?? '';
      const answer = await b.send(`POST /scheduler/runs/${runId}/cancel`);
      expect(answer).toMatchObject({ status: 200, json: { state: 'cancelled', node: 'a' } });
      expect(contexts[0]?.signal.aborted).toBe(true);
      expect((await b.send(`POST /scheduler/runs/${runId}/cancel`)).status).toBe(409);
    });

    it('answers 503 while the store is away, and nothing has changed', async () => {
      const store = makeStore();
      const [a, b] = [await start('a', store), await start('b')];
      const away = new Error('connection refused');
      const turn = vi
        .spyOn(store as JobStore & { turnCluster(): Promise<never> }, 'turnCluster')
        .mockRejectedValue(away);
      for (const operation of ['pause', 'shutdown']) {
        const answer = await a.send(`POST /scheduler/${operation}`);
        expect(answer.status).toBe(503);
        expect(answer.json).toEqual({ error_message: 'Job store "default" failed: connection refused' });
      }
      for (const app of [a, b]) expect(await infoOf(app)).toMatchObject({ state: 'running', cluster_state: 'running' });
      turn.mockRestore();
      expect((await a.send('POST /scheduler/pause')).status).toBe(204);
      await shows(b, { state: 'paused' });
    });

    it('ends one application alone', async () => {
      const [a, b] = [await start('a'), await start('b')];
      await a.app.close();
      expect(await infoOf(b)).toMatchObject({ state: 'running', cluster_state: 'running' });
    });
  },
);

describe('The scope of a request', () => {
  let rest: RestApp;
  beforeEach(async () => {
    rest = await startRestApp('express', { options: { jobStores: { default: new MemoryJobStore() } } });
  });
  afterEach(() => rest.close());

  it.each(['start', 'shutdown', 'pause', 'resume'])(
    'of POST /%s is "cluster" or "node", and said once',
    async (operation) => {
      const target = `POST /scheduler/${operation}`;
      const messages = await Promise.all([
        rest.send(target, { json: { scope: 'all' } }),
        rest.send(`${target}?scope=`),
        rest.send(`${target}?scope=node`, { json: { scope: 'cluster' } }),
        rest.send(target, { json: { scpe: 'node' } }),
        rest.send(target, { json: { scope: null } }),
      ]);
      expect(messages.map(({ status, json }) => [status, (json as { error_message: string }).error_message])).toEqual([
        [400, 'Invalid request: scope must be "cluster" or "node", got "all"'],
        [400, 'Invalid request: scope must be "cluster" or "node", got ""'],
        [400, 'Invalid request: scope is "cluster" in the body and "node" in the query'],
        [400, expect.stringContaining('scpe is not known here')],
        [400, 'Invalid request: scope must be "cluster" or "node", got null'],
      ]);
      expect(await infoOf(rest)).toMatchObject({ running: true, state: 'running', cluster_state: null });
    },
  );

  it('makes no difference without a shared store', async () => {
    for (const scope of ['cluster', 'node']) {
      expect((await rest.send('POST /scheduler/pause', { json: { scope } })).status).toBe(204);
      expect(await infoOf(rest)).toMatchObject({ state: 'paused', cluster_state: null });
      expect((await rest.send(`POST /scheduler/resume?scope=${scope}`)).status).toBe(204);
      expect((await rest.send(`POST /scheduler/shutdown?scope=${scope}`)).status).toBe(204);
      expect((await rest.send('POST /scheduler/start', { json: { scope } })).status).toBe(204);
      expect(await infoOf(rest)).toMatchObject({ state: 'running', cluster_state: null });
    }
  });
});
