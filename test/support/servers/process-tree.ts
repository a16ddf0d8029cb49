import { readdirSync, readFileSync } from 'node:fs';

/**
 * Sends a signal to a process and to its children: PostgreSQL's backends are in no process group that could be named.
 * The parent stands still meanwhile, so that it has no child that is not seen.
 */
export function signalTree(pid: number, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
  if (signal !== 'SIGCONT') send(pid, 'SIGSTOP');
  for (const process of [...childrenOf(pid), pid]) send(process, signal);
}

/** Needs Linux: where there is no /proc, nobody has children. */
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
    // Second after the program's name, which stands in brackets and may contain anything.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return NaN;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It may have ended since it was seen.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
