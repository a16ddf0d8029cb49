import { mariadb } from './mariadb.js';
import { postgres } from './postgres.js';
import { redis } from './redis.js';
import type { ServerKind, ServerRecipe } from './server-recipe.js';

export const recipes: Readonly<Record<ServerKind, ServerRecipe>> = { postgres, mariadb, redis };
