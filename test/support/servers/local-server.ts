import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { Keeper } from './keeper.js';
import { signalTree } from './process-tree.js';
import { serverAccount, type ServerAccount } from './server-account.js';
import type { ServerRecipe, ServerSite } from './server-recipe.js';

/** How much of a server's output is kept, to be shown when it fails. */
const KEPT_OUTPUT = 8_000;

export interface LocalServerOptions {
  /** Whether commits reach the disk before they are answered. @default false */
  readonly fsync?: boolean;
  /** Appended to the command line, where the last value counts. */
  readonly args?: readonly string[];
}

/**
 * A real server in a temporary folder, on its own port. It can be stopped, killed, paused and started again with the same
 * port and data. It ends with the process that started it, however that ends, or earlier by remove().
 */
export class LocalServer {
  private readonly account: ServerAccount = serverAccount();
  private readonly keeper: Keeper;
  private readonly site: ServerSite;
  private readonly moreArgs: readonly string[];
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private output = '';

  private constructor(
    private readonly recipe: ServerRecipe,
    program: string,
    port: number,
    { fsync = false, args = [] }: LocalServerOptions,
  ) {
    this.moreArgs = args;
    const folder = mkdtempSync(join(tmpdir(), `${recipe.kind}-`));
    this.keeper = new Keeper(folder);
    const { uid, gid } = this.account;
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
    const run = (helper: string, args: readonly string[]): Promise<void> => this.runToEnd(helper, args);
    this.site = { program, folder, port, fsync, run };
  }

  /** Starts a new server and waits until it accepts connections. */
  static async start(recipe: ServerRecipe, options: LocalServerOptions = {}): Promise<LocalServer> {
    const program = recipe.findProgram();
    if (program === undefined) throw new Error(`${recipe.title} is not installed (${recipe.debianPackage} on Debian)`);
    const server = new LocalServer(recipe, program, await freePort(), options);
    try {
      await recipe.prepare?.(server.site);
      await server.start();
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  get url(): string {
    return this.recipe.url(this.site.port);
  }

  get folder(): string {
    return this.site.folder;
  }

  /** The server's process; undefined while it is stopped. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it again after stop() or kill(), and waits until it accepts connections. */
  async start(): Promise<void> {
    if (this.child) throw new Error(`${this.recipe.title} is already running`);
    const child = this.spawn(this.site.program, [...this.recipe.args(this.site), ...this.moreArgs]);
    if (child.pid !== undefined) this.keeper.watch('server', child.pid);
    this.child = child;
    // Its children keep its output open, so 'close' comes when the last of them has ended.
    this.ended = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => {
      this.keeper.forget('server');
      this.child = undefined;
    });
    while (!this.recipe.ready.test(this.output)) {
      await Promise.race([once(child, 'output'), this.ended]);
      if (!this.child) throw this.failure('ended before it was ready');
    }
  }

  /** Shuts it down cleanly, disconnecting its clients. */
  async stop(): Promise<void> {
    this.resume();
    this.child?.kill(this.recipe.stopSignal);
    await this.ended;
  }

  /** Kills it and its children, like `kill -9` of the whole service. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Lets it hang: connections stay open and get no answer until resume(). */
  pause(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  /** Ends it, and leaves neither a process nor its folder behind. */
  async remove(): Promise<void> {
    await this.kill();
    await this.keeper.end();
  }

  private signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    if (this.pid !== undefined) signalTree(this.pid, signal);
  }

  private spawn(program: string, args: readonly string[]): ChildProcess {
    this.output = '';
    const child = spawn(program, args, {
      ...this.account,
      cwd: this.folder,
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const keep = (text: string): void => {
      this.output = (this.output + text).slice(-KEPT_OUTPUT);
      child.emit('output');
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', keep);
    child.once('error', ({ message }) => keep(message));
    return child;
  }

  private async runToEnd(program: string, args: readonly string[]): Promise<void> {
    const helper = this.spawn(program, args);
    await new Promise((resolve) => helper.once('close', resolve));
    if (helper.exitCode !== 0) throw this.failure(`could not be prepared: ${program} ended with ${helper.exitCode}`);
  }

  private failure(what: string): Error {
    return new Error(`${this.recipe.title} ${what}:\n${this.output}`);
  }
}
