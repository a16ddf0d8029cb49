import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { NO_DAMAGE, OutageWorld } from '../../../support/outage-world.js';
import type { LocalServer } from '../../../support/servers/local-server.js';
import { TcpProxy } from '../../../support/servers/tcp-proxy.js';

export interface OutageServer {
  readonly title: string;
  /** A server that may be killed. */
  start(): Promise<LocalServer>;
  /** An empty database on it; answers its URL for a user `app`, who is no administrator. */
  makeDatabase(server: LocalServer, name: string): Promise<string>;
  /** What a fail-over leaves behind: a server that is only to be read from. */
  makeReadOnly(server: LocalServer): Promise<void>;
  makeWritable(server: LocalServer): Promise<void>;
  /** What it says then. */
  readonly readOnlyReason: RegExp;
}

/** What schedulers do when the SQL server that they share goes away, and comes back. */
export function describeSqlOutages(kind: OutageServer): void {
  describe(`Schedulers that share ${kind.title} lose no time and double none, and say how they are, when it`, () => {
    let server: LocalServer;
    let url: string;
    let world: OutageWorld | undefined;
    let proxy: TcpProxy | undefined;
    let databases = 0;

    /** @param through - whether the schedulers are cut off by themselves, and not their server. */
    async function begin(through: 'network' | 'server'): Promise<OutageWorld> {
      server ??= await kind.start();
      url = await kind.makeDatabase(server, `outage${++databases}`);
      if (through === 'network') {
        proxy = await TcpProxy.to(url);
        url = proxy.url;
      }
      world = await OutageWorld.start(() => new SqlJobStore({ url, queryTimeout: 1 }));
      return world;
    }

    afterEach(async () => {
      await world?.close();
      await proxy?.close();
      [world, proxy] = [undefined, undefined];
    });

    it('is killed, and started again', { timeout: 60_000 }, async () => {
      const outage = await begin('server');
      await server.kill();
      expect(await outage.isDown()).not.toMatch(/secret/);
      outage.endLong();
      expect(await outage.unrefused({ reads: true })).toEqual([]);
      await server.start();
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });

    it('is shut down in good order, and started again', { timeout: 60_000 }, async () => {
      const outage = await begin('server');
      await server.stop();
      await outage.isDown();
      expect(await outage.unrefused({ reads: true })).toEqual([]);
      await server.start();
      outage.endLong();
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });

    it('cannot be reached, for connections are cut', { timeout: 60_000 }, async () => {
      const outage = await begin('network');
      proxy?.cut();
      await outage.isDown();
      outage.endLong();
      expect(await outage.unrefused({ reads: true })).toEqual([]);
      proxy?.heal();
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });

    it('cannot be reached, for a network swallows all that is sent', { timeout: 60_000 }, async () => {
      const outage = await begin('network');
      proxy?.silence();
      await outage.isDown();
      outage.endLong();
      expect(await outage.unrefused({ reads: true })).toEqual([]);
      proxy?.heal();
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });

    it('hangs, and goes on', { timeout: 60_000 }, async () => {
      const outage = await begin('server');
      server.pause();
      await outage.isDown();
      outage.endLong();
      expect(await outage.unrefused({ reads: true })).toEqual([]);
      server.resume();
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });

    it('is only to be read from, as after a fail-over', { timeout: 60_000 }, async () => {
      const outage = await begin('server');
      await kind.makeReadOnly(server);
      try {
        expect(await outage.isDown()).toMatch(kind.readOnlyReason);
        outage.endLong();
        expect(await outage.unrefused({ reads: false })).toEqual([]);
      } finally {
        await kind.makeWritable(server);
      }
      expect(await outage.damage()).toEqual(NO_DAMAGE);
    });

    afterAll(() => server?.resume());
  });
}
