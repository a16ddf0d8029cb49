import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { findProgram } from './find-program.js';
import type { ServerRecipe } from './server-recipe.js';

async function execute(url: string, statement: string): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}

export const mariadb: ServerRecipe = {
  kind: 'mariadb',
  title: 'MariaDB',
  urlVariable: 'TEST_MARIADB_URL',
  debianPackage: 'mariadb-server',
  ready: /ready for connections\./,
  stopSignal: 'SIGTERM',
  url: (port) => `mysql://root@127.0.0.1:${port}/mysql`,

  findProgram: () => findProgram('mariadbd', '/usr/sbin/mariadbd'),

  prepare: ({ folder, run }) =>
    run(findProgram('mariadb-install-db', '/usr/bin/mariadb-install-db') ?? 'mariadb-install-db', [
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      ...['--auth-root-authentication-method=normal', '--skip-test-db'],
      // Two installations at once must not share the folder of temporary tables.
      `--tmpdir=${folder}`,
      ...['--innodb-flush-log-at-trx-commit=0', '--innodb-log-file-size=16M'],
    ]),

  // 2 writes every commit to the operating system, so that it survives a SIGKILL, and flushes it to disk later.
  args: ({ folder, port, fsync }) => [
    '--no-defaults',
    ...[`--datadir=${join(folder, 'data')}`, `--socket=${join(folder, 'socket')}`, `--tmpdir=${folder}`],
    ...['--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve', '--max-connections=300'],
    ...[`--innodb-flush-log-at-trx-commit=${fsync ? 1 : 2}`, '--innodb-log-file-size=16M'],
  ],

  async makeRoom(url) {
    const name = `room_${randomUUID().replaceAll('-', '')}`;
    await execute(url, `CREATE DATABASE ${name}`);
    const room = new URL(url);
    room.pathname = `/${name}`;
    return { url: room.href, keyPrefix: '', drop: () => execute(url, `DROP DATABASE ${name}`) };
  },
};
