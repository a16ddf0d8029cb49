import type { Type } from '@nestjs/common';
import { MetadataScanner, Reflector } from '@nestjs/core';
import { ConfigurationError } from '../../engine/errors.js';
import type { ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { listEndpoints } from './endpoint.js';
import { endpointOf } from './route.decorator.js';

type Handler = (...args: unknown[]) => unknown;

/**
 * Puts the option's decorators on a controller that is mounted in one application. If they are given by route, each route
 * gets a method of its own: the controller's belong to all applications of this process.
 */
export function decorateRoutes(mounted: Type, options: ResolvedSchedulerOptions): void {
  const { apiDecorators, endpointPrefix } = options;
  if (typeof apiDecorators !== 'function') {
    for (const decorate of apiDecorators) decorate(mounted);
    return;
  }
  const endpoints = new Map(listEndpoints(options).map((endpoint) => [endpoint.name, endpoint]));
  const prototype = mounted.prototype as Record<string, unknown>;
  const inherited = Object.getPrototypeOf(prototype) as Record<string, unknown>;
  for (const method of new MetadataScanner().getAllMethodNames(inherited)) {
    const handler = inherited[method];
    if (typeof handler !== 'function') continue;
    const endpoint = endpoints.get(endpointPrefix + String(endpointOf(handler, new Reflector())));
    if (!endpoint) continue;
    const decorators: unknown = apiDecorators(endpoint);
    if (!Array.isArray(decorators) || !decorators.every((each) => typeof each === 'function')) {
      throw new ConfigurationError(`apiDecorators must answer an array of method decorators for ${endpoint.name}`);
    }
    const value = ownHandler(handler as Handler);
    const descriptor: PropertyDescriptor = { value, writable: true, configurable: true };
    const decorated = Reflect.decorate(decorators as MethodDecorator[], prototype, method, descriptor);
    Object.defineProperty(prototype, method, decorated ?? descriptor);
  }
}

/** A method that does the same and has the same metadata. */
function ownHandler(handler: Handler): Handler {
  const own = function (this: unknown, ...args: unknown[]): unknown {
    return handler.apply(this, args);
  };
  Object.defineProperty(own, 'name', { value: handler.name });
  for (const key of Reflect.getOwnMetadataKeys(handler) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, handler), own);
  }
  return own;
}
