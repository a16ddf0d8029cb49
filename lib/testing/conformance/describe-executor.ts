import { ExecutorWorld } from './executors/executor-world.js';
import type { DescribeExecutorOptions, MakeExecutorUnderTest } from './executors/executor-under-test.js';
import { executorHandover } from './executors/executor-handover.js';
import { executorAborts } from './executors/executor-aborts.js';
import { executorOutcomes } from './executors/executor-outcomes.js';
import { executorRuns } from './executors/executor-runs.js';
import { NotAsked, type ExecutorSuite } from './executors/executor-suite.js';
import { executorTurns } from './executors/executor-turns.js';
import { resolveFramework, skip } from './test-framework.js';

/**
 * Declares the tests of what every executor must do: call it where your test framework expects tests. What an executor does
 * not say it does (`concurrency`, `endsWithinMs`, `handsOver`) is not asked of it. Where its tasks run elsewhere, those of
 * `EXECUTOR_TASKS` must be found there.
 *
 * @param name - as it stands in the names of the tests: `thread`.
 * @param make - makes a new executor, for each test.
 * @param options - `describe` and `it` of your framework, where they are no globals, and how long things may take.
 * @throws ConfigurationError when there is no `describe` or `it`.
 *
 * @example
 * import { describe, it } from 'node:test';
 * import { describeExecutor } from 'nestjs-apscheduler/testing';
 *
 * describeExecutor('queue', async () => {
 *   const queue = await freshQueue();
 *   return { executor: new QueueExecutor({ queue, concurrency: 2 }), dispose: () => queue.remove() };
 * }, { describe, it });
 */
export function describeExecutor(
  name: string,
  make: MakeExecutorUnderTest,
  options: DescribeExecutorOptions = {},
): void {
  const framework = resolveFramework(options);
  const { patienceMs = 20_000, timeoutMs = 120_000 } = options;
  const suite: ExecutorSuite = {
    describe: (title, body) => void framework.describe(title, body),
    test(title, body) {
      const run = async (...context: unknown[]): Promise<void> => {
        const world = await ExecutorWorld.open(make, patienceMs);
        let unfit: string | null = null;
        try {
          await body(world);
        } catch (error) {
          if (!(error instanceof NotAsked)) {
            // What the test found is what counts.
            await world.close().catch(() => undefined);
            throw error;
          }
          unfit = error.message;
        }
        await world.close();
        if (unfit !== null) skip(context, unfit);
      };
      framework.it(title, run, timeoutMs);
    },
  };
  framework.describe(`The ${name} executor`, () => {
    for (const declare of [executorTurns, executorOutcomes, executorAborts, executorRuns, executorHandover])
      declare(suite);
  });
}
