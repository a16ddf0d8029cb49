import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { tsImport } from 'tsx/esm/api';
import { cpuMsOf } from '../support/process-cpu.mjs';

/** What our store asks of Redis; it is its default too, once it keeps a log. */
const REDIS_ARGS = ['--appendfsync', 'everysec'];

/**
 * An empty place that one measurement has for itself.
 *
 * @typedef {object} Room
 * @property {string} url
 * @property {() => number} cpuMs - how much processor time its server has taken so far
 * @property {() => Promise<void>} leave - and leave nothing behind
 */

/** Servers of the harness that the tests have. They end with this process, however it ends. */
export class Servers {
  running = new Set();
  folders = new Set();
  /** What those that have been started call themselves. */
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

  /** A database of its own on the one server: to make a server takes longer than to measure. */
  async database() {
    this.postgres ??= this.start('postgres');
    const { url, pid } = await this.postgres;
    const { recipes } = await harness();
    const { url: own, drop } = await recipes.postgres.makeRoom(url);
    const leave = async () => {
      await drop();
      // What one has written is not for the next to flush.
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
    // Its work is done in the processes that use it.
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
