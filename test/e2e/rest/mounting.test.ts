import {
  Controller,
  Get,
  Injectable,
  Module,
  RequestMethod,
  ValidationPipe,
  VersioningType,
  type CallHandler,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { map } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../lib/engine/clock.js';
import { listEndpoints } from '../../../lib/rest/endpoints/endpoint.js';
import { SchedulerEndpoints } from '../../../lib/rest/endpoints/scheduler-endpoints.js';
import { SchedulerController } from '../../../lib/rest/scheduler.controller.js';
import { SchedulerModule } from '../../../lib/scheduler.module.js';
import { NOW, PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

const JOB = { id: 'i1', func: 'app:work', trigger: 'interval', minutes: 10 };

@Controller('links')
class LinksController {
  constructor(private readonly endpoints: SchedulerEndpoints) {}

  @Get()
  link(): string {
    return this.endpoints.url('scheduler.get_job', { id: 'a/b' });
  }
}

describe.each(PLATFORMS)('the API on %s', (platform) => {
  const opened: RestApp[] = [];
  const open = async (setup: RestAppSetup = {}): Promise<RestApp> => {
    const rest = await startRestApp(platform, setup);
    opened.push(rest);
    return rest;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((rest) => rest.close()));
  });

  it('is not there unless it is enabled', async () => {
    const rest = await open({ options: { apiEnabled: false } });
    for (const { method, path } of listEndpoints({ apiPrefix: '/scheduler', endpointPrefix: '' })) {
      const answer = await rest.send(`${method} ${path}`, { json: method === 'GET' ? undefined : JOB });
      expect(answer).toMatchObject({ status: 404, json: { message: expect.stringContaining('Cannot') as unknown } });
    }
    expect(() => rest.app.get(SchedulerController, { strict: false })).toThrow('SchedulerController');
    expect(rest.app.get(SchedulerEndpoints).list()).toEqual([]);
  });

  it('serves every endpoint of its list, and nothing else', async () => {
    const rest = await open();
    for (const { method, path } of listEndpoints({ apiPrefix: '/scheduler', endpointPrefix: '' })) {
      const { text } = await rest.send(`${method} ${path.replace(':id', 'nobody')}`);
      expect(text).not.toContain('statusCode');
    }
    for (const target of [
      'PUT /scheduler/jobs',
      'DELETE /scheduler/jobs',
      'GET /scheduler/start',
      'GET /scheduler/x',
    ]) {
      expect(await rest.send(target)).toMatchObject({ status: 404 });
    }
  });

  it.each(['/api/tasks', 'api/tasks', '/api/tasks/', '//api//tasks'])(
    'is served under the prefix %s',
    async (apiPrefix) => {
      const rest = await open({ options: { apiPrefix } });
      expect(await rest.send('POST /api/tasks/jobs', { json: JOB })).toMatchObject({ status: 200 });
      expect(await rest.send('GET /api/tasks')).toMatchObject({ status: 200 });
      expect(await rest.send('GET /scheduler')).toMatchObject({ status: 404 });
    },
  );

  it('has its own prefix in each of two applications', async () => {
    const one = await open({ options: { apiPrefix: '/one' } });
    const two = await open({ options: { apiPrefix: '/two' } });
    expect(await one.send('POST /one/jobs', { json: JOB })).toMatchObject({ status: 200 });
    expect(await two.send('GET /two/jobs')).toMatchObject({ status: 200, json: [] });
    expect(await one.send('GET /two/jobs')).toMatchObject({ status: 404 });
    expect(await two.send('GET /one/jobs')).toMatchObject({ status: 404 });
  });

  it('has its own prefix in each of two applications that share one module, whichever is ready first', async () => {
    const prefixes = ['/one', '/two'];
    const scheduler = SchedulerModule.forRootAsync({
      useFactory: () => ({ apiEnabled: true, auth: false, apiPrefix: prefixes.shift() ?? '/none' }),
    });
    const adapter = () => (platform === 'express' ? new ExpressAdapter() : new FastifyAdapter());
    const compiled = [];
    for (let made = 0; made < 2; made++) {
      compiled.push(await Test.createTestingModule({ imports: [scheduler] }).compile());
    }
    const apps = compiled.map((module) => module.createNestApplication(adapter(), { logger: false }));
    try {
      const statuses = [];
      for (const app of apps) {
        await app.listen(0, '127.0.0.1');
        for (const path of ['/one', '/two']) statuses.push((await fetch((await app.getUrl()) + path)).status);
      }
      expect(statuses).toEqual([200, 404, 404, 200]);
    } finally {
      for (const app of apps) await app.close();
    }
  });

  it('is served once when the module is imported twice', async () => {
    const options = { apiEnabled: true, auth: false as const, timezone: 'UTC', clock: new ManualClock(NOW) };
    @Module({ imports: [SchedulerModule.forRoot(options)] })
    class FeatureModule {}
    const rest = await open({ scheduler: SchedulerModule.forRoot(options), imports: [FeatureModule] });
    expect(
      await rest.send('POST /scheduler/jobs', { json: JOB, headers: { 'Content-Type': 'text/plain' } }),
    ).toMatchObject({
      status: 200,
    });
    expect((await rest.send('GET /scheduler/jobs')).json).toHaveLength(1);
  });

  it('comes with the options of forRootAsync', async () => {
    const scheduler = SchedulerModule.forRootAsync({
      useFactory: async () => ({ apiEnabled: true, auth: false, apiPrefix: '/later', clock: new ManualClock(NOW) }),
    });
    const rest = await open({ scheduler });
    expect(await rest.send('POST /later/jobs', { json: JOB })).toMatchObject({ status: 200 });
  });

  it('follows the global prefix, bodies and all', async () => {
    const rest = await open({ configure: (app) => app.setGlobalPrefix('v1/internal'), controllers: [LinksController] });
    const headers = { 'Content-Type': 'text/plain' };
    expect(await rest.send('POST /v1/internal/scheduler/jobs', { json: JOB, headers })).toMatchObject({ status: 200 });
    expect(await rest.send('GET /scheduler/jobs')).toMatchObject({ status: 404 });
    expect((await rest.send('GET /v1/internal/links')).text).toBe('/v1/internal/scheduler/jobs/a%2Fb');
  });

  it('stays where it is when it is excluded from the global prefix', async () => {
    const exclude = ['scheduler', 'scheduler/*path'];
    const rest = await open({ configure: (app) => app.setGlobalPrefix('v1', { exclude }) });
    const headers = { 'Content-Type': 'text/plain' };
    expect(await rest.send('POST /scheduler/jobs', { json: JOB, headers })).toMatchObject({ status: 200 });
    expect(rest.app.get(SchedulerEndpoints).url('scheduler.add_job')).toBe('/scheduler/jobs');
  });

  it('stays where it is, as far as it is excluded', async () => {
    const exclude = [{ path: 'scheduler/jobs', method: RequestMethod.GET }];
    const rest = await open({ configure: (app) => app.setGlobalPrefix('v1', { exclude }) });
    const endpoints = rest.app.get(SchedulerEndpoints);
    expect(endpoints.url('scheduler.get_jobs')).toBe('/scheduler/jobs');
    expect(endpoints.url('scheduler.add_job')).toBe('/v1/scheduler/jobs');
    expect(await rest.send('GET /scheduler/jobs')).toMatchObject({ status: 200 });
    expect(await rest.send('POST /v1/scheduler/jobs', { json: JOB })).toMatchObject({ status: 200 });
  });

  it.each([
    ['in the path', { type: VersioningType.URI, defaultVersion: '1' } as const],
    ['in a header', { type: VersioningType.HEADER, header: 'X-Version', defaultVersion: '1' } as const],
    ['in the media type', { type: VersioningType.MEDIA_TYPE, key: 'v=', defaultVersion: '1' } as const],
  ])('does not move when the application has versions %s', async (_, versioning) => {
    const rest = await open({ configure: (app) => app.enableVersioning(versioning) });
    expect(await rest.send('POST /scheduler/jobs', { json: JOB })).toMatchObject({ status: 200 });
    expect(await rest.send('GET /scheduler/jobs/i1')).toMatchObject({ status: 200 });
  });

  it('moves with its module', async () => {
    const rest = await open({ imports: [RouterModule.register([{ path: 'admin', module: SchedulerModule }])] });
    expect(await rest.send('POST /admin/scheduler/jobs', { json: JOB })).toMatchObject({ status: 200 });
    expect(await rest.send('GET /admin/scheduler/jobs')).toMatchObject({ status: 200 });
  });

  it('is made known to whoever looks routes up by name', async () => {
    const rest = await open({ options: { endpointPrefix: 'jobs.' } });
    const endpoints = rest.app.get(SchedulerEndpoints);
    expect(endpoints.list().map(({ name }) => name)).toEqual([
      'jobs.get_scheduler_info',
      'jobs.get_health',
      'jobs.get_nodes',
      'jobs.get_stats',
      'jobs.get_events',
      'jobs.get_openapi',
      'jobs.start_scheduler',
      'jobs.shutdown_scheduler',
      'jobs.pause_scheduler',
      'jobs.resume_scheduler',
      'jobs.add_job',
      'jobs.get_jobs',
      'jobs.change_jobs',
      'jobs.get_job',
      'jobs.put_job',
      'jobs.update_job',
      'jobs.delete_job',
      'jobs.pause_job',
      'jobs.resume_job',
      'jobs.run_job',
      'jobs.get_job_runs',
      'jobs.get_next_run_times',
      'jobs.get_timeline',
      'jobs.get_runs',
      'jobs.get_run',
      'jobs.delete_run',
      'jobs.cancel_run',
      'jobs.export_jobs',
      'jobs.import_jobs',
      'jobs.get_audit',
      'jobs.get_tasks',
      'jobs.preview_trigger',
    ]);
    expect(endpoints.url('jobs.run_job', { id: '50%/x' })).toBe('/scheduler/jobs/50%25%2Fx/run');
    expect(() => endpoints.url('jobs.run_job')).toThrow('"id"');
    expect(() => endpoints.url('jobs.run_job', { ID: 'x' })).toThrow('"id"');
    expect(() => endpoints.url('jobs.nope')).toThrow(/"jobs.nope"; known are jobs.get_scheduler_info/);
  });

  describe('in an application with global enhancers', () => {
    it.each([
      ['strict', new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true })],
      ['transforming', new ValidationPipe({ transform: true, transformOptions: { enableImplicitConversion: true } })],
      ['silent', new ValidationPipe({ disableErrorMessages: true, errorHttpStatusCode: 422 })],
    ])('answers the same with a %s ValidationPipe', async (_, pipe) => {
      const [plain, piped] = [await open(), await open({ configure: (app) => app.useGlobalPipes(pipe) })];
      for (const json of [
        JOB,
        { ...JOB, seconds: '5', foo: 1 },
        { ...JOB, id: 'i2', args: [{ a: '1' }] },
        { ...JOB, id: 5 },
      ]) {
        const [expected, answer] = [
          await plain.send('POST /scheduler/jobs', { json }),
          await piped.send('POST /scheduler/jobs', { json }),
        ];
        expect([answer.status, answer.text]).toEqual([expected.status, expected.text]);
      }
    });

    it('shows pipes of the application nothing: they would change ids, queries and bodies', async () => {
      const reverse: PipeTransform = {
        transform: (value: unknown) => (typeof value === 'string' ? [...value].toReversed().join('') : {}),
      };
      const rest = await open({ configure: (app) => app.useGlobalPipes(reverse) });
      const job = { ...JOB, id: ' 12' };
      expect(await rest.send('POST /scheduler/jobs', { json: job })).toMatchObject({ status: 200, json: job });
      for (const target of ['GET /scheduler/jobs/%2012', 'POST /scheduler/jobs/%2012/run']) {
        expect(await rest.send(target)).toMatchObject({ status: 200, json: { id: ' 12' } });
      }
      const times = { next_run_times: { length: 2 } };
      expect(await rest.send('GET /scheduler/jobs/%2012/next?count=2')).toMatchObject({ status: 200, json: times });
      const changed = await rest.send('PATCH /scheduler/jobs/%2012', { json: { name: 'twelve' } });
      expect(changed).toMatchObject({ status: 200, json: { id: ' 12', name: 'twelve' } });
      expect(await rest.send('DELETE /scheduler/jobs/%2012')).toMatchObject({ status: 204 });
    });

    it('lets its filters and interceptors be', async () => {
      @Injectable()
      class Wrap implements NestInterceptor {
        intercept(_context: ExecutionContext, next: CallHandler) {
          return next.handle().pipe(map((data: unknown) => ({ data })));
        }
      }
      const rest = await open({
        changesResponses: true,
        configure: (app: INestApplication) => app.useGlobalInterceptors(new Wrap()),
      });
      expect((await rest.send('POST /scheduler/jobs', { json: JOB })).json).toMatchObject({ data: JOB });
      expect((await rest.send('GET /scheduler/jobs/x')).json).toEqual({ error_message: 'Job x not found' });
    });
  });

  it('answers 500 without details when a store fails, and goes on', async () => {
    const rest = await open();
    const streamJobs = rest.scheduler.streamJobs.bind(rest.scheduler);
    rest.scheduler.streamJobs = () => {
      throw new Error('password=hunter2');
    };
    const answer = await rest.send('GET /scheduler/jobs');
    expect(answer).toMatchObject({ status: 500, json: { error_message: 'Internal server error' } });
    rest.scheduler.streamJobs = streamJobs;
    expect(await rest.send('GET /scheduler/jobs')).toMatchObject({ status: 200 });
  });

  it('answers 409 when a job has as many runs as it may', async () => {
    const rest = await open();
    let finish = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      rest.scheduler.registerTask('slow', () => {
        resolve();
        return new Promise<void>((end) => (finish = end));
      });
    });
    await rest.scheduler.addJob({ id: 'i1', task: 'slow', trigger: 'interval', hours: 1 });
    const first = rest.send('POST /scheduler/jobs/i1/run');
    await begun;
    const second = await rest.send('POST /scheduler/jobs/i1/run');
    expect(second).toMatchObject({ status: 409, json: { error_message: expect.stringContaining('i1') as unknown } });
    finish();
    expect(await first).toMatchObject({ status: 200 });
  });

  it('runs nothing on a host that is not allowed, and still serves', async () => {
    const rest = await open({ options: { allowedHosts: ['elsewhere'] } });
    expect((await rest.send('GET /scheduler')).json).toMatchObject({ allowed_hosts: ['elsewhere'], running: false });
    await rest.send('POST /scheduler/jobs', { json: JOB });
    const answer = await rest.send('POST /scheduler/jobs/i1/run');
    expect(answer).toMatchObject({
      status: 400,
      json: { error_message: expect.stringContaining('elsewhere') as unknown },
    });
  });
});

describe('the API', () => {
  it('needs no HTTP at all in an application context', async () => {
    const module = await Test.createTestingModule({
      imports: [SchedulerModule.forRoot({ apiEnabled: true, auth: false, clock: new ManualClock(NOW) })],
    }).compile();
    await module.init();
    expect(module.get(SchedulerEndpoints).url('scheduler.get_jobs')).toBe('/scheduler/jobs');
    await module.close();
  });
});
