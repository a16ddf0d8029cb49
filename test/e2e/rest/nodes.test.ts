import { SchedulerService, SystemClock, type JobStore, type NodeRolesOption } from 'nestjs-apscheduler';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gate } from '../../support/engine.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';
import { sharedPlaces } from '../../support/shared-stores.js';

const places = await sharedPlaces();

const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+00:00$/) as unknown;
const LEASE = { since: INSTANT, seen_at: INSTANT, expires_at: INSTANT, expired: false };
/** A node hears within a heartbeat what another one says of itself. */
const PATIENCE = { timeout: 20_000, interval: 100 };

interface Nodes {
  readonly nodes: readonly { readonly name: string; readonly jobstores: Record<string, unknown> }[];
}

const nodesOf = async (app: RestApp): Promise<Nodes> => {
  const { status, json } = await app.send('GET /scheduler/nodes');
  expect(status).toBe(200);
  return json as Nodes;
};
const tasksOf = async (app: RestApp): Promise<unknown> => (await app.send('GET /scheduler/tasks')).json;

describe.each(PLATFORMS)('The nodes of an application in memory, on %s', (platform) => {
  let app: RestApp;
  afterEach(() => app.close());

  it('are itself alone, with its state and its active runs', async () => {
    const end = gate();
    app = await startRestApp(platform, { options: { node: 'one' }, tasks: { waits: () => end.promise } });
    await app.scheduler.addJob({ id: 'a', task: 'waits', trigger: 'interval', hours: 1 });
    expect((await app.send('POST /scheduler/jobs/a/run?wait=false')).status).toBe(202);
    const node = (state: string, activeRuns: number): object => ({
      nodes: [
        {
          name: 'one',
          instance: expect.stringMatching(/^[\da-f]{8}$/) as unknown,
          this_node: true,
          state,
          roles: { schedule: true, execute: true },
          executors: ['default'],
          tasks_known: true,
          jobstores: { default: { lease: null, clock_skew: null, active_runs: activeRuns } },
        },
      ],
      failed_jobstores: [],
    });
    expect(await nodesOf(app)).toEqual(node('running', 1));
    end.open();
    await app.send('POST /scheduler/pause');
    await vi.waitFor(async () => expect(await nodesOf(app)).toEqual(node('paused', 0)));
    await app.send('POST /scheduler/shutdown');
    expect(await nodesOf(app)).toEqual(node('stopped', 0));
  });

  it('are shown to those who may read the scheduler, their tasks to those who may read jobs', async () => {
    const can = ['jobs.read'] as const;
    app = await startRestApp(platform, { options: { node: 'one', access: () => ({ actor: 'bob', can: [...can] }) } });
    expect(await app.send('GET /scheduler/nodes')).toMatchObject({
      status: 403,
      json: { error_message: 'This needs the action scheduler.read, which "bob" does not have' },
    });
    expect(await tasksOf(app)).toMatchObject([{ func: 'app:work', nodes: ['one'], on_this_node: true }]);
  });

  it('are shown to nobody without credentials', async () => {
    app = await startRestApp(platform, { options: { auth: { username: 'u', password: 'p' } } });
    for (const path of ['nodes', 'tasks']) expect((await app.send(`GET /scheduler/${path}`)).status).toBe(401);
  });
});

