import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { LocalServer } from './local-server.js';
import { notes } from './notes.js';
import { childrenOf } from './process-tree.js';
import type { ServerKind } from './server-recipe.js';
import { testServer } from './test-server.js';

const abandoned = fileURLToPath(new URL('abandoned-server.ts', import.meta.url));
const kinds: readonly ServerKind[] = ['postgres', 'mariadb', 'redis'];
const servers = await Promise.all(kinds.map(async (kind) => ({ kind, server: await testServer(kind) })));

/** The state of a process: S asleep, T stopped, Z a zombie; undefined if it has ended. */
function stateOf(pid: number): string | undefined {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

const isAlive = (pid: number): boolean => !['Z', undefined].includes(stateOf(pid));

describe.each(servers)('A $server.title server of a test file', { timeout: 60_000 }, ({ kind, server }) => {
  describe.runIf(server.startable)('of its own', () => {
    let own: LocalServer;
    const processes = (): number[] => (own.pid === undefined ? [] : [own.pid, ...childrenOf(own.pid)].filter(isAlive));

    beforeAll(async () => {
      own = await server.start();
    }, 60_000);

    it('keeps its port and its commits when it is killed, stopped or restarted', async () => {
      const { url } = own;
      await notes[kind].write(url, 'Grüße');
      await own.kill();
      await expect(notes[kind].read(url)).rejects.toThrow(/ECONNREFUSED|closed/);
      await own.start();
      expect(await notes[kind].read(url)).toBe('Grüße');
      await own.stop();
      expect(own.pid).toBeUndefined();
      await own.start();
      await own.restart();
      expect(own.url).toBe(url);
      expect(await notes[kind].read(url)).toBe('Grüße');
    });

    it('stops all its processes while it is paused, and continues', async () => {
      own.pause();
      await vi.waitFor(() => expect(new Set(processes().map(stateOf))).toEqual(new Set(['T'])));
      const reading = notes[kind].read(own.url);
      own.resume();
      expect(await reading).toBe('Grüße');
    });

    it('leaves no process and no folder behind when it is removed while paused', async () => {
      own.pause();
      const all = processes();
      expect(all).not.toEqual([]);
      await own.remove();
      expect(all.filter(isAlive)).toEqual([]);
      expect(existsSync(own.folder)).toBe(false);
    });

    it('does not outlive a test process that is killed', async () => {
      const tests = spawn(process.execPath, ['--import', 'tsx', abandoned, kind], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(createInterface(tests.stdout), 'line')) as [string];
      const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
      expect(isAlive(pid)).toBe(true);
      tests.kill('SIGKILL');
      await vi.waitFor(() => expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]), 10_000);
    });
  });

  describe.runIf(server.available)('shared with others', () => {
    it('gives each test file a room of its own', async () => {
      const [here, there] = await Promise.all([server.room(), server.room()]);
      expect([here.url, here.keyPrefix]).not.toEqual([there.url, there.keyPrefix]);
      if (kind === 'redis') return;
      await notes[kind].write(here.url, 'mine');
      await expect(notes[kind].read(there.url)).rejects.toThrow(/note/);
    });
  });
});
