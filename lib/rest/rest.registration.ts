import { Controller, VERSION_NEUTRAL, type Provider, type Type } from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { BasicAuthGuard } from './auth/basic-auth.guard.js';
import { JobBodyReader } from './dto/job-body.reader.js';
import { SchedulerEndpoints } from './endpoints/scheduler-endpoints.js';
import { prepareAdapter } from './prepare-adapter.js';
import { SchedulerController } from './scheduler.controller.js';

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
  // A class of its own, by which one registration among several can be told and withdrawn.
  const Registered = subclass();
  return {
    controllers: [Registered],
    providers: [
      BasicAuthGuard,
      JobBodyReader,
      SchedulerEndpoints,
      {
        provide: Symbol('REST_MOUNT'),
        inject: [SCHEDULER_OPTIONS, ModulesContainer, HttpAdapterHost, SchedulerEndpoints],
        // The options are only known here, while providers are made. Routes are only made after that.
        useFactory: (
          options: ResolvedSchedulerOptions,
          modules: ModulesContainer,
          host: HttpAdapterHost,
          endpoints: SchedulerEndpoints,
        ): void => {
          if (!options.apiEnabled || served.has(modules)) return withdraw(Registered, modules);
          served.add(modules);
          mount(Registered, options.apiPrefix, modules);
          prepareAdapter(host, endpoints);
        },
      },
    ],
  };
}

function subclass(): Type<SchedulerController> {
  class MountedSchedulerController extends SchedulerController {}
  Object.defineProperty(MountedSchedulerController, 'name', { value: SchedulerController.name });
  return MountedSchedulerController;
}

/**
 * Gives a controller its path. Nest reads it off the class, and two applications may share one registration: so this
 * application gets a class of its own, which nobody else writes on.
 */
function mount(controller: Type, path: string, modules: ModulesContainer): void {
  const mounted = subclass();
  // Version-neutral: a client of Flask-APScheduler knows no versions in paths.
  Controller({ path, version: VERSION_NEUTRAL })(mounted);
  for (const module of modules.values()) {
    const wrapper = module.controllers.get(controller);
    if (wrapper) wrapper.metatype = mounted;
  }
}

/** A controller that its module no longer has gets no routes and is never made. */
function withdraw(controller: Type, modules: ModulesContainer): void {
  for (const module of modules.values()) module.controllers.delete(controller);
}
