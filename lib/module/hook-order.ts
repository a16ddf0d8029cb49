import type { Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';

/**
 * Makes a module the last whose bootstrap hooks are called and the first whose shutdown hooks are.
 *
 * Nest calls hooks by a module's `distance` from the root, largest first, and the other way round on the way down.
 * Global modules stand at the largest: a scheduler there would run jobs before the application is ready, and go on
 * while the databases that they use are closing. So its modules are put below the root, which stands at 0.
 *
 * To be called while instances are made: Nest sorts once, when it calls the first hook.
 */
export function bootstrapLast(type: Type<unknown>, modules: ModulesContainer): void {
  for (const module of modules.values()) {
    if (module.metatype === type) module.distance = -1;
  }
}
