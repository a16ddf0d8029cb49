import type { InjectionToken, Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { SCHEDULER_OPTIONS } from './scheduler-options.js';
import { SchedulerLifecycle } from './scheduler.lifecycle.js';
import { SchedulerService } from './scheduler.service.js';
import { sharedScheduler, type SharedScheduler } from './shared-scheduler.js';

const SHARED_SCHEDULER = Symbol('SHARED_SCHEDULER');

/**
 * What each import of the module provides: its share in the application's one scheduler.
 *
 * @param given - the token of the options as the user gave them.
 */
export function schedulerProviders(given: InjectionToken): Provider[] {
  const share = (provide: InjectionToken, part: (shared: SharedScheduler) => unknown): Provider => ({
    provide,
    useFactory: part,
    inject: [SHARED_SCHEDULER],
  });
  return [
    { provide: SHARED_SCHEDULER, useFactory: sharedScheduler, inject: [ModulesContainer, given] },
    share(SCHEDULER_OPTIONS, ({ options }) => options),
    share(SchedulerService, ({ service }) => service),
    share(SchedulerLifecycle, ({ lifecycle }) => lifecycle),
  ];
}

/** What other modules may inject. */
export const schedulerExports: InjectionToken[] = [SCHEDULER_OPTIONS, SchedulerService, SchedulerLifecycle];
