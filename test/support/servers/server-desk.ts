import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { LocalServer } from './local-server.js';
import { recipes } from './recipes.js';
import type { ServerKind, ServerRecipe } from './server-recipe.js';

/** The desk's answer about a kind of server. */
export interface DeskAnswer {
  /** The URL of the server that test files share; undefined if there is none. */
  readonly url?: string;
  /** Whether tests may start, and kill, servers of their own. */
  readonly startable: boolean;
  /** Why there is no server, or none may be started. */
  readonly note?: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL at which test files request servers. */
    readonly serverDesk: string;
  }
}

/**
 * Runs in vitest's main process: starts a server when the first test file requests its kind, shares it with the files
 * that follow, and removes it at the end. A run that needs no server starts none.
 */
class ServerDesk {
  private readonly answers = new Map<ServerKind, Promise<DeskAnswer>>();
  private readonly servers: LocalServer[] = [];
  private readonly http: Server = createServer((request, response) => {
    this.answer(request.url?.slice(1) as ServerKind).then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });

  async open(): Promise<string> {
    await once(this.http.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.http.close();
    this.http.closeAllConnections();
    await Promise.allSettled(this.answers.values());
    await Promise.all(this.servers.map((server) => server.remove()));
  }

  private answer(kind: ServerKind): Promise<DeskAnswer> {
    const known = this.answers.get(kind);
    if (known) return known;
    const answer = this.find(recipes[kind]);
    this.answers.set(kind, answer);
    return answer;
  }

  private async find(recipe: ServerRecipe): Promise<DeskAnswer> {
    const { title, urlVariable, debianPackage } = recipe;
    const url = process.env[urlVariable];
    if (url) {
      return this.tell({
        url,
        startable: false,
        note: `${title} is given by ${urlVariable}: tests that kill it are skipped`,
      });
    }
    if (recipe.findProgram() === undefined) {
      const hint = `install it (${debianPackage} on Debian) or set ${urlVariable}`;
      return this.tell({ startable: false, note: `${title} is not installed, its tests are skipped: ${hint}` });
    }
    const server = await LocalServer.start(recipe);
    this.servers.push(server);
    return { url: server.url, startable: true };
  }

  private tell(answer: DeskAnswer): DeskAnswer {
    console.warn(answer.note);
    return answer;
  }
}

/** For vitest's `globalSetup`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const desk = new ServerDesk();
  project.provide('serverDesk', await desk.open());
  return () => desk.close();
}
