import {
  Controller,
  UseFilters,
  UseGuards,
  UseInterceptors,
  VERSION_NEUTRAL,
  type Provider,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { ActingInterceptor } from './acting.interceptor.js';
import { AccessGuard } from './access/access.guard.js';
import { ApiGuard } from './auth/api.guard.js';
import { BasicAuthGuard } from './auth/basic-auth.guard.js';
import { OriginGuard } from './auth/origin.guard.js';
import { JsonBodyInterceptor } from './body/json-body.interceptor.js';
import { decorateRoutes } from './endpoints/decorate-routes.js';
import { SchedulerEndpoints } from './endpoints/scheduler-endpoints.js';
import { EventFeed } from './events/event-feed.js';
import { prepareAdapter } from './prepare-adapter.js';
import { JobInterceptor } from './job.interceptor.js';
import { SchedulerExceptionFilter } from './scheduler-exception.filter.js';
import { WireViews } from './wire-views.js';

/** What a module declares to serve the REST API. */
export interface RestRegistration {
  readonly controllers: Type[];
  readonly providers: Provider[];
}

/** The applications that have the API already, by what each has exactly one of. */
const served = new WeakSet<ModulesContainer>();

/**
 * The REST API's parts for one module. It is served where the options say so, once in an application: a second
 * registration, or one with `apiEnabled: false`, leaves no route.
 *
 * The module must provide `SCHEDULER_OPTIONS` and `SchedulerService`.
 */
export function restRegistration(): RestRegistration {
  // Classes of its own, by which one registration among several is found and withdrawn.
  const [Registered, RegisteredPages] = [placeholder(), pagesPlaceholder()];
  return {
    controllers: [Registered, RegisteredPages],
    providers: [
      BasicAuthGuard,
      SchedulerEndpoints,
      WireViews,
      EventFeed,
      {
        provide: Symbol('REST_MOUNT'),
        inject: [SCHEDULER_OPTIONS, ModulesContainer, HttpAdapterHost, SchedulerEndpoints],
        // The options are only known here, while providers are made. Routes are only made after that.
        useFactory: async (
          options: ResolvedSchedulerOptions,
          modules: ModulesContainer,
          host: HttpAdapterHost,
          endpoints: SchedulerEndpoints,
        ): Promise<void> => {
          const isServed = options.apiEnabled && !served.has(modules);
          if (!isServed || !options.dashboard) withdraw(RegisteredPages, modules);
          if (!isServed) return withdraw(Registered, modules);
          served.add(modules);
          // Validation costs more to load than all the rest, and most applications serve no API.
          const { SchedulerController } = await import('./scheduler.controller.js');
          await mountApi(Registered, SchedulerController, options, modules);
          if (options.dashboard) await mountPages(RegisteredPages, options, options.dashboard.path, modules);
          prepareAdapter(host, endpoints);
        },
      },
    ],
  };
}

/**
 * Stands for `SchedulerController` until the options are known. Nest finds enhancers when it scans modules: they are those
 * of the controller.
 */
function placeholder(): Type {
  @Controller()
  @UseGuards(OriginGuard, ApiGuard, AccessGuard)
  @UseFilters(SchedulerExceptionFilter)
  @UseInterceptors(ActingInterceptor, JsonBodyInterceptor, JobInterceptor)
  class SchedulerController {}
  return SchedulerController;
}

/** The same for `DashboardController`. */
function pagesPlaceholder(): Type {
  @Controller()
  @UseGuards(OriginGuard, ApiGuard, AccessGuard)
  @UseFilters(SchedulerExceptionFilter)
  class DashboardController {}
  return DashboardController;
}

async function mountApi(
  registered: Type,
  controller: Type,
  options: ResolvedSchedulerOptions,
  modules: ModulesContainer,
): Promise<void> {
  const { documentForSwagger } = await import('./openapi/swagger-metadata.js');
  const mounted = subclass(controller, options.apiPrefix);
  decorateRoutes(mounted, options, await documentForSwagger(mounted, options));
  replace(registered, mounted, modules);
}

async function mountPages(
  registered: Type,
  options: ResolvedSchedulerOptions,
  path: string,
  modules: ModulesContainer,
): Promise<void> {
  const { hideFromSwagger } = await import('./openapi/swagger-metadata.js');
  const { DashboardController } = await import('./dashboard/dashboard.controller.js');
  const mounted = subclass(DashboardController, options.apiPrefix + path);
  await hideFromSwagger(mounted);
  decorateRoutes(mounted, options);
  replace(registered, mounted, modules);
}

/**
 * Gives a controller its path. Nest reads that off the class, and two applications may share one registration: so each
 * application gets a class of its own, which no other writes on.
 */
function subclass(controller: Type, path: string): Type {
  class Mounted extends controller {}
  Object.defineProperty(Mounted, 'name', { value: controller.name });
  // Version-neutral: a client of Flask-APScheduler knows no versions in paths.
  Controller({ path, version: VERSION_NEUTRAL })(Mounted);
  return Mounted;
}

/** Puts a controller in its placeholder's place. */
function replace(registered: Type, mounted: Type, modules: ModulesContainer): void {
  for (const module of modules.values()) {
    const wrapper = module.controllers.get(registered);
    if (wrapper) wrapper.metatype = mounted;
  }
}

/** A controller that its module no longer has gets no routes and is never made. */
function withdraw(controller: Type, modules: ModulesContainer): void {
  for (const module of modules.values()) module.controllers.delete(controller);
}
