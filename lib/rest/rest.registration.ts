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
  /** What other modules may inject. */
  readonly exports: Type[];
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
  // A class of its own, because its path is written on it: two applications in one process may differ.
  class MountedSchedulerController extends SchedulerController {}
  Object.defineProperty(MountedSchedulerController, 'name', { value: SchedulerController.name });

  return {
    controllers: [MountedSchedulerController],
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
          if (!options.apiEnabled || served.has(modules)) return withdraw(MountedSchedulerController, modules);
          served.add(modules);
          // Version-neutral: a client of Flask-APScheduler knows no versions in paths.
          Controller({ path: options.apiPrefix, version: VERSION_NEUTRAL })(MountedSchedulerController);
          prepareAdapter(host, endpoints);
        },
      },
    ],
    exports: [SchedulerEndpoints],
  };
}

/** A controller that its module no longer has gets no routes and is never made. */
function withdraw(controller: Type, modules: ModulesContainer): void {
  for (const module of modules.values()) module.controllers.delete(controller);
}
