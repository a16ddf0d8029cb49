import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { findProgram } from './find-program.js';
import { LocalServer } from './local-server.js';

const TITLE = 'PgBouncer';
const DEBIAN_PACKAGE = 'pgbouncer';

const findPgBouncer = (): string | undefined => findProgram('pgbouncer', '/usr/sbin/pgbouncer');

/**
 * Whether tests can start PgBouncer: `describe.runIf(hasPgBouncer())`.
 *
 * @throws Error where it is missing in CI
 */
export function hasPgBouncer(): boolean {
  if (findPgBouncer() !== undefined) return true;
  const note = `${TITLE} is not installed, its tests are skipped: install it (${DEBIAN_PACKAGE} on Debian)`;
  if (process.env['CI']) throw new Error(note);
  console.warn(note);
  return false;
}

/**
 * Starts a PgBouncer in transaction mode, which ends with the test file.
 *
 * @param url - a database on PostgreSQL.
 * @returns the URL of the same database by PgBouncer.
 */
export async function startPgBouncer(url: string): Promise<string> {
  const { hostname, port, username, pathname } = new URL(url);
  const server = await LocalServer.start({
    kind: 'pgbouncer',
    title: TITLE,
    urlVariable: '',
    debianPackage: DEBIAN_PACKAGE,
    ready: /process up/,
    stopSignal: 'SIGINT',
    url: (listenPort) => `postgres://postgres@127.0.0.1:${listenPort}${pathname}`,
    findProgram: findPgBouncer,
    prepare: ({ folder, port: listenPort }) => {
      const lines = [
        '[databases]',
        `* = host=${hostname} port=${port || 5432} user=${username}`,
        '[pgbouncer]',
        `listen_addr = 127.0.0.1`,
        `listen_port = ${listenPort}`,
        'unix_socket_dir =',
        'auth_type = any',
        'pool_mode = transaction',
        // Fewer than the clients: they take turns, so that no client can rely on a session of its own.
        'default_pool_size = 3',
      ];
      writeFileSync(join(folder, 'pgbouncer.ini'), `${lines.join('\n')}\n`, { mode: 0o644 });
      return Promise.resolve();
    },
    args: ({ folder }) => [join(folder, 'pgbouncer.ini')],
    makeRoom: () => Promise.reject(new Error('Databases are made on PostgreSQL itself')),
  });
  afterAll(() => server.remove());
  return server.url;
}
