import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, Provider, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ManualClock } from '../../lib/engine/clock.js';
import type { TaskFunction } from '../../lib/engine/model/task.js';
import {
  SCHEDULER_OPTIONS,
  type ResolvedSchedulerOptions,
  type SchedulerModuleOptions,
} from '../../lib/module/scheduler-options.js';
import { SchedulerService } from '../../lib/module/scheduler.service.js';
import { SchedulerEndpoints } from '../../lib/rest/endpoints/scheduler-endpoints.js';
import { SchedulerModule } from '../../lib/scheduler.module.js';
import { ApiDocument } from './api-document.js';

export const PLATFORMS = ['express', 'fastify'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const NOW = '2026-11-22T22:36:39.205Z';

export interface RestAppSetup {
  /** In addition to `apiEnabled: true`, `auth: false`, time zone UTC and a clock that stands still at {@link NOW}. */
  readonly options?: SchedulerModuleOptions;
  /** Used instead of the module that `options` describes. */
  readonly scheduler?: DynamicModule;
  readonly tasks?: Readonly<Record<string, TaskFunction>>;
  readonly imports?: (Type | DynamicModule)[];
  readonly providers?: Provider[];
  readonly controllers?: Type[];
  readonly adapter?: ExpressAdapter | FastifyAdapter;
  /** Its interceptors change the responses of the API: they are not compared with the OpenAPI document. */
  readonly changesResponses?: boolean;
  /** @default a free one */
  readonly port?: number;
  /** Sets the application up before it is initialised. */
  readonly configure?: (app: INestApplication) => unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined if it is not JSON. */
  readonly json: unknown;
}

export interface RequestOptions {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent unchanged. */
  readonly body?: string | Buffer;
  readonly headers?: http.OutgoingHttpHeaders;
}

export interface RestApp {
  readonly app: INestApplication;
  readonly port: number;
  readonly clock: ManualClock;
  readonly scheduler: SchedulerService;
  /**
   * @param target - method and path: `GET /scheduler/jobs`.
   * @throws Error when the request or its response is not what the OpenAPI document says.
   */
  send(target: string, options?: RequestOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** Of all applications: what they take and answer does not depend on where they do. */
let document: ApiDocument | undefined;

const newAdapter = (platform: Platform): ExpressAdapter | FastifyAdapter =>
  platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();

/** A Nest application that serves the REST API over real HTTP, on its own port. */
export async function startRestApp(platform: Platform, setup: RestAppSetup = {}): Promise<RestApp> {
  const clock = new ManualClock(NOW, { patienceMs: 0 });
  const options = { apiEnabled: true, auth: false, timezone: 'UTC', clock, ...setup.options } as const;
  const module = await Test.createTestingModule({
    imports: [setup.scheduler ?? SchedulerModule.forRoot(options), ...(setup.imports ?? [])],
    providers: setup.providers ?? [],
    controllers: setup.controllers ?? [],
  }).compile();
  const app = module.createNestApplication(setup.adapter ?? newAdapter(platform), { logger: false });
  await setup.configure?.(app);
  const scheduler = app.get(SchedulerService);
  for (const [name, task] of Object.entries({ 'app:work': () => 'done', ...setup.tasks })) {
    scheduler.registerTask(name, task);
  }
  await app.listen(setup.port ?? 0, '127.0.0.1');
  const server = app.getHttpServer() as http.Server;
  // By default an idle connection is closed after 5 s, just when a test on a busy machine may use it again.
  server.keepAliveTimeout = 0;
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true });
  const endpoints = app.get(SchedulerEndpoints).list();
  const { endpointPrefix } = app.get<ResolvedSchedulerOptions>(SCHEDULER_OPTIONS);
  const compare = (target: string, request: RequestOptions | undefined, answer: Answer): void => {
    if (setup.changesResponses) return;
    const [method = '', path = ''] = target.split(' ', 2);
    const { status, text, headers } = answer;
    const sent = request?.json ?? parse(String(request?.body));
    const exchange = { method, path, sent, status, text, contentType: headers['content-type'] };
    const problems = (document ??= new ApiDocument()).problems(exchange, endpoints, endpointPrefix);
    if (problems.length > 0) throw new Error(`${target} is not as documented:\n${problems.join('\n')}`);
  };
  return {
    app,
    port,
    clock,
    scheduler,
    send: async (target, request) => {
      const answer = await send(port, agent, target, request);
      compare(target, request, answer);
      return answer;
    },
    close: async () => {
      agent.destroy();
      await app.close();
    },
  };
}

/** Uses Node's HTTP client: unlike fetch, it sends any header and does not normalize the path. */
function send(port: number, agent: http.Agent, target: string, request: RequestOptions = {}): Promise<Answer> {
  const [method, path] = target.split(' ', 2);
  const { json } = request;
  const body = json === undefined ? request.body : JSON.stringify(json);
  const chunked = request.headers?.['Transfer-Encoding'] === 'chunked';
  const headers = {
    ...(json !== undefined && { 'Content-Type': 'application/json' }),
    ...(body !== undefined && !chunked && { 'Content-Length': Buffer.byteLength(body) }),
    ...request.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = http.request({ host: '127.0.0.1', port, agent, method, path, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      const end = (): void => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parse(text) });
      };
      // A stream of events does not end: what it begins with counts.
      const isStream = incoming.headers['content-type']?.startsWith('text/event-stream') === true;
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (!isStream) return;
        end();
        incoming.destroy();
      });
      incoming.on('error', reject);
      incoming.on('end', end);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const basic = (username: string, password: string): http.OutgoingHttpHeaders => ({
  Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});
