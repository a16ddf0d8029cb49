import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AccessRequest } from '../../module/access.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { identityOf } from '../auth/identity.js';
import { actionOf } from '../endpoints/route.decorator.js';
import { actionsOf, assertAllowed, grant, readAccess, type RequestAccess } from './request-access.js';

/**
 * Authorizes every request to the REST API: the one place where it is decided that somebody may do something. It runs after
 * authentication and before the body is read. Errors of the option `access`, and answers that cannot be read, refuse the
 * request.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const action = actionOf(context.getHandler(), this.reflector);
    const request = context.switchToHttp().getRequest<AccessRequest>();
    const access = await this.accessFor(request);
    assertAllowed(access, action);
    grant(request, access);
    return true;
  }

  private async accessFor(request: AccessRequest): Promise<RequestAccess> {
    const { username, can } = identityOf(request);
    if (this.options.access) return readAccess(await this.options.access(request, username));
    return { actor: username ?? null, actions: actionsOf(can), tags: null };
  }
}
