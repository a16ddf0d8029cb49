import {
  Inject,
  Injectable,
  Scope,
  type CanActivate,
  type ExecutionContext,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { ContextIdFactory, ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { ConfigurationError } from '../../engine/errors.js';
import { DEFAULT_ACTIONS } from '../../module/actions.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { BasicAuthGuard } from './basic-auth.guard.js';
import { identify } from './identity.js';

type GuardSource = (context: ExecutionContext) => CanActivate | Promise<CanActivate>;

/** Asks the guard that the options name: `apiGuard`, else the {@link BasicAuthGuard}. */
@Injectable()
export class ApiGuard implements CanActivate, OnModuleInit {
  private guard: GuardSource;

  constructor(
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(BasicAuthGuard) basicAuth: BasicAuthGuard,
  ) {
    this.guard = () => basicAuth;
  }

  /** @throws ConfigurationError when no module provides the guard's class. */
  onModuleInit(): void {
    const { apiEnabled, apiGuard } = this.options;
    if (!apiEnabled || apiGuard === undefined) return;
    this.guard = typeof apiGuard === 'function' ? this.lookUp(apiGuard) : () => apiGuard;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const guard = await this.guard(context);
    const decision = guard.canActivate(context);
    const isLetIn = isObservable(decision) ? await lastValueFrom(decision) : await decision;
    if (isLetIn) identify(context.switchToHttp().getRequest<object>(), { username: undefined, can: DEFAULT_ACTIONS });
    return isLetIn;
  }

  private lookUp(type: Type<CanActivate>): GuardSource {
    try {
      const { scope } = this.moduleRef.introspect(type);
      if (scope === Scope.DEFAULT) {
        const guard = this.moduleRef.get(type, { strict: false });
        return () => guard;
      }
    } catch (cause) {
      throw new ConfigurationError(
        `apiGuard: no module provides ${type.name}; add it to the providers of a module of the application`,
        { cause },
      );
    }
    return (context) => {
      const request: unknown = context.switchToHttp().getRequest();
      const contextId = ContextIdFactory.getByRequest(request as object);
      this.moduleRef.registerRequestByContextId(request, contextId);
      return this.moduleRef.resolve(type, contextId, { strict: false });
    };
  }
}