describe.each(places.filter(({ available }) => available))(
  'The nodes of applications that share $title',
  { timeout: 60_000 },
  ({ make }) => {
    let makeStore: () => JobStore;
    let apps: RestApp[];
    let end: ReturnType<typeof gate<void>>;

    const start = async (
      node: string,
      tasks: Record<string, () => unknown> = {},
      { hidden, store = makeStore() }: { hidden?: string; store?: JobStore } = {},
    ): Promise<RestApp> => {
      const options = { node, clock: new SystemClock(), jobStores: { default: store }, shutdownTimeout: 1 };
      const app = await startRestApp('express', {
        options,
        tasks: { waits: () => end.promise, ...tasks },
        configure: (nest) => {
          if (hidden !== undefined) nest.get(SchedulerService).registerTask(hidden, () => 1, { rest: false });
        },
      });
      apps.push(app);
      return app;
    };

    beforeEach(async () => {
      apps = [];
      end = gate();
      makeStore = await make();
    });
    afterEach(async () => {
      end.open();
      await Promise.all(apps.map((app) => app.close()));
    });

    it('are all of them, each once, with their leases, runs and states', async () => {
      const [a, b] = [await start('a'), await start('b')];
      const node = (name: string, thisNode: boolean, state: unknown, activeRuns: number): object => ({
        ...{ name, instance: expect.any(String) as unknown, this_node: thisNode, state },
        ...{ roles: { schedule: true, execute: true }, executors: ['default'], tasks_known: true },
        jobstores: { default: { lease: LEASE, clock_skew: expect.any(Number) as unknown, active_runs: activeRuns } },
      });
      const either = expect.stringMatching(/^(starting|running)$/) as unknown;
      expect(await nodesOf(a)).toEqual({
        nodes: [node('a', true, 'running', 0), node('b', false, either, 0)],
        failed_jobstores: [],
      });
      await a.scheduler.addJob({ id: 'job', task: 'waits', trigger: 'interval', hours: 1 });
      expect((await b.send('POST /scheduler/jobs/job/run?wait=false')).status).toBe(202);
      expect((await b.send('POST /scheduler/pause?scope=node')).status).toBe(204);
      expect((await nodesOf(b)).nodes).toEqual([node('a', false, either, 0), node('b', true, 'paused', 1)]);
      await vi.waitFor(async () => {
        expect((await nodesOf(a)).nodes).toEqual([node('a', true, 'running', 0), node('b', false, 'paused', 1)]);
      }, PATIENCE);
      end.open();
      await vi.waitFor(async () => {
        expect((await nodesOf(a)).nodes[1]?.jobstores['default']).toMatchObject({ active_runs: 0 });
      }, PATIENCE);
      expect((await b.send('POST /scheduler/shutdown?scope=node')).status).toBe(204);
      expect((await nodesOf(a)).nodes).toEqual([node('a', true, 'running', 0)]);
      const alone = { lease: null, active_runs: 0 };
      expect((await nodesOf(b)).nodes).toMatchObject([{ name: 'b', state: 'stopped', jobstores: { default: alone } }]);
    });

    it('are not known to one whose job store fails, which it names, and lists itself', async () => {
      const store = makeStore();
      const [a] = [await start('a', {}, { store }), await start('b')];
      store.getNodes = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5:5432'));
      expect(await nodesOf(a)).toMatchObject({
        nodes: [{ name: 'a', this_node: true, state: 'running', jobstores: { default: { lease: null } } }],
        failed_jobstores: [{ jobstore: 'default', reason: 'connect ECONNREFUSED 10.0.0.5:5432' }],
      });
      expect(await tasksOf(a)).toMatchObject([
        { func: 'app:work', nodes: ['a'], on_this_node: true },
        { func: 'waits', nodes: ['a'], on_this_node: true },
      ]);
    });

    it('have tasks that all of them list, but for those that are kept off the API', async () => {
      const a = await start('a', { 'only-a': () => 1 });
      const b = await start('b', { 'only-b': () => 1 }, { hidden: 'hidden' });
      const task = (func: string, nodes: readonly string[], here: boolean): object => ({
        ...{ func, description: null, argument_schema: null },
        ...{ nodes, on_this_node: here },
      });
      await vi.waitFor(async () => {
        expect(await tasksOf(a)).toEqual([
          task('app:work', ['a', 'b'], true),
          task('waits', ['a', 'b'], true),
          task('only-a', ['a'], true),
          task('only-b', ['b'], false),
        ]);
      }, PATIENCE);
      const asListed = await tasksOf(b);
      expect(asListed).toEqual([
        task('app:work', ['a', 'b'], true),
        task('waits', ['a', 'b'], true),
        task('only-b', ['b'], true),
        task('only-a', ['a'], false),
      ]);
      const job = { id: 'job', func: 'only-b', trigger: 'interval', hours: 1 };
      expect(await a.send('POST /scheduler/jobs', { json: job })).toMatchObject({
        status: 400,
        json: { error_message: expect.stringContaining('func names no registered task, got "only-b"') as unknown },
      });
      expect((await b.send('POST /scheduler/jobs', { json: job })).status).toBe(200);
    });
  },
);

describe.each(places.filter(({ available }) => available).slice(0, 1))(
  'An application that only schedules, on $title',
  { timeout: 60_000 },
  ({ make }) => {
    it('shows its roles, and leaves runs by hand to a node that executes them, or says why it does not', async () => {
      const newStore = await make();
      const ran: string[] = [];
      const start = (node: string, roles: NodeRolesOption): Promise<RestApp> =>
        startRestApp('express', {
          options: { node, roles, clock: new SystemClock(), jobStores: { default: newStore() }, shutdownTimeout: 1 },
          tasks: { work: () => void ran.push(node) },
        });
      const planner = await start('planner', { execute: false });
      const worker = await start('worker', { schedule: false, execute: ['default'] });
      try {
        const json = { id: 'a', func: 'work', trigger: 'interval', hours: 1 };
        expect(await planner.send('POST /scheduler/jobs', { json })).toMatchObject({ status: 200 });
        expect(await planner.send('POST /scheduler/jobs/a/run')).toMatchObject({
          status: 409,
          json: {
            error_message:
              'Job "a" cannot run on this node: by its roles it makes no runs of executor "default"; pass wait: false to let another node make the run',
          },
        });
        expect(await planner.send('POST /scheduler/jobs/a/run?wait=false')).toMatchObject({
          status: 202,
          json: { state: 'missed', reason: 'other node', node: 'planner', retry_at: INSTANT },
        });
        await vi.waitFor(() => expect(ran).toEqual(['worker']), PATIENCE);
        expect((await nodesOf(planner)).nodes).toMatchObject([
          { name: 'planner', roles: { schedule: true, execute: false } },
          { name: 'worker', roles: { schedule: false, execute: ['default'] } },
        ]);
        await planner.send('POST /scheduler/jobs/a/pause');
        expect(await planner.send('POST /scheduler/jobs/a/run?wait=false')).toMatchObject({ status: 409 });
        expect(await worker.send('POST /scheduler/jobs/a/run')).toMatchObject({ status: 200 });
        expect(ran).toEqual(['worker', 'worker']);
      } finally {
        await Promise.all([planner.close(), worker.close()]);
      }
    });
  },
);
