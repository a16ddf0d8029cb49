import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Access, AccessRequest } from '../../../lib/module/access.js';
import { ACTIONS, DEFAULT_ACTIONS, READ_ACTIONS, type Action } from '../../../lib/module/actions.js';
import type { SchedulerModuleOptions } from '../../../lib/module/scheduler-options.js';
import { HttpBasicAuth } from '../../../lib/rest/auth/http-basic-auth.js';
import { listEndpoints, type Endpoint } from '../../../lib/rest/endpoints/endpoint.js';
import { basic, PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

const ENDPOINTS = listEndpoints({ apiPrefix: '/scheduler', endpointPrefix: '' });
const CHANGES = ENDPOINTS.filter(({ action }) => !READ_ACTIONS.includes(action));

type AccessFunction = NonNullable<SchedulerModuleOptions['access']>;

const allowing =
  (can: Access['can']): AccessFunction =>
  () => ({ actor: 'viewer', can });

describe.each(PLATFORMS)('what an actor may do on %s', (platform) => {
  let rest: RestApp;
  // A run that does not end by itself must not hold up the end of the application.
  const open = async ({ options, ...setup }: RestAppSetup): Promise<RestApp> =>
    (rest = await startRestApp(platform, { ...setup, options: { shutdownTimeout: 0, ...options } }));
  afterEach(() => rest.close());

  /** Adds the job that all routes are about, and a run of it that does not end by itself. */
  async function populate({ scheduler }: RestApp): Promise<string> {
    scheduler.registerTask('app:wait', (run: { signal: AbortSignal }) => {
      return new Promise((resolve) => run.signal.addEventListener('abort', resolve));
    });
    await scheduler.addJob({ id: 'i1', task: 'app:wait', trigger: 'interval', hours: 1, maxInstances: 9 });
    const { id } = await scheduler.runJob('i1', { wait: false });
    return id;
  }

  /** Everything that the routes can change. */
  async function stateOf({ scheduler }: RestApp): Promise<unknown> {
    const { runs } = await scheduler.getRuns();
    return { jobs: await scheduler.getJobs(), runs, state: scheduler.health().state };
  }

  const ask = (endpoint: Endpoint, runId: string, options = {}) => {
    const id = endpoint.path.startsWith('/scheduler/runs') ? runId : 'i1';
    return rest.send(`${endpoint.method} ${endpoint.path.replace(':id', id)}`, options);
  };

  it('is nothing but reading, on any route, for one who can read', async () => {
    const runId = await populate(await open({ options: { access: allowing('read') } }));
    const before = await stateOf(rest);
    for (const endpoint of ENDPOINTS) {
      const answer = await ask(endpoint, runId, endpoint.name === 'preview_trigger' ? { json: { hours: 1 } } : {});
      if (READ_ACTIONS.includes(endpoint.action)) {
        expect([endpoint.name, answer.status]).not.toEqual([endpoint.name, 403]);
      } else {
        const error_message = `This needs the action ${endpoint.action}, which "viewer" does not have`;
        expect([answer.status, answer.json]).toEqual([403, { error_message }]);
      }
    }
    expect(CHANGES.length).toBeGreaterThanOrEqual(11);
    expect(await stateOf(rest)).toEqual(before);
  });

  it.each(ACTIONS)('is %s and nothing else for one who can do only that', async (action) => {
    const runId = await populate(await open({ options: { access: allowing([action]) } }));
    for (const endpoint of ENDPOINTS) {
      const { status } = await ask(endpoint, runId, { body: 'not JSON' });
      const isAllowed = endpoint.action === action;
      expect([endpoint.name, status === 403]).toEqual([endpoint.name, !isAllowed]);
    }
  });

  it('is nothing for one who can do nothing', async () => {
    const runId = await populate(await open({ options: { access: allowing([]) } }));
    for (const endpoint of ENDPOINTS) expect((await ask(endpoint, runId)).status).toBe(403);
  });

  it('is everything but to read secrets where nothing decides but authentication', async () => {
    await open({ options: { auth: { username: 'test', password: 'test' } } });
    const answer = await rest.send('GET /scheduler', { headers: basic('test', 'test') });
    expect(answer).toMatchObject({ status: 200, json: { can: [...DEFAULT_ACTIONS] } });
  });

  it.each<[Access['can'], readonly Action[]]>([
    ['all', ACTIONS],
    ['read', READ_ACTIONS],
    [
      ['jobs.run', 'scheduler.read', 'jobs.run'],
      ['scheduler.read', 'jobs.run'],
    ],
  ])('is reported with the scheduler: %s', async (can, actions) => {
    await open({ options: { access: allowing(can) } });
    expect((await rest.send('GET /scheduler')).json).toMatchObject({ can: actions });
  });

  it.each(['all', 'read'] as const)('is the same for HEAD as for GET: %s', async (can) => {
    await open({ options: { access: () => ({ actor: 'a', can: can === 'all' ? can : ['scheduler.control'] }) } });
    expect((await rest.send('HEAD /scheduler/jobs')).status).toBe(can === 'all' ? 200 : 403);
  });

  it('is decided before the body is read', async () => {
    await open({ options: { access: allowing('read') } });
    const body = 'x'.repeat(200_000);
    expect(await rest.send('POST /scheduler/jobs', { body })).toMatchObject({ status: 403 });
  });

  describe('decided by the application', () => {
    it('depends on the user whom basic authentication knows', async () => {
      const access = vi.fn<AccessFunction>((_request, username = '') => {
        return { actor: username, can: username === 'ann' ? ('all' as const) : ('read' as const) };
      });
      await open({ options: { auth: new HttpBasicAuth(), authenticate: ({ password }) => password === 'p', access } });
      expect((await rest.send('POST /scheduler/pause', { headers: basic('bob', 'p') })).status).toBe(403);
      expect((await rest.send('POST /scheduler/pause', { headers: basic('ann', 'p') })).status).toBe(204);
      const request = expect.objectContaining({
        headers: expect.objectContaining({ authorization: basic('ann', 'p')['Authorization'] }) as unknown,
        ip: '127.0.0.1',
      }) as unknown;
      expect(access).toHaveBeenLastCalledWith(request, 'ann');
    });

    it('depends on what a guard of the application has found out', async () => {
      @Injectable()
      class TokenGuard implements CanActivate {
        canActivate(context: ExecutionContext): boolean {
          const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user: unknown }>();
          request.user = { name: 'ann', roles: [request.headers['x-role']] };
          return true;
        }
      }
      interface SignedIn extends AccessRequest {
        readonly user: { readonly name: string; readonly roles: readonly string[] };
      }
      const access = ({ user }: SignedIn): Promise<Access> =>
        Promise.resolve({ actor: user.name, can: user.roles.includes('operator') ? ['jobs.pause'] : [] });
      await open({ options: { apiGuard: new TokenGuard(), access } });
      await rest.scheduler.addJob({ id: 'i1', task: 'app:work', trigger: 'interval', hours: 1 });
      const pauseAs = (role: string) => rest.send('POST /scheduler/jobs/i1/pause', { headers: { 'X-Role': role } });
      expect((await pauseAs('visitor')).status).toBe(403);
      expect((await pauseAs('operator')).status).toBe(200);
    });

    it('is not asked before somebody is let in', async () => {
      const access = vi.fn<AccessFunction>(allowing('all'));
      await open({ options: { auth: { username: 'test', password: 'test' }, access } });
      expect((await rest.send('GET /scheduler')).status).toBe(401);
      expect(access).not.toHaveBeenCalled();
    });

    it.each<[string, () => unknown]>([
      ['nothing', () => undefined],
      ['null', () => null],
      ['true', () => true],
      ['no actor', () => ({ can: 'all' })],
      ['an empty actor', () => ({ actor: '', can: 'all' })],
      ['an actor that is too long', () => ({ actor: 'a'.repeat(192), can: 'all' })],
      ['no permissions', () => ({ actor: 'ann' })],
      ['permissions that do not exist', () => ({ actor: 'ann', can: 'everything' })],
      ['an action that does not exist', () => ({ actor: 'ann', can: ['jobs.write', 'jobs.reed'] })],
      ['a promise of nothing', () => Promise.resolve()],
      ['a promise that is rejected', () => Promise.reject(new Error('no database'))],
    ])('is nothing when the answer is %s', async (_, answer) => {
      const access = answer as AccessFunction;
      const runId = await populate(await open({ options: { access } }));
      const before = await stateOf(rest);
      for (const endpoint of ENDPOINTS) {
        const { status, json } = await ask(endpoint, runId);
        expect([status, json]).toEqual([500, { error_message: 'Internal server error' }]);
      }
      expect(await stateOf(rest)).toEqual(before);
    });

    it('is nothing when an exception says so', async () => {
      const access = () => {
        throw new ForbiddenException('Not on Sundays');
      };
      const runId = await populate(await open({ options: { access } }));
      for (const endpoint of ENDPOINTS) {
        const { status, json } = await ask(endpoint, runId);
        expect([status, json]).toEqual([403, { error_message: 'Not on Sundays' }]);
      }
    });
  });
});
