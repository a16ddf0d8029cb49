import type { Dice } from './random-walk.js';
import type { SuiteSettings, TestNeeds } from './store-under-test.js';
import type { StoreWorld } from './store-world.js';

/** What the parts of the kit declare their tests with. Each test has an empty store, in a world of its own. */
export interface Suite {
  readonly settings: SuiteSettings;
  readonly describe: (title: string, body: () => void) => void;
  readonly test: (title: string, body: (world: StoreWorld) => Promise<void>, needs?: TestNeeds) => void;
  /** A test that takes random steps, of plain data, again and again. */
  readonly walk: <Step>(
    title: string,
    draw: (dice: Dice) => Step,
    body: (world: StoreWorld, steps: readonly Step[]) => Promise<void>,
    needs?: TestNeeds,
  ) => void;
}
