import { scryptSync } from 'node:crypto';
import http from 'node:http';
import {
  ForbiddenException,
  Inject,
  Injectable,
  Module,
  Scope,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD, Reflector, REQUEST } from '@nestjs/core';
import { of } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../../lib/engine/errors.js';
import type { AuthenticateCallback, HttpAuth, SchedulerModuleOptions } from '../../../lib/module/scheduler-options.js';
import { Authorization } from '../../../lib/rest/auth/authorization.js';
import { HttpBasicAuth } from '../../../lib/rest/auth/http-basic-auth.js';
import { listEndpoints, type Endpoint } from '../../../lib/rest/endpoints/endpoint.js';
import { basic, PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

const DENIED = {
  status: 401,
  json: { error_message: 'Access Denied' },
  headers: { 'www-authenticate': 'Basic realm="Authentication Required"' },
};

const ROUTES = listEndpoints({ apiPrefix: '/scheduler', endpointPrefix: '' }).map(
  ({ method, path }) => `${method} ${path.replace(':id', 'i1')}`,
);

@Injectable()
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: http.IncomingHttpHeaders }>();
    if (headers.authorization === 'Bearer expired') throw new ForbiddenException('The token has expired');
    return headers.authorization === 'Bearer good';
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestGuard implements CanActivate {
  constructor(@Inject(REQUEST) private readonly request: { headers: http.IncomingHttpHeaders }) {}

  canActivate(): boolean {
    return this.request.headers['x-key'] === 'secret';
  }
}

@Module({ providers: [TokenGuard, RequestGuard] })
class SecurityModule {}

