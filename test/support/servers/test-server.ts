import { afterAll, inject } from 'vitest';
import { LocalServer, type LocalServerOptions } from './local-server.js';
import { recipes } from './recipes.js';
import type { DeskAnswer } from './server-desk.js';
import type { Room, ServerKind } from './server-recipe.js';

/** A test file's access to a kind of server. Everything it takes is released when the file ends. */
export interface TestServer {
  readonly title: string;
  /** Whether there is a shared server: `describe.runIf(server.available)`. */
  readonly available: boolean;
  /** Whether this file may start its own servers, in order to kill them: `describe.runIf(server.startable)`. */
  readonly startable: boolean;
  /** An empty database, or a key prefix on Redis, on the server that all test files share. */
  room(): Promise<Room>;
  /** Starts a server for this file alone. */
  start(options?: LocalServerOptions): Promise<LocalServer>;
}

/**
 * Requests a kind of server. To be called at the top of a test file. If there is none, its tests are skipped, with one
 * warning; in CI that is a failure.
 */
export async function testServer(kind: ServerKind): Promise<TestServer> {
  const recipe = recipes[kind];
  const { url, startable, note } = await askDesk(kind);
  const claimed: (() => Promise<void>)[] = [];
  afterAll(async () => {
    await Promise.all(claimed.map((giveBack) => giveBack()));
  });
  return {
    title: recipe.title,
    available: url !== undefined,
    startable,
    async room() {
      if (url === undefined) throw new Error(note);
      const room = await recipe.makeRoom(url);
      claimed.push(() => room.drop());
      return room;
    },
    async start(options) {
      if (!startable) throw new Error(note);
      const server = await LocalServer.start(recipe, options);
      claimed.push(() => server.remove());
      return server;
    },
  };
}

async function askDesk(kind: ServerKind): Promise<DeskAnswer> {
  const response = await fetch(`${inject('serverDesk')}/${kind}`);
  if (!response.ok) throw new Error(await response.text());
  const answer = (await response.json()) as DeskAnswer;
  if (answer.url === undefined && process.env['CI']) throw new Error(answer.note);
  return answer;
}
