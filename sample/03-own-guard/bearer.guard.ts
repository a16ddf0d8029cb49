import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { readToken } from '../token.js';

/** Admits requests with a token that this application signed: `Authorization: Bearer <token>`. */
@Injectable()
export class BearerGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() === 'bearer' && readToken(token) !== null) return true;
    throw new UnauthorizedException('A valid bearer token is needed');
  }
}
