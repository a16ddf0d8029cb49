import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { findProgram } from './find-program.js';
import type { ServerRecipe } from './server-recipe.js';

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export const postgres: ServerRecipe = {
  kind: 'postgres',
  title: 'PostgreSQL',
  urlVariable: 'TEST_POSTGRES_URL',
  debianPackage: 'postgresql',
  ready: /database system is ready to accept connections/,
  stopSignal: 'SIGINT',
  url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,

  findProgram: () => findProgram('postgres', '/usr/lib/postgresql/*/bin/postgres'),

  prepare: ({ program, folder, run }) =>
    run(join(dirname(program), 'initdb'), [
      ...['--pgdata', join(folder, 'data'), '--username', 'postgres', '--auth', 'trust'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
    ]),

  // synchronous_commit stays on: a commit has left the process, and survives a SIGKILL.
  args: ({ folder, port, fsync }) => [
    ...['-D', join(folder, 'data'), '-p', String(port), '-k', folder],
    ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=300'],
    ...['-c', `fsync=${fsync ? 'on' : 'off'}`],
  ],

  async makeRoom(url) {
    const name = `room_${randomUUID().replaceAll('-', '')}`;
    await execute(url, `CREATE DATABASE ${name}`);
    const room = new URL(url);
    room.pathname = `/${name}`;
    return {
      url: room.href,
      keyPrefix: '',
      drop: () => execute(url, `DROP DATABASE ${name} WITH (FORCE)`),
    };
  },
};
