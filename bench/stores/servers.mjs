import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { tsImport } from 'tsx/esm/api';
import { cpuMsOf } from '../support/process-cpu.mjs';

/** The persistence that the store asks of Redis; `everysec` is also the default once the log is on. */
const REDIS_ARGS = ['--appendfsync', 'everysec'];

/**
 * An empty database for one measurement.
 *
 * @typedef {object} Room
 * @property {string} url
 * @property {() => number} cpuMs - the processor time of its server so far
 * @property {() => Promise<void>} leave - removes it
 */

/** Servers, started by the tests' harness. They end with this process, however it ends. */
export class Servers {
  running = new Set();
  folders = new Set();
  /** The versions of the servers that have been started. */
  versions = {};

  /**
   * @param {'postgres' | 'redis' | 'sqlite'} kind
   * @returns {Promise<Room>}
   */
  room(kind) {
    return { postgres: () => this.database(), redis: () => this.redis(), sqlite: () => this.file() }[kind]();
  }

  async close() {
    await Promise.all([...this.running].map((server) => server.remove()));
    this.removeFolders();
  }

  removeFolders() {
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
  }

  /** A new database on one server, since starting a server takes longer than measuring. */
  async database() {
    this.postgres ??= this.start('postgres');
    const { url, pid } = await this.postgres;
    const { recipes } = await harness();
    const { url: own, drop } = await recipes.postgres.makeRoom(url);
    const leave = async () => {
      await drop();
      // A checkpoint, so that the next measurement does not flush what this one wrote.
      await onPostgres(url, (client) => client.query('CHECKPOINT'));
    };
    return { url: own, cpuMs: () => cpuMsOf(pid), leave };
  }

  async redis() {
    const server = await this.start('redis', REDIS_ARGS);
    const leave = async () => {
      this.running.delete(server);
      await server.remove();
    };
    return { url: server.url, cpuMs: () => cpuMsOf(server.pid), leave };
  }

  async start(kind, args) {
    const { LocalServer, recipes } = await harness();
    const server = await LocalServer.start(recipes[kind], { fsync: true, args });
    this.running.add(server);
    this.versions[kind] ??= execFileSync(recipes[kind].findProgram(), ['--version'], { encoding: 'utf8' }).match(
      /\d+(\.\d+)+/,
    )[0];
    return server;
  }

  async file() {
    const folder = mkdtempSync(join(tmpdir(), 'bench-sqlite-'));
    this.folders.add(folder);
    const leave = async () => {
      rmSync(folder, { recursive: true, force: true });
      this.folders.delete(folder);
    };
    // SQLite works in the processes that use it.
    return { url: `sqlite:${join(folder, 'jobs.db')}`, cpuMs: () => 0, leave };
  }
}

async function harness() {
  const load = (name) => tsImport(`../../test/support/servers/${name}.ts`, import.meta.url);
  const [{ LocalServer }, { recipes }] = await Promise.all([load('local-server'), load('recipes')]);
  return { LocalServer, recipes };
}

async function onPostgres(url, use) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
