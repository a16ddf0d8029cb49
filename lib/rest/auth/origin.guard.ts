import { ForbiddenException, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import type { RequestWithHeaders } from './authorization-header.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Refuses changes that another site's page asks for with the credentials that a browser has saved. Browsers say where a
 * request comes from in `Sec-Fetch-Site`, older ones in `Origin`; other clients say nothing and pass.
 */
@Injectable()
export class OriginGuard implements CanActivate {
  private readonly allowed: ReadonlySet<string>;

  constructor(@Inject(SCHEDULER_OPTIONS) { allowedOrigins }: ResolvedSchedulerOptions) {
    this.allowed = new Set(allowedOrigins.map((origin) => parseOrigin(origin)?.origin ?? origin));
  }

  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<RequestWithHeaders & { method: string }>();
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
