import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A Node.js program in its own process, with its output. */
export class Program {
  private output = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown[]>;

  constructor(args: readonly string[], { cwd, env }: { cwd: string; env?: Readonly<Record<string, string>> }) {
    this.child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, NODE_ENV: 'development', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = once(this.child, 'close');
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.child.emit('output');
      });
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Its output so far. */
  get written(): string {
    return this.output;
  }

  /** Waits until the output matches a pattern. */
  async writes(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      const { exitCode, signalCode } = this.child;
      if (exitCode !== null || signalCode !== null) throw new Error(`It ended without ${pattern}:\n${this.output}`);
      await Promise.race([once(this.child, 'output'), this.ended]);
    }
  }

  /** Waits for its end. Resolves to its exit code, or to the signal that ended it. */
  async end(): Promise<number | string | null> {
    await this.ended;
    return this.child.exitCode ?? this.child.signalCode;
  }

  send(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends a signal, as a terminal or a container does. */
  stop(): Promise<number | string | null> {
    this.send('SIGTERM');
    return this.end();
  }
}
