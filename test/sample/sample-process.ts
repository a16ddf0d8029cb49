import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const samples = fileURLToPath(new URL('../../sample/', import.meta.url));

/** A sample that has been built, in a process of its own, on a free port unless PORT says otherwise. */
export class SampleProcess {
  private output = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown[]>;

  constructor(name: string, environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [`${samples}dist/${name}/main.js`], {
      cwd: `${samples}${name}`,
      env: { ...process.env, NODE_ENV: 'development', NO_COLOR: '1', PORT: '0', ...environment },
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

  /** Waits until what has been written so far matches. */
  async writes(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.child.exitCode !== null) throw new Error(`It ended without ${pattern}:\n${this.output}`);
      await Promise.race([once(this.child, 'output'), this.ended]);
    }
  }

  /** Where it listens, once it says so. */
  async url(): Promise<string> {
    const [, url = ''] = await this.writes(/(http:\/\/localhost:\d+)/);
    return url;
  }

  /** Waits for its end. Resolves to its exit code, or to the signal that ended it. */
  async end(): Promise<number | string | null> {
    await this.ended;
    return this.child.exitCode ?? this.child.signalCode;
  }

  /** Asks it to end, as a terminal or a container does. */
  stop(): Promise<number | string | null> {
    this.child.kill('SIGTERM');
    return this.end();
  }
}
