import {
  HttpException,
  HttpStatus,
  Inject,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Clock } from '../../engine/clock.js';
import { nestLogger } from '../../module/nest.logger.js';
import { SCHEDULER_CLOCK } from '../../module/scheduler-clock.js';
import {
  SCHEDULER_OPTIONS,
  type AuthorizationData,
  type BasicCredentials,
  type HttpAuth,
  type ResolvedSchedulerOptions,
} from '../../module/scheduler-options.js';
import { SchedulerService } from '../../module/scheduler.service.js';
import type { RequestWithHeaders } from './authorization-header.js';
import { constantTimeEqual } from './constant-time-equal.js';
import { HttpBasicAuth } from './http-basic-auth.js';
import { identify, type Identity } from './identity.js';
import { WrongPasswords } from './wrong-passwords.js';

/** Whoever it is, with `auth: false`. */
const ANYBODY: Identity = { username: undefined, can: 'all' };

/** Express's and Fastify's request: both know the client behind the proxies that the application trusts. */
interface ClientRequest extends RequestWithHeaders {
  readonly ip?: string | undefined;
}

/**
 * Lets through who the `authenticate` callback accepts; without one, who has the credentials of the `auth` option.
 * Everything else is a 401: no credentials, credentials that cannot be read, a callback that is missing, throws or
 * answers anything but true. An address that repeats wrong credentials gets its answers later and later.
 */
@Injectable()
export class BasicAuthGuard implements CanActivate {
  private readonly logger = nestLogger();
  private readonly wrongPasswords: WrongPasswords;

  constructor(
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
    @Inject(SchedulerService) private readonly scheduler: SchedulerService,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(SCHEDULER_CLOCK) clock: Clock,
  ) {
    this.wrongPasswords = new WrongPasswords(clock, this.logger);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { auth } = this.options;
    const http = context.switchToHttp();
    const request = http.getRequest<ClientRequest>();
    const scheme = isScheme(auth) ? auth : new HttpBasicAuth();
    const identity = auth === false ? ANYBODY : await this.identityOf(scheme, request);
    if (identity) {
      identify(request, identity);
      return true;
    }
    this.adapterHost.httpAdapter.setHeader(http.getResponse(), 'WWW-Authenticate', scheme.getAuthenticateHeader());
    throw new UnauthorizedException('Access Denied');
  }

  /** @returns null when the request is not let in. */
  private async identityOf(scheme: HttpAuth, request: ClientRequest): Promise<Identity | null> {
    const { ip = 'unknown' } = request;
    if (this.wrongPasswords.isBlocked(ip)) {
      throw new HttpException('Too many wrong passwords from this address', HttpStatus.TOO_MANY_REQUESTS);
    }
    let isGuess = false;
    try {
      const authorization = scheme.getAuthorization(request);
      isGuess = authorization !== null;
      if (authorization !== null && (await this.accepts(authorization))) {
        this.wrongPasswords.forget(ip);
        return { username: authorization.username || undefined, can: 'all' };
      }
    } catch (error) {
      this.logger.error('Authentication failed with an error; access is denied', error);
    }
    if (isGuess) await this.wrongPasswords.delay(ip);
    return null;
  }

  private async accepts(authorization: AuthorizationData): Promise<boolean> {
    const { auth } = this.options;
    const { authenticateCallback } = this.scheduler;
    // Where there is a callback, it decides: one that is set at run time takes the place of the credentials, too.
    if (authenticateCallback) {
      const answer: unknown = await authenticateCallback(authorization);
      return answer === true;
    }
    return isCredentials(auth) && matches(auth, authorization);
  }
}

type Auth = ResolvedSchedulerOptions['auth'];

const isScheme = (auth: Auth): auth is HttpAuth => typeof auth === 'object' && 'getAuthorization' in auth;
const isCredentials = (auth: Auth): auth is BasicCredentials => typeof auth === 'object' && !isScheme(auth);

function matches(expected: BasicCredentials, given: AuthorizationData): boolean {
  // Both are always compared: how long it takes must not tell that the name was right.
  const sameName = constantTimeEqual(expected.username, given.username);
  const samePassword = constantTimeEqual(expected.password, given.password);
  return sameName && samePassword;
}
