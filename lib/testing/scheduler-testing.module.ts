import type { DynamicModule } from '@nestjs/common';
import { ManualClock } from '../engine/clock.js';
import { ConfigurationError } from '../engine/errors.js';
import { SCHEDULER_CLOCK } from '../module/scheduler-clock.js';
import type { SchedulerModuleOptions } from '../module/scheduler-options.js';
import { SchedulerModule, type SchedulerModuleAsyncOptions } from '../scheduler.module.js';

interface OnManualClock {
  /** @default a clock at 1970-01-01T00:00:00Z */
  clock?: ManualClock;
}

/** Options of {@link SchedulerTestingModule.forRoot}. */
export interface SchedulerTestingModuleOptions extends Omit<SchedulerModuleOptions, 'clock'>, OnManualClock {}

/** Options of {@link SchedulerTestingModule.forRootAsync}. A clock that the factory returns is ignored. */
export type SchedulerTestingModuleAsyncOptions = SchedulerModuleAsyncOptions & OnManualClock;

/**
 * `SchedulerModule` on a {@link ManualClock}: it starts with the application, its jobs have their next run times, and
 * nothing runs until the clock is moved. The clock is injectable: `app.get(ManualClock)`.
 *
 * Use it to test parts of an application. An application whose own modules import `SchedulerModule` is tested by overriding
 * `SCHEDULER_CLOCK`.
 *
 * @example
 * const app = await Test.createTestingModule({
 *   imports: [SchedulerTestingModule.forRoot({ timezone: 'Europe/Berlin' })],
 *   providers: [ReportsService],
 * }).compile();
 * await app.init();
 * await app.get(ManualClock).advance('1d');
 */
export class SchedulerTestingModule {
  /** @throws ConfigurationError always: Nest creates an instance only if it is imported without `forRoot()` or `forRootAsync()`. */
  constructor() {
    throw new ConfigurationError('SchedulerTestingModule has no options: import SchedulerTestingModule.forRoot()');
  }

  /** @param options - the options of `SchedulerModule`, with the same defaults. */
  static forRoot({ clock, ...options }: SchedulerTestingModuleOptions = {}): DynamicModule {
    return onManualClock(SchedulerModule.forRoot(options), clock);
  }

  /**
   * Provides the options as `SchedulerModule.forRootAsync` does.
   *
   * @param options.clock - the clock to use.
   */
  static forRootAsync({ clock, ...options }: SchedulerTestingModuleAsyncOptions): DynamicModule {
    return onManualClock(SchedulerModule.forRootAsync(options), clock);
  }
}

/** Added last, since Nest keeps the last of several providers of a token. */
function onManualClock(definition: DynamicModule, clock: ManualClock = new ManualClock()): DynamicModule {
  const { providers = [], exports = [] } = definition;
  return {
    ...definition,
    providers: [
      ...providers,
      { provide: ManualClock, useValue: clock },
      { provide: SCHEDULER_CLOCK, useExisting: ManualClock },
    ],
    exports: [...exports, ManualClock],
  };
}
