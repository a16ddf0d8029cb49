import type { ExecutorWorld } from './executor-world.js';

/** Where the tests of executors are declared. */
export interface ExecutorSuite {
  readonly describe: (title: string, body: () => void) => void;
  /** Declares a test in a world of its own. */
  readonly test: (title: string, body: (world: ExecutorWorld) => Promise<void>) => void;
}

/** Thrown by a test that does not apply to the executor. */
export class NotAsked extends Error {}
