import {
  type CanActivate,
  type CustomDecorator,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  SetMetadata,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AccessRequest } from 'nestjs-apscheduler';
import { readToken } from '../token.js';

/** What a route asks of its users. */
export const Roles = (...roles: string[]): CustomDecorator => SetMetadata('roles', roles);
export const Public = (): CustomDecorator => SetMetadata('public', true);

export interface User {
  readonly name: string;
  readonly roles: readonly string[];
}

export interface SignedIn extends AccessRequest {
  readonly headers: { readonly authorization?: string };
  user?: User;
}

/** Guards the whole application: a JSON Web Token says who sends a request, and the routes' metadata what they may do. */
@Injectable()
export class JwtGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>('public', places)) return true;
    const request = context.switchToHttp().getRequest<SignedIn>();
    const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ');
    const claims = scheme.toLowerCase() === 'bearer' ? readToken(token) : null;
    if (claims === null) throw new UnauthorizedException('A valid bearer token is needed');
    request.user = { name: claims.sub, roles: claims.roles ?? [] };
    const roles = this.reflector.getAllAndOverride<string[] | undefined>('roles', places) ?? [];
    if (roles.length === 0 || roles.some((role) => request.user?.roles.includes(role))) return true;
    throw new ForbiddenException(`This needs one of the roles ${roles.join(', ')}`);
  }
}

/** Guards the scheduler's API: it is open to whom the application's guard has let in, and to nobody else. */
@Injectable()
export class SignedInGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<SignedIn>().user !== undefined;
  }
}
