import { applyDecorators, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Action } from '../../module/actions.js';
import { ENDPOINTS, PAGES, type EndpointName, type PageName } from './endpoint.js';

const ENDPOINT = Symbol('ENDPOINT');

type RouteName = EndpointName | PageName;

const ROUTES = { ...ENDPOINTS, ...PAGES };

/** Maps a controller's method to a route of the REST API or of the dashboard. */
export function Route(name: RouteName): MethodDecorator {
  const [method, path] = ROUTES[name];
  return applyDecorators(RequestMapping({ method: RequestMethod[method], path }), SetMetadata(ENDPOINT, name));
}

/** The route that a method is mapped to; undefined if it was not mapped by {@link Route}. */
export function endpointOf(handler: CallableFunction, reflector: Reflector): RouteName | undefined {
  return reflector.get<RouteName | undefined, symbol>(ENDPOINT, handler);
}

/**
 * The action that a controller's method needs.
 *
 * @throws Error when the method has not been mapped by {@link Route}.
 */
export function actionOf(handler: CallableFunction, reflector: Reflector): Action {
  const name = endpointOf(handler, reflector);
  if (name === undefined) throw new Error(`The route of ${handler.name} names no action: map it by @Route`);
  const [, , action] = ROUTES[name];
  return action;
}
