import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { ForbiddenException, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { show } from '../../engine/util/inspect.js';
import type { RequestWithHeaders } from './authorization-header.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Refuses changes that another site's page asks for with the credentials that a browser has saved. Browsers say where a
 * request comes from in `Sec-Fetch-Site`, older ones in `Origin`; other clients say nothing and pass.
 *
 * Where no credentials are required, the name that a request is sent to counts as well: a page may give its own name
 * this computer's address (DNS rebinding), and is no other site to the browser then.
 */
@Injectable()
export class OriginGuard implements CanActivate {
  private readonly allowed: ReadonlySet<string>;

  /** Null where credentials are asked for. */
  private readonly hosts: ReadonlySet<string> | null;

  constructor(@Inject(SCHEDULER_OPTIONS) options: ResolvedSchedulerOptions) {
    const { allowedOrigins, auth, apiGuard } = options;
    this.allowed = new Set(allowedOrigins.map((origin) => parseOrigin(origin)?.origin ?? origin));
    this.hosts = auth === false && !apiGuard ? namesOf(options) : null;
  }

  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<RequestWithHeaders & { method: string }>();
    this.assertKnownHost(headers['host'] ?? headers[':authority']);
    if (SAFE_METHODS.has(method)) return true;
    const { origin, 'sec-fetch-site': site } = headers;
    if (typeof origin === 'string' && this.allowed.has(origin)) return true;
    // HTTP/2 has no Host header.
    const ours = site === undefined ? isOwn(origin, headers['host'] ?? headers[':authority']) : isOwnSite(site);
    if (ours) return true;
    throw new ForbiddenException(
      'Cross-origin requests cannot change anything; the option allowedOrigins lets origins in',
    );
  }

  private assertKnownHost(host: unknown): void {
    if (this.hosts === null || host === undefined) return;
    const name = typeof host === 'string' ? nameOf(host) : '';
    // No page can be served under an address by somebody else.
    if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || this.hosts.has(name)) return;
    throw new ForbiddenException(
      `Without auth, the API is not served under the name ${show(name)}; the options allowedHosts and allowedOrigins let names in`,
    );
  }
}

/** The names, in lower case, that an API is served under beside addresses and `localhost`. */
function namesOf({ allowedHosts, allowedOrigins }: ResolvedSchedulerOptions): ReadonlySet<string> {
  const origins = allowedOrigins.map((origin) => parseOrigin(origin)?.hostname ?? '');
  const hosts = allowedHosts.filter((host) => host !== '*');
  return new Set([hostname(), ...hosts, ...origins].map((name) => name.toLowerCase()));
}

/** The name in a Host header, without a port. */
function nameOf(host: string): string {
  return (/^\[([^\]]*)\]/.exec(host)?.[1] ?? host.replace(/:\d*$/, '')).toLowerCase().replace(/\.$/, '');
}

/** `none` is the user's own doing: an address typed, a bookmark. */
function isOwnSite(site: unknown): boolean {
  return site === 'same-origin' || site === 'none';
}

function isOwn(origin: unknown, host: unknown): boolean {
  if (origin === undefined) return true;
  const url = typeof origin === 'string' ? parseOrigin(origin) : null;
  if (!url || typeof host !== 'string') return false;
  const authority = host.toLowerCase();
  return url.host === authority || (url.port === '' && `${url.hostname}:${DEFAULT_PORTS[url.protocol]}` === authority);
}

/** Null for what is no origin: `null` itself, say, which sandboxed pages send. */
function parseOrigin(origin: string): URL | null {
  const url = URL.canParse(origin) ? new URL(origin) : null;
  return url?.host ? url : null;
}
