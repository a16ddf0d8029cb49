import { afterAll, inject } from 'vitest';
import { LocalServer, type LocalServerOptions } from './local-server.js';
import { recipes } from './recipes.js';
import type { DeskAnswer } from './server-desk.js';
import type { Room, ServerKind } from './server-recipe.js';

/** What a test file has of a kind of server. All that it takes is given back when the file ends. */
export interface TestServer {
  readonly title: string;
  /** Whether there is a server to share: `describe.runIf(server.available)`. */
  readonly available: boolean;
  /** Whether this file may start servers of its own, to kill them: `describe.runIf(server.startable)`. */
  readonly startable: boolean;
  /** An empty database, or on Redis a key prefix, on the server that all test files share. */
  room(): Promise<Room>;
  /** A server that this file has for itself. */
  start(options?: LocalServerOptions): Promise<LocalServer>;
}

/**
 * Asks for a kind of server, at the top of a test file. Where there is none, its tests are left out, which is told once;
 * but in CI that is a failure.
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
