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
import type { Permissions } from '../../module/access.js';
import { DEFAULT_ACTIONS } from '../../module/actions.js';
import { nestLogger } from '../../module/nest.logger.js';
import { SCHEDULER_CLOCK } from '../../module/scheduler-clock.js';
import {
  SCHEDULER_OPTIONS,
  type AuthorizationData,
  type BasicCredentials,
  type BasicUsers,
  type HttpAuth,
  type ResolvedSchedulerOptions,
} from '../../module/scheduler-options.js';
import { SchedulerService } from '../../module/scheduler.service.js';
import type { RequestWithHeaders } from './authorization-header.js';
import { constantTimeEqual } from './constant-time-equal.js';
import { HttpBasicAuth } from './http-basic-auth.js';
import { identify, type Identity } from './identity.js';
import { networkOf } from './network-of.js';
import { UserPasswords } from './user-passwords.js';
import { WrongPasswords } from './wrong-passwords.js';

const TOO_MANY: number = HttpStatus.TOO_MANY_REQUESTS;

/** Whoever it is, with `auth: false`. */
const ANYBODY: Identity = { username: undefined, can: DEFAULT_ACTIONS };

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
  private readonly userPasswords: UserPasswords | undefined;

  constructor(
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
    @Inject(SchedulerService) private readonly scheduler: SchedulerService,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(SCHEDULER_CLOCK) clock: Clock,
  ) {
    this.wrongPasswords = new WrongPasswords(clock, this.logger);
    this.userPasswords = isUsers(options.auth) ? new UserPasswords(options.auth.users, clock) : undefined;
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
      throw new HttpException('Too many wrong passwords from this address', TOO_MANY);
    }
    let isGuess = false;
    try {
      const authorization = scheme.getAuthorization(request);
      isGuess = authorization !== null;
      const can = authorization && (await this.permissionsOf(authorization, ip));
      if (can) {
        this.wrongPasswords.forget(ip);
        return { username: authorization.username || undefined, can };
      }
    } catch (error) {
      if (error instanceof HttpException && error.getStatus() === TOO_MANY) throw error;
      this.logger.error('Authentication failed with an error; access is denied', error);
    }
    if (isGuess) await this.wrongPasswords.delay(ip);
    return null;
  }

  /** @returns undefined when the credentials are wrong. */
  private async permissionsOf(authorization: AuthorizationData, ip: string): Promise<Permissions | undefined> {
    const { auth } = this.options;
    const { authenticateCallback } = this.scheduler;
    const can = isUsers(auth)
      ? auth.users.find(({ username }) => username === authorization.username)?.can
      : DEFAULT_ACTIONS;
    // Where there is a callback, it decides: one that is set at run time takes the place of the passwords, too.
    if (authenticateCallback) {
      const answer: unknown = await authenticateCallback(authorization);
      return answer === true ? can : undefined;
    }
    const isRight = this.userPasswords
      ? await this.userPasswords.isRight(authorization, networkOf(ip))
      : isCredentials(auth) && matches(auth, authorization);
    return isRight ? can : undefined;
  }
}

type Auth = ResolvedSchedulerOptions['auth'];

const isScheme = (auth: Auth): auth is HttpAuth => typeof auth === 'object' && 'getAuthorization' in auth;
const isUsers = (auth: Auth): auth is BasicUsers => typeof auth === 'object' && 'users' in auth;
const isCredentials = (auth: Auth): auth is BasicCredentials => typeof auth === 'object' && 'password' in auth;

function matches(expected: BasicCredentials, given: AuthorizationData): boolean {
  // Both are always compared: how long it takes must not tell that the name was right.
  const sameName = constantTimeEqual(expected.username, given.username);
  const samePassword = constantTimeEqual(expected.password, given.password);
  return sameName && samePassword;
}
