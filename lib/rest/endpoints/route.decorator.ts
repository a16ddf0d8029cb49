import { applyDecorators, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Action } from '../../module/actions.js';
import { ENDPOINTS, type EndpointName } from './endpoint.js';

const ENDPOINT = Symbol('ENDPOINT');

/** Maps a controller's method to a route of the REST API. */
export function Route(name: EndpointName): MethodDecorator {
  const [method, path] = ENDPOINTS[name];
  return applyDecorators(RequestMapping({ method: RequestMethod[method], path }), SetMetadata(ENDPOINT, name));
}

/** The route that a method is mapped to; undefined if it was not mapped by {@link Route}. */
export function endpointOf(handler: CallableFunction, reflector: Reflector): EndpointName | undefined {
  return reflector.get<EndpointName | undefined, symbol>(ENDPOINT, handler);
}

/**
 * The action that a controller's method needs.
 *
 * @throws Error when the method has not been mapped by {@link Route}.
 */
export function actionOf(handler: CallableFunction, reflector: Reflector): Action {
  const name = endpointOf(handler, reflector);
  if (name === undefined) throw new Error(`The route of ${handler.name} names no action: map it by @Route`);
  const [, , action] = ENDPOINTS[name];
  return action;
}
