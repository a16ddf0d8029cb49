import { execFileSync } from 'node:child_process';

/** The user that a server runs as: PostgreSQL and MariaDB refuse root, so tests run by root use `nobody`. */
export interface ServerAccount {
  readonly uid?: number;
  readonly gid?: number;
}

const idOf = (flag: '-u' | '-g'): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));

export function serverAccount(): ServerAccount {
  return process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
}
