import { readdirSync, readFileSync } from 'node:fs';

/**
 * Sends a signal to a process and its children: PostgreSQL's backends do not share a process group.
 * The parent is stopped meanwhile, so that it cannot fork a child unnoticed.
 */
export function signalTree(pid: number, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
  if (signal !== 'SIGCONT') send(pid, 'SIGSTOP');
  for (const process of [...childrenOf(pid), pid]) send(process, signal);
}

/** Works on Linux only: without /proc, no children are found. */
export function childrenOf(parent: number): number[] {
  return processes().filter((pid) => parentOf(pid) === parent);
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function parentOf(pid: number): number {
  try {
    // The second field after the program's name, which is in brackets and may contain anything.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return NaN;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It may have ended in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
