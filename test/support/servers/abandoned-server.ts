/* A process for a test to kill: starts a server, says where, and does nothing more. */
import { LocalServer } from './local-server.js';
import { recipes } from './recipes.js';
import type { ServerKind } from './server-recipe.js';

const { pid, folder } = await LocalServer.start(recipes[process.argv[2] as ServerKind]);
console.log(JSON.stringify({ pid, folder }));
