import { RequestMethod, type Type } from '@nestjs/common';
import { MetadataScanner } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { ACTIONS } from '../../../../lib/module/actions.js';
import { listEndpoints, type Endpoint } from '../../../../lib/rest/endpoints/endpoint.js';
import { pathPattern } from '../../../../lib/rest/endpoints/mounted-path.js';
import { SchedulerController } from '../../../../lib/rest/scheduler.controller.js';

const endpoints = listEndpoints({ apiPrefix: '/scheduler', endpointPrefix: 'scheduler.' });

/** The routes that a controller maps, by their methods' names in the original's spelling. */
function mappedRoutes(controller: Type): Omit<Endpoint, 'action'>[] {
  const prototype = controller.prototype as Readonly<Record<string, object>>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (!handler || !Reflect.hasMetadata('method', handler)) return [];
    const path = `/scheduler/${String(Reflect.getMetadata('path', handler))}`.replace(/\/+/g, '/').replace(/\/$/, '');
    const method = RequestMethod[Reflect.getMetadata('method', handler) as number] as Endpoint['method'];
    const original = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return [{ name: `scheduler.${original}`, method, path }];
  });
}

describe('listEndpoints', () => {
  it('lists exactly the routes of the controller', () => {
    const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);
    const listed = endpoints.map(({ name, method, path }) => ({ name, method, path }));
    expect(listed.toSorted(byName)).toEqual(mappedRoutes(SchedulerController).toSorted(byName));
    expect(endpoints.length).toBeGreaterThan(20);
  });

  it('names an action for each route: one that reads for each GET', () => {
    for (const { method, action } of endpoints) {
      expect(ACTIONS).toContain(action);
      if (method === 'GET') expect(action).toMatch(/\.read$/);
    }
  });

  it('has a route for each action but the one that says what routes show', () => {
    const used = new Set(endpoints.map(({ action }) => action));
    expect(used).toEqual(new Set(ACTIONS.filter((action) => action !== 'secrets.read')));
  });

  it('puts both prefixes before names and paths', () => {
    expect(listEndpoints({ apiPrefix: '/a/b', endpointPrefix: '' })).toContainEqual({
      name: 'get_job',
      method: 'GET',
      path: '/a/b/jobs/:id',
      action: 'jobs.read',
    });
  });
});

describe('pathPattern', () => {
  const pattern = pathPattern(endpoints);

  it.each(['/scheduler', '/scheduler/', '/SCHEDULER/jobs', '/scheduler/jobs/a%2Fb', '/scheduler/jobs/:id/run'])(
    'matches %s',
    (path) => expect(path).toMatch(pattern),
  );

  it.each([
    '/',
    '',
    '/schedule',
    '/schedulers',
    '/scheduler/x',
    '/scheduler/jobs/a/b',
    '/scheduler/jobs//run',
    '/x/scheduler',
  ])('does not match %s', (path) => expect(path).not.toMatch(pattern));

  it('takes dots for dots', () => {
    const dotted = pathPattern(listEndpoints({ apiPrefix: '/v1.0', endpointPrefix: '' }));
    expect('/v1.0/jobs').toMatch(dotted);
    expect('/v1x0/jobs').not.toMatch(dotted);
  });
});
