import type { InjectionToken, Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { clockOf, SCHEDULER_CLOCK } from './scheduler-clock.js';
import type { Clock } from '../engine/clock.js';
import type { Loaders } from './engine-options.js';
import { SCHEDULER_OPTIONS, type SchedulerModuleOptions } from './scheduler-options.js';
import { SchedulerLifecycle } from './scheduler.lifecycle.js';
import { SchedulerService } from './scheduler.service.js';
import { sharedScheduler, type SharedScheduler } from './shared-scheduler.js';

const SHARED_SCHEDULER = Symbol('SHARED_SCHEDULER');

/**
 * What each import of the module provides: its share in the application's one scheduler.
 *
 * @param given - the token of the options as the user gave them.
 * @param load - makes stores and executors that are loaded only when they are asked for.
 */
export function schedulerProviders(given: InjectionToken, load: Loaders): Provider[] {
  const share = (provide: InjectionToken, part: (shared: SharedScheduler) => unknown): Provider => ({
    provide,
    useFactory: part,
    inject: [SHARED_SCHEDULER],
  });
  return [
    { provide: SCHEDULER_CLOCK, useFactory: clockOf, inject: [given] },
    {
      provide: SHARED_SCHEDULER,
      inject: [ModulesContainer, given, SCHEDULER_CLOCK],
      useFactory: (modules: ModulesContainer, options: SchedulerModuleOptions, clock: Clock) =>
        sharedScheduler(modules, options, clock, load),
    },
    share(SCHEDULER_OPTIONS, ({ options }) => options),
    share(SchedulerService, ({ service }) => service),
    share(SchedulerLifecycle, ({ lifecycle }) => lifecycle),
  ];
}

/** What other modules may inject. */
export const schedulerExports: InjectionToken[] = [
  SCHEDULER_CLOCK,
  SCHEDULER_OPTIONS,
  SchedulerService,
  SchedulerLifecycle,
];
