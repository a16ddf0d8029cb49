import type { Type } from '@nestjs/common';
import { MetadataScanner, Reflector } from '@nestjs/core';
import { ConfigurationError } from '../../engine/errors.js';
import type { ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { listEndpoints, type Endpoint } from './endpoint.js';
import { endpointOf } from './route.decorator.js';

type Handler = (...args: unknown[]) => unknown;

/** Answers the decorators of a route. */
type DecoratorsOf = (endpoint: Endpoint) => unknown;

/**
 * Puts the option's decorators on a controller that is mounted in one application. If they are given by route, each route
 * gets a method of its own: the controller's belong to all applications of this process.
 *
 * @param own - the API's own decorators of each route, which come before the option's.
 */
export function decorateRoutes(
  mounted: Type,
  options: ResolvedSchedulerOptions,
  own?: (endpoint: Endpoint) => readonly MethodDecorator[],
): void {
  const { apiDecorators } = options;
  if (own) eachRoute(mounted, options, own);
  if (typeof apiDecorators === 'function') eachRoute(mounted, options, apiDecorators);
  else for (const decorate of apiDecorators) decorate(mounted);
}

function eachRoute(mounted: Type, options: ResolvedSchedulerOptions, decoratorsOf: DecoratorsOf): void {
  const endpoints = new Map(listEndpoints(options).map((endpoint) => [endpoint.name, endpoint]));
  const prototype = mounted.prototype as Record<string, unknown>;
  for (const method of new MetadataScanner().getAllMethodNames(prototype)) {
    const handler = prototype[method];
    if (typeof handler !== 'function') continue;
    const endpoint = endpoints.get(options.endpointPrefix + String(endpointOf(handler, new Reflector())));
    if (!endpoint) continue;
    const decorators = decoratorsOf(endpoint);
    if (!Array.isArray(decorators) || !decorators.every((each) => typeof each === 'function')) {
      throw new ConfigurationError(`apiDecorators must answer an array of method decorators for ${endpoint.name}`);
    }
    const value = Object.hasOwn(prototype, method) ? handler : ownHandler(handler as Handler);
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
