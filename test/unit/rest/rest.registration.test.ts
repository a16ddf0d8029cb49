import { RequestMethod, type Type } from '@nestjs/common';
import { MetadataScanner } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { restRegistration } from '../../../lib/rest/rest.registration.js';
import { SchedulerController } from '../../../lib/rest/scheduler.controller.js';

const KINDS = ['__guards__', '__interceptors__', '__exceptionFilters__', '__pipes__'];

/** The guards, interceptors, filters and pipes that decorators put on a class or on one of its methods. */
function enhancersOf(target: object): readonly Type[] {
  return KINDS.flatMap((kind) => (Reflect.getMetadata(kind, target) as readonly Type[] | undefined) ?? []);
}

describe('The registration of the REST API', () => {
  it('announces every guard, filter, interceptor and pipe of the controller, which Nest would leave out otherwise', () => {
    const [placeholder] = restRegistration().controllers;
    const prototype = SchedulerController.prototype as unknown as Record<string, object>;
    const routes = new MetadataScanner()
      .getAllMethodNames(prototype)
      .map((name) => prototype[name] as object)
      .filter((method) => Reflect.getMetadata('method', method) in RequestMethod);
    const used = [SchedulerController, ...routes].flatMap(enhancersOf);
    expect(new Set(enhancersOf(placeholder as Type))).toEqual(new Set(used));
    expect(used.length).toBeGreaterThan(3);
  });
});
