import { Get, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../../../lib/module/options/resolve-options.js';
import { AccessGuard } from '../../../../lib/rest/access/access.guard.js';
import { accessOf } from '../../../../lib/rest/access/request-access.js';
import { identify } from '../../../../lib/rest/auth/identity.js';
import { Route } from '../../../../lib/rest/endpoints/route.decorator.js';

class Controller {
  @Route('get_jobs')
  mapped(): void {}

  @Get('elsewhere')
  unmapped(): void {}
}

const contextOf = (handler: 'mapped' | 'unmapped', request: object): ExecutionContext =>
  ({
    getHandler: () => Controller.prototype[handler],
    switchToHttp: () => ({ getRequest: () => request }),
  }) as unknown as ExecutionContext;

describe('AccessGuard', () => {
  const guard = new AccessGuard(resolveOptions({}), new Reflector());

  it('lets in who is identified, and tells handlers who it is', async () => {
    const request = { headers: {} };
    identify(request, { username: 'ann', can: 'read' });
    expect(await guard.canActivate(contextOf('mapped', request))).toBe(true);
    expect(accessOf(request)).toMatchObject({ actor: 'ann' });
  });

  it('refuses a request that no guard has let in', async () => {
    const request = { headers: {} };
    await expect(guard.canActivate(contextOf('mapped', request))).rejects.toThrow('has not been authenticated');
    expect(() => accessOf(request)).toThrow('has not been authorized');
  });

  it('refuses a route that names no action, whoever asks', async () => {
    const request = { headers: {} };
    identify(request, { username: 'ann', can: 'all' });
    await expect(guard.canActivate(contextOf('unmapped', request))).rejects.toThrow('unmapped names no action');
  });
});
