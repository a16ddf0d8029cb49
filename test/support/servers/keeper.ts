import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('keeper.sh', import.meta.url));

/** Ensures that processes and their folder are removed when this process ends, however it ends. */
export class Keeper {
  private readonly child: ChildProcess;

  /** @param folder - removed with them. */
  constructor(private readonly folder: string) {
    // In a separate session, so that Ctrl-C in a terminal reaches neither the keeper nor its processes.
    this.child = spawn('sh', [SCRIPT, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  }

  /** @param name - the name of a file. */
  watch(name: string, pid: number): void {
    writeFileSync(this.fileOf(name), String(pid));
  }

  /** Call it when a process has ended: another one may reuse its id. */
  forget(name: string): void {
    rmSync(this.fileOf(name), { force: true });
  }

  /** Kills the remaining processes, and removes the folder. */
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
