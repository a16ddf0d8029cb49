import { Inject, Optional, Scope, type InjectionToken, type Type } from '@nestjs/common';
import { ContextIdFactory, ModuleRef, type ModulesContainer } from '@nestjs/core';
import { ConfigurationError } from '../../engine/errors.js';
import type { TaskFunction } from '../../engine/model/task.js';
import type { InjectedToken } from '../decorators/options-factory.js';

/** A provider or controller of the application, whose methods may be decorated. */
export interface MethodHost {
  readonly className: string;
  /** The module that it belongs to. */
  readonly moduleName: string;
  /** Where the methods of its instances come from. */
  readonly prototype: object;
  /**
   * A function that calls a method: on the one instance there is, or, in request and transient scope, on an instance
   * made for this call, for which `REQUEST` is the call's last argument. The method is looked up at each call, so
   * that one which is replaced on the instance, by a test's spy say, is the one that is called.
   */
  readonly caller: (method: string | symbol) => TaskFunction;
  /** What its constructor would get for these tokens. @throws what Nest throws; ConfigurationError for a request-scoped one */
  readonly inject: (tokens: readonly InjectedToken[]) => Promise<readonly unknown[]>;
}

type NestModule = ModulesContainer extends ReadonlyMap<string, infer M> ? M : never;
type Wrapper = NestModule['providers'] extends ReadonlyMap<unknown, infer W> ? W : never;

/** Every provider and controller; one that is provided under several tokens is there once. */
export function findMethodHosts(modules: ModulesContainer): readonly MethodHost[] {
  const hosts: MethodHost[] = [];
  const seen = new Set<unknown>();
  for (const module of modules.values()) {
    for (const wrapper of [...module.providers.values(), ...module.controllers.values()]) {
      // An alias leads to a provider that is found by itself.
      const prototype = wrapper.isAlias ? null : prototypeOf(wrapper);
      if (prototype === null || (isStatic(wrapper) && seen.has(wrapper.instance))) continue;
      seen.add(wrapper.instance);
      const caller = isStatic(wrapper) ? staticCaller(wrapper.instance as object) : scopedCaller(wrapper, module);
      const inject = (tokens: readonly InjectedToken[]): Promise<readonly unknown[]> => injected(module, tokens);
      hosts.push({ className: nameOf(prototype), moduleName: module.name, prototype, caller, inject });
    }
  }
  return hosts;
}

/** Whether there is one instance for all. */
function isStatic(wrapper: Wrapper): boolean {
  return wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
}

/** A value, and what a factory has made, tell their class only by themselves; a scoped factory's are not there to be asked. */
function prototypeOf(wrapper: Wrapper): object | null {
  const instance: unknown = wrapper.instance;
  if (isStatic(wrapper) && !isObject(instance)) return null;
  if (!wrapper.isNotMetatype && wrapper.metatype) return wrapper.metatype.prototype as object;
  return isObject(instance) ? (Object.getPrototypeOf(instance) as object | null) : null;
}

/** The name of the class that a prototype belongs to. */
export function nameOf(prototype: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return (typeof constructor === 'function' && constructor.name) || 'anonymous class';
}

function staticCaller(instance: object): MethodHost['caller'] {
  return (method) =>
    (...args: readonly unknown[]) =>
      call(instance, method, args);
}

function scopedCaller({ metatype, token }: Wrapper, module: NestModule): MethodHost['caller'] {
  const moduleRef = module.providers.get(ModuleRef)?.instance as ModuleRef;
  // Not every version of Nest resolves a controller by its token.
  const resolve = module.controllers.has(token)
    ? (contextId: ReturnType<typeof ContextIdFactory.create>) => moduleRef.create(metatype as Type<object>, contextId)
    : (contextId: ReturnType<typeof ContextIdFactory.create>) =>
        moduleRef.resolve<object>(token as Type<object>, contextId, { strict: true });
  return (method) =>
    async (...args: readonly unknown[]) => {
      const contextId = ContextIdFactory.create();
      moduleRef.registerRequestByContextId(args.at(-1), contextId);
      return call(await resolve(contextId), method, args);
    };
}

/** Asked of Nest as a class would be: so imports, exports, global modules and optional dependencies mean what they mean there. */
async function injected(module: NestModule, tokens: readonly InjectedToken[]): Promise<readonly unknown[]> {
  const moduleRef = module.providers.get(ModuleRef)?.instance as ModuleRef;
  class OptionsFactory {
    readonly dependencies: readonly unknown[];
    constructor(...dependencies: unknown[]) {
      this.dependencies = dependencies;
    }
  }
  for (const [index, given] of tokens.entries()) {
    const { token, optional } = isObject(given) && 'optional' in given ? given : { token: given, optional: false };
    if (isRequestScoped(moduleRef, token)) {
      const name = typeof token === 'function' ? token.name : String(token);
      throw new ConfigurationError(`${name} is request-scoped, and there is no request when the application starts`);
    }
    Inject(token)(OptionsFactory, undefined, index);
    if (optional) Optional()(OptionsFactory, undefined, index);
  }
  // Not the static context: there, what is request-scoped nevertheless would be an object that was never constructed.
  const { dependencies } = await moduleRef.create(OptionsFactory, ContextIdFactory.create());
  return dependencies;
}

function isRequestScoped(moduleRef: ModuleRef, token: InjectionToken): boolean {
  try {
    return moduleRef.introspect(token as Type).scope === Scope.REQUEST;
  } catch {
    // Nobody provides it: Nest says so with the module that asks for it.
    return false;
  }
}

function call(instance: object, method: string | symbol, args: readonly unknown[]): unknown {
  return (instance as Record<string | symbol, TaskFunction>)[method]?.(...args);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
