import type { ManualClock } from '../../../engine/clock.js';
import type { Executor } from '../../../engine/executors/executor.js';
import type { TestFramework } from '../test-framework.js';

/** An executor, and what the kit may do to it. */
export interface ExecutorUnderTest {
  /** Not attached, not started: the kit does both, and stops it. Best one that carries out two runs at once. */
  readonly executor: Executor;
  /** Called when a test is over, and the executor has been stopped. */
  readonly dispose?: () => void | Promise<void>;
}

/**
 * Makes an executor for one test.
 *
 * @param clock - the time that the kit turns, which it also gives by `attach()`.
 */
export type MakeExecutorUnderTest = (
  clock: ManualClock,
) => Promise<Executor | ExecutorUnderTest> | Executor | ExecutorUnderTest;

/** Options of {@link describeExecutor}. */
export interface DescribeExecutorOptions extends Partial<TestFramework> {
  /** How long anything that a test waits for may take, in milliseconds of real time. @default 20000 */
  patienceMs?: number;
  /** How long one test may take, in milliseconds, for frameworks that have such a limit. @default 120000 */
  timeoutMs?: number;
}
