import { SystemClock, type Clock } from '../engine/clock.js';
import type { SchedulerModuleOptions } from './scheduler-options.js';

/**
 * Injects the scheduler's `Clock`: what the option `clock` says, else the computer's.
 *
 * A provider of its own, so that a test of a whole application can put a `ManualClock` in its place:
 *
 * @example
 * const clock = new ManualClock('2030-01-07T00:00:00Z');
 * Test.createTestingModule({ imports: [AppModule] }).overrideProvider(SCHEDULER_CLOCK).useValue(clock)
 */
export const SCHEDULER_CLOCK = Symbol('SCHEDULER_CLOCK');

/** One for all imports of the module: two clocks would be two different options. */
const systemClock = new SystemClock();

/** The clock of options that are not checked yet. */
export function clockOf(given: SchedulerModuleOptions | null | undefined): Clock {
  return given?.clock ?? systemClock;
}
