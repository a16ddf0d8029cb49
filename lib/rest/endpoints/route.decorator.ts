import { RequestMapping, RequestMethod } from '@nestjs/common';
import { ENDPOINTS, type EndpointName } from './endpoint.js';

/** Maps a controller's method to a route of the REST API. */
export function Route(name: EndpointName): MethodDecorator {
  const [method, path] = ENDPOINTS[name];
  return RequestMapping({ method: RequestMethod[method], path });
}