describe.each(PLATFORMS)('who may use the API on %s', (platform) => {
  let rest: RestApp | undefined;
  const open = async (setup: RestAppSetup): Promise<RestApp> => (rest = await startRestApp(platform, setup));
  afterEach(async () => {
    await rest?.close();
    rest = undefined;
  });

  it('is nobody on any route without credentials, and nothing happens', async () => {
    const { send, scheduler } = await open({ options: { auth: { username: 'test', password: 'test' } } });
    await scheduler.addJob({ id: 'i1', task: 'app:work', trigger: 'interval', hours: 1 });
    for (const route of ROUTES) expect(await send(route)).toMatchObject(DENIED);
    expect(scheduler.running).toBe(true);
    expect(await scheduler.getJobs()).toMatchObject([{ id: 'i1', paused: false }]);
  });

  it('is who has the credentials of the options', async () => {
    const { send } = await open({ options: { auth: { username: 'zoë', password: 'a:b🔑' } } });
    expect(await send('GET /scheduler', { headers: basic('zoë', 'a:b🔑') })).toMatchObject({ status: 200 });
    for (const [name, password] of [
      ['zoë', 'a:b'],
      ['zoe', 'a:b🔑'],
      ['', ''],
      ['zoë', ''],
    ] as const) {
      expect(await send('GET /scheduler', { headers: basic(name, password) })).toMatchObject(DENIED);
    }
  });

  it.each([
    ['answers true', () => true, 200],
    ['answers true later', () => Promise.resolve(true), 200],
    ['answers false', () => false, 401],
    ['answers false later', () => Promise.resolve(false), 401],
    ['answers something true', () => 'yes' as unknown as boolean, 401],
    ['answers nothing', () => undefined as unknown as boolean, 401],
    [
      'throws',
      () => {
        throw new Error('no database');
      },
      401,
    ],
    ['rejects', () => Promise.reject(new Error('no database')), 401],
  ])('is decided by a callback that %s', async (_, authenticate, status) => {
    const { send } = await open({ options: { auth: new HttpBasicAuth(), authenticate } });
    expect(await send('GET /scheduler', { headers: basic('test', 'test') })).toMatchObject({ status });
  });

  it('is nobody when there is no callback', async () => {
    const { send } = await open({ options: { auth: new HttpBasicAuth() } });
    expect(await send('GET /scheduler', { headers: basic('test', 'test') })).toMatchObject(DENIED);
  });

  it('is told to the callback as an authorization', async () => {
    const authenticate = vi.fn<AuthenticateCallback>(() => true);
    const { send } = await open({ options: { auth: new HttpBasicAuth(), authenticate } });
    await send('GET /scheduler', { headers: basic('zoë', 'p:w') });
    const authorization = authenticate.mock.calls[0]?.[0];
    expect(authorization).toBeInstanceOf(Authorization);
    expect(authorization).toMatchObject({ type: 'basic', username: 'zoë', password: 'p:w' });
  });

  it('is decided by a callback set later, in place of the credentials', async () => {
    const { send, scheduler } = await open({ options: { auth: { username: 'old', password: 'old' } } });
    const callback = scheduler.authenticate(({ username }) => username === 'new');
    expect(scheduler.authenticateCallback).toBe(callback);
    expect(await send('GET /scheduler', { headers: basic('new', '') })).toMatchObject({ status: 200 });
    expect(await send('GET /scheduler', { headers: basic('old', 'old') })).toMatchObject(DENIED);
  });

  it.each([
    'Basic',
    'Basic ',
    'Basic !',
    'Bearer x',
    'Basic dGVzdA==',
    'Digest username="test"',
    'Basic 1231234',
    'x'.repeat(5000),
  ])('is not who sends the header %s', async (Authorization) => {
    const { send } = await open({ options: { auth: new HttpBasicAuth(), authenticate: () => true } });
    expect(await send('GET /scheduler', { headers: { Authorization } })).toMatchObject(DENIED);
  });

  it('can be told by a scheme of the user’s own', async () => {
    const scheme: HttpAuth = {
      getAuthorization: ({ headers }) =>
        typeof headers['x-user'] === 'string' ? { type: 'header', username: headers['x-user'], password: '' } : null,
      getAuthenticateHeader: () => 'Header realm="x"',
    };
    const { send } = await open({ options: { auth: scheme, authenticate: ({ username }) => username === 'ada' } });
    expect(await send('GET /scheduler', { headers: { 'X-User': 'ada' } })).toMatchObject({ status: 200 });
    expect(await send('GET /scheduler')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Header realm="x"' },
    });
  });

  it('is everybody when auth is false', async () => {
    const { send } = await open({ options: { auth: false } });
    expect(await send('GET /scheduler')).toMatchObject({ status: 200 });
  });

  describe('among several users', () => {
    /** As cheap to check as may be: `hashPassword` makes hashes that take a fifth of a second. */
    const hashOf = (password: string): string => {
      const salt = Buffer.from('a salt of a user');
      const key = scryptSync(password, salt, 32, { cost: 16_384 });
      return `scrypt:16384:8:1:${salt.toString('base64url')}:${key.toString('base64url')}`;
    };
    const USERS = {
      users: [
        { username: 'ann', passwordHash: hashOf('p:w1'), can: 'all' },
        { username: 'bob', passwordHash: hashOf('pw2'), can: 'read' },
      ],
    } as const;

    it('is each with a password of their own, who may do what their entry says', async () => {
      const { send } = await open({ options: { auth: USERS } });
      expect((await send('POST /scheduler/pause', { headers: basic('ann', 'p:w1') })).status).toBe(204);
      const error_message = 'This needs the action scheduler.control, which "bob" does not have';
      const refused = await send('POST /scheduler/resume', { headers: basic('bob', 'pw2') });
      expect([refused.status, refused.json]).toEqual([403, { error_message }]);
      expect((await send('GET /scheduler', { headers: basic('bob', 'pw2') })).status).toBe(200);
      for (const [name, password] of [
        ['ann', 'pw2'],
        ['bob', 'p:w1'],
        ['ann', ''],
        ['eve', 'pw2'],
      ] as const) {
        expect(await send('GET /scheduler', { headers: basic(name, password) })).toMatchObject(DENIED);
      }
    });

    it('is slowed down after wrong passwords like everybody', async () => {
      const { send, clock } = await open({ options: { auth: USERS } });
      for (let times = 0; times < 5; times++) await send('GET /scheduler', { headers: basic('ann', `${times}`) });
      const before = clock.pendingTimers;
      const answer = send('GET /scheduler', { headers: basic('ann', 'wrong') });
      await vi.waitUntil(() => clock.pendingTimers > before, 10_000);
      expect((await send('GET /scheduler', { headers: basic('ann', 'p:w1') })).status).toBe(200);
      await clock.advance('1s');
      expect(await answer).toMatchObject(DENIED);
    });

    it('is only a listed one, with the same permissions, where a callback that is set later decides', async () => {
      const { send, scheduler } = await open({ options: { auth: USERS } });
      scheduler.authenticate(({ password }) => password === 'new');
      expect((await send('POST /scheduler/pause', { headers: basic('bob', 'new') })).status).toBe(403);
      expect((await send('POST /scheduler/pause', { headers: basic('ann', 'new') })).status).toBe(204);
      expect(await send('GET /scheduler', { headers: basic('eve', 'new') })).toMatchObject(DENIED);
      expect(await send('GET /scheduler', { headers: basic('ann', 'p:w1') })).toMatchObject(DENIED);
    });
  });

  describe('by a guard of the user’s own', () => {
    const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

    it.each([
      ['an instance', { apiGuard: new TokenGuard() }],
      ['a class that another module provides', { apiGuard: TokenGuard }],
    ])('is decided by %s', async (_, guard) => {
      const { send } = await open({ options: { ...guard, auth: undefined } as object, imports: [SecurityModule] });
      expect(await send('GET /scheduler', bearer('good'))).toMatchObject({ status: 200 });
      const forbidden = { status: 403, json: { error_message: 'Forbidden resource' } };
      expect(await send('GET /scheduler', bearer('bad'))).toMatchObject(forbidden);
      expect(await send('GET /scheduler', bearer('expired'))).toMatchObject({
        status: 403,
        json: { error_message: 'The token has expired' },
      });
    });

    it('is decided by one made anew for each request', async () => {
      const { send } = await open({ options: { apiGuard: RequestGuard }, imports: [SecurityModule] });
      expect(await send('GET /scheduler', { headers: { 'X-Key': 'secret' } })).toMatchObject({ status: 200 });
      expect(await send('GET /scheduler', { headers: { 'X-Key': 'wrong' } })).toMatchObject({ status: 403 });
    });

    it.each([
      ['a promise', () => Promise.resolve(true)],
      ['an observable', () => of(true)],
    ])('may answer %s', async (_, canActivate) => {
      const { send } = await open({ options: { apiGuard: { canActivate } } });
      expect(await send('GET /scheduler')).toMatchObject({ status: 200 });
    });

    it('takes the place of basic authentication', async () => {
      const options = { auth: { username: 'test', password: 'test' }, apiGuard: new TokenGuard() };
      const { send } = await open({ options });
      expect(await send('GET /scheduler', { headers: basic('test', 'test') })).toMatchObject({ status: 403 });
    });

    it('stands beside a guard of the whole application, which the API is public to by metadata of its own', async () => {
      const Public = (): ClassDecorator => SetMetadata('isPublic', true);
      @Injectable()
      class JwtGuard implements CanActivate {
        constructor(private readonly reflector: Reflector) {}
        canActivate(context: ExecutionContext): boolean {
          return this.reflector.getAllAndOverride('isPublic', [context.getHandler(), context.getClass()]) === true;
        }
      }
      const auth = { username: 'test', password: 'test' };
      const providers = [{ provide: APP_GUARD, useClass: JwtGuard }];
      const guarded = await open({ options: { auth }, providers });
      expect(await guarded.send('GET /scheduler', { headers: basic('test', 'test') })).toMatchObject({ status: 403 });
      const { send } = await open({ options: { auth, apiDecorators: [Public()] }, providers });
      expect(await send('GET /scheduler', { headers: basic('test', 'test') })).toMatchObject({ status: 200 });
      expect(await send('GET /scheduler')).toMatchObject({ status: 401 });
    });

    it('stands beside a guard of the whole application that asks each route for roles', async () => {
      const Roles = (...roles: string[]): MethodDecorator => SetMetadata('roles', roles);
      @Injectable()
      class RolesGuard implements CanActivate {
        constructor(private readonly reflector: Reflector) {}
        canActivate(context: ExecutionContext): boolean {
          const { headers } = context.switchToHttp().getRequest<{ headers: http.IncomingHttpHeaders }>();
          const roles = this.reflector.get<string[] | undefined>('roles', context.getHandler());
          return roles?.includes(String(headers['x-role'])) === true;
        }
      }
      const providers = [{ provide: APP_GUARD, useClass: RolesGuard }];
      const statuses = async (changing: string) => {
        const apiDecorators: SchedulerModuleOptions['apiDecorators'] = ({ action }) => [
          Roles(changing, ...(action.endsWith('.read') ? ['viewer'] : [])),
        ];
        const { send, close } = await startRestApp(platform, { options: { apiDecorators }, providers });
        const routes = [
          'GET /scheduler',
          'POST /scheduler/pause',
          'POST /scheduler/jobs',
          'GET /scheduler/jobs/x',
          'GET /scheduler/runs',
        ];
        const answers = [];
        for (const role of ['viewer', changing]) {
          for (const route of routes) answers.push(await send(route, { headers: { 'X-Role': role } }));
        }
        await close();
        return answers.map(({ status }) => status);
      };
      // Two applications of one process, each with roles of its own.
      for (const role of ['operator', 'admin']) {
        expect(await statuses(role)).toEqual([200, 403, 403, 404, 200, 200, 204, 400, 404, 200]);
      }
    });

    it('asks the option for the decorators of every route, once', async () => {
      const decorated = vi.fn<(endpoint: Endpoint) => MethodDecorator[]>(() => []);
      await open({ options: { apiDecorators: decorated } });
      const byName = (a: Endpoint, b: Endpoint): number => a.name.localeCompare(b.name);
      const endpoints = listEndpoints({ apiPrefix: '/scheduler', endpointPrefix: 'scheduler.' });
      expect(decorated.mock.calls.map(([endpoint]) => endpoint).toSorted(byName)).toEqual(endpoints.toSorted(byName));
    });

    it.each([[undefined], [['admin']], ['admin']])(
      'refuses to start with decorators of a route that are %j',
      async (answer) => {
        const apiDecorators = () => answer as unknown as MethodDecorator[];
        const failure = startRestApp(platform, { options: { apiDecorators } });
        await expect(failure).rejects.toThrow('apiDecorators must answer an array of method decorators for scheduler.');
      },
    );

    it('stops the application from starting when no module provides it', async () => {
      const failure = startRestApp(platform, { options: { apiGuard: TokenGuard } });
      await expect(failure).rejects.toThrow(ConfigurationError);
      await expect(failure).rejects.toThrow(/apiGuard: no module provides TokenGuard/);
    });
  });

  describe("behind another site's page", () => {
    const EVIL = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };

    it('is nobody who wants to change something, whatever credentials the browser adds', async () => {
      const { send, scheduler } = await open({ options: { auth: { username: 'test', password: 'test' } } });
      await scheduler.addJob({ id: 'i1', task: 'app:work', trigger: 'interval', hours: 1 });
      for (const route of ROUTES.filter((target) => !target.startsWith('GET'))) {
        for (const page of [
          EVIL,
          { Origin: 'https://evil.example' },
          { Origin: 'null' },
          { 'Sec-Fetch-Site': 'same-site' },
        ]) {
          const answer = await send(route, { headers: { ...basic('test', 'test'), ...page } });
          expect(answer).toMatchObject({
            status: 403,
            json: { error_message: expect.stringContaining('Cross-origin') as unknown },
          });
        }
      }
      expect(scheduler.running).toBe(true);
      expect(await scheduler.getJobs()).toMatchObject([{ id: 'i1', paused: false }]);
    });

    it('may be somebody who only reads', async () => {
      const { send } = await open({});
      expect(await send('GET /scheduler/jobs', { headers: EVIL })).toMatchObject({ status: 200 });
    });

    it('is somebody on a page of the application itself', async () => {
      const { send, port } = await open({});
      for (const headers of [{ Origin: `http://127.0.0.1:${port}` }, { 'Sec-Fetch-Site': 'same-origin' }]) {
        expect(await send('POST /scheduler/pause', { headers })).toMatchObject({ status: 204 });
      }
    });

    it('is somebody on a page of an allowed origin', async () => {
      const { send } = await open({ options: { allowedOrigins: ['https://admin.example.org'] } });
      const headers = { ...EVIL, Origin: 'https://admin.example.org' };
      expect(await send('POST /scheduler/pause', { headers })).toMatchObject({ status: 204 });
      expect(await send('POST /scheduler/resume', { headers: EVIL })).toMatchObject({ status: 403 });
    });
  });
});
