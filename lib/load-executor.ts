import type { Executor } from './engine/executors/executor.js';
import type { LoadedExecutorConfig } from './module/scheduler-options.js';

/**
 * Makes an executor that options describe. Its code is loaded only then.
 *
 * @throws InvalidInputError when the executor cannot use its options.
 */
export async function loadExecutor({ type: _type, ...options }: LoadedExecutorConfig): Promise<Executor> {
  const { threadExecutor } = await import('./executors/threads/index.js');
  return threadExecutor(options);
}
