import { ConfigurationError } from '../../engine/errors.js';

/** What the kit needs of a test framework: vitest, jest, mocha and `node:test` have it. */
export interface TestFramework {
  /** Groups tests. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Declares a test; it has failed when its promise rejects. A framework that ignores the time-out waits without one. */
  readonly it: (name: string, body: (...context: unknown[]) => Promise<void>, timeoutMs?: number) => unknown;
}

/**
 * What is given, and what is not from the globals.
 *
 * @throws ConfigurationError when neither has it.
 */
export function resolveFramework(given: Partial<TestFramework>): TestFramework {
  const { describe, it } = { ...(globalThis as Partial<TestFramework>), ...given };
  if (typeof describe === 'function' && typeof it === 'function') return { describe, it };
  throw new ConfigurationError(
    "The kit found no global describe() and it(); pass them: import { describe, it } from 'node:test', or from your framework",
  );
}

/** Marks a test as skipped where the framework has a way to (`node:test`, vitest); elsewhere it passes, having asked nothing. */
export function skip([context]: readonly unknown[], why: string): void {
  if (typeof context !== 'object' || context === null || !('skip' in context)) return;
  if (typeof context.skip === 'function') context.skip(why);
}
