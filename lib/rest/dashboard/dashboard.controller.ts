import { createHash } from 'node:crypto';
import { Controller, HttpStatus, Inject, NotFoundException, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { DASHBOARD_FILES, type DashboardFile, type DashboardFiles } from '../../dashboard/files.js';
import { ConfigurationError } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import type { ResolvedDashboard } from '../../module/dashboard-options.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { AccessGuard } from '../access/access.guard.js';
import { ApiGuard } from '../auth/api.guard.js';
import { OriginGuard } from '../auth/origin.guard.js';
import { Route } from '../endpoints/route.decorator.js';
import { SchedulerExceptionFilter } from '../scheduler-exception.filter.js';
import { CONTENT_SECURITY_POLICY, dashboardPage } from './dashboard-page.js';

interface PageRequest {
  readonly url: string;
  /** Express: the whole path, where `url` may lack a router's part of it. */
  readonly originalUrl?: string;
  readonly params: { readonly file?: string };
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What Express's and Fastify's responses have alike. */
interface PageResponse {
  status(code: number): unknown;
  header(name: string, value: string): unknown;
  send(body?: Buffer): unknown;
}

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Serves the dashboard from memory: one document, its script and its style sheet. All data comes from the REST API. */
@Controller()
@UseGuards(OriginGuard, ApiGuard, AccessGuard)
@UseFilters(SchedulerExceptionFilter)
export class DashboardController {
  private readonly dashboard: ResolvedDashboard;
  private readonly files: DashboardFiles;

  constructor(@Inject(SCHEDULER_OPTIONS) { dashboard }: ResolvedSchedulerOptions) {
    if (!dashboard || !DASHBOARD_FILES) {
      throw new ConfigurationError('The dashboard has not been built: npm run build builds it');
    }
    this.dashboard = dashboard;
    this.files = DASHBOARD_FILES;
  }

  @Route('get_dashboard')
  getDashboard(@Req() request: PageRequest, @Res() response: PageResponse): void {
    const [path = ''] = (request.originalUrl ?? request.url).split('?', 1);
    const content = dashboardPage(this.dashboard, this.files, path);
    // The next release has another one under the same address.
    send(request, response, { type: 'text/html; charset=utf-8', content, cache: 'private, no-cache' });
  }

  @Route('get_dashboard_file')
  getFile(@Req() request: PageRequest, @Res() response: PageResponse): void {
    const file = this.find(request.params.file);
    send(request, response, { ...file, cache: 'private, max-age=31536000, immutable' });
  }

  private find(name = ''): DashboardFile {
    const file = Object.values(this.files).find((one: DashboardFile) => one.name === name) as DashboardFile | undefined;
    if (!file) throw new NotFoundException(`The dashboard has no file ${show(name)}`);
    return file;
  }
}

interface Content {
  readonly type: string;
  readonly content: string;
  readonly cache: string;
}

function send({ headers }: PageRequest, response: PageResponse, { type, content, cache }: Content): void {
  const body = Buffer.from(content);
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  for (const [name, value] of Object.entries({ ...HEADERS, 'Cache-Control': cache, ETag: tag })) {
    response.header(name, value);
  }
  if (matches(headers['if-none-match'], tag)) {
    response.status(HttpStatus.NOT_MODIFIED);
    response.send();
    return;
  }
  response.header('Content-Type', type);
  response.status(HttpStatus.OK);
  response.send(body);
}

/** Proxies that compress responses make tags weak. */
function matches(header: string | string[] | undefined, tag: string): boolean {
  return String(header ?? '')
    .split(',')
    .some((one) => one.trim().replace(/^W\//, '') === tag);
}
