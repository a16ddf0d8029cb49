import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Keeper } from '../support/servers/keeper.js';
import type { Answer, NodeSettings, Request } from './messages.js';

/** How long to wait for an answer. */
const PATIENCE_MS = 60_000;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The process of a node, which can be killed and stopped. It ends when its parent process ends, in whatever way. */
export class NodeProcess {
  private readonly child: ChildProcess;
  private readonly closed: Promise<void>;
  private readonly waiting = new Map<Answer['to'], Waiting>();
  private readonly ready: Promise<Answer>;
  private mayEnd = false;

  /** @param program - the file to run. */
  constructor(
    program: string,
    readonly settings: NodeSettings,
    keeper: Keeper,
    /** Called if it ends unexpectedly. */
    onFailure: (message: string) => void,
  ) {
    const { process: name, folder } = settings;
    const log = openSync(join(folder, `${name}.log`), 'w');
    this.child = fork(program, [JSON.stringify(settings)], { execArgv: [], stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    if (this.child.pid !== undefined) keeper.watch(name, this.child.pid);
    // A request that cannot be sent gets no answer, and times out.
    this.child.on('error', () => undefined);
    this.child.on('message', (answer: Answer) => this.hear(answer));
    this.closed = once(this.child, 'close').then(([code, signal]) => {
      keeper.forget(name);
      const message = `${name} ended by itself, with ${String(signal ?? code)}`;
      if (!this.mayEnd) onFailure(message);
      for (const { reject } of this.waiting.values()) reject(new Error(message));
    });
    this.ready = this.answerTo(null);
    this.ready.catch(() => undefined);
  }

  get name(): string {
    return this.settings.process;
  }

  /** Resolves when its scheduler has started. */
  async started(): Promise<void> {
    await this.ready;
  }

  /** @throws Error if the request fails, or the process ends or does not answer. */
  ask(request: Request): Promise<Answer> {
    const answer = this.answerTo(request.ask);
    this.send(request);
    return answer;
  }

  /** Sends a message, if the process is running. */
  send(request: Request): void {
    if (this.child.connected) this.child.send(request, () => undefined);
  }

  /** Kills it. @returns when it was killed, once it has ended */
  async kill(): Promise<number> {
    this.mayEnd = true;
    const at = Date.now();
    this.child.kill('SIGKILL');
    await this.closed;
    return at;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  /** Shuts its scheduler down cleanly, and ends the process. */
  async stop(): Promise<void> {
    await this.ask({ ask: 'stop' });
    await this.kill();
  }

  private answerTo(what: Answer['to']): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(what);
        reject(new Error(`${this.name} does not answer: ${what ?? 'start'}`));
      }, PATIENCE_MS);
      this.waiting.set(what, { resolve, reject, timer });
    });
  }

  private hear(answer: Answer): void {
    const { to, error } = answer;
    const waiting = this.waiting.get(to);
    if (!waiting) return;
    this.waiting.delete(to);
    clearTimeout(waiting.timer);
    if (error === undefined) waiting.resolve(answer);
    else waiting.reject(new Error(`${this.name} could not ${to}: ${error}`));
  }
}
