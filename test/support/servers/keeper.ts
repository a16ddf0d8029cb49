import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('keeper.sh', import.meta.url));

/** Sees to it that processes do not outlive this one, however it ends, nor their folder. */
export class Keeper {
  private readonly child: ChildProcess;

  /** @param folder - goes with them. */
  constructor(private readonly folder: string) {
    // In a session of its own: Ctrl-C in a terminal must reach neither the keeper nor what it keeps.
    this.child = spawn('sh', [SCRIPT, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  }

  /** @param name - of a file. */
  watch(name: string, pid: number): void {
    writeFileSync(this.fileOf(name), String(pid));
  }

  /** It has ended: another process may have its id by now. */
  forget(name: string): void {
    rmSync(this.fileOf(name), { force: true });
  }

  /** Kills what is left, and removes the folder. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = once(this.child, 'close');
    this.child.stdin?.end();
    await gone;
  }

  private fileOf(name: string): string {
    return join(this.folder, `${name}.pid`);
  }
}
