import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
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

type AtEnd = TestContext['onTestFinished'];

/**
 * What schedulers do when the SQL server that they share goes away, and comes back. The tests run concurrently, since each
 * spends nearly all of its time waiting for reconnects.
 */
export function describeSqlOutages(kind: OutageServer): void {
  describe(
    `Schedulers that share ${kind.title} lose no time and double none, and say how they are, when it`,
    { concurrent: true, timeout: 90_000 },
    () => {
      const servers: LocalServer[] = [];
      let reachable: Promise<LocalServer> | undefined;
      let databases = 0;

      async function startServer(): Promise<LocalServer> {
        const server = await kind.start();
        servers.push(server);
        return server;
      }

      async function share(url: string, atEnd: AtEnd): Promise<OutageWorld> {
        const outage = await OutageWorld.start(() => new SqlJobStore({ url, queryTimeout: 3 }));
        atEnd(() => outage.close());
        return outage;
      }

      /** Schedulers on a server of their own, which has an outage. */
      async function onServer(atEnd: AtEnd): Promise<{ outage: OutageWorld; server: LocalServer }> {
        const server = await startServer();
        return { outage: await share(await kind.makeDatabase(server, 'outage'), atEnd), server };
      }

      /** Schedulers behind a network that breaks, while their server goes on. */
      async function onNetwork(atEnd: AtEnd): Promise<{ outage: OutageWorld; proxy: TcpProxy }> {
        const server = await (reachable ??= startServer());
        const proxy = await TcpProxy.to(await kind.makeDatabase(server, `outage${++databases}`));
        atEnd(() => proxy.close());
        return { outage: await share(proxy.url, atEnd), proxy };
      }

      it('is killed, and started again', async ({ onTestFinished }) => {
        const { outage, server } = await onServer(onTestFinished);
        await server.kill();
        expect(await outage.isDown()).not.toMatch(/secret/);
        outage.endLong();
        expect(await outage.unrefused({ reads: true })).toEqual([]);
        await server.start();
        expect(await outage.damage()).toEqual(NO_DAMAGE);
      });

      it('is shut down in good order, and started again', async ({ onTestFinished }) => {
        const { outage, server } = await onServer(onTestFinished);
        await server.stop();
        await outage.isDown();
        expect(await outage.unrefused({ reads: true })).toEqual([]);
        await server.start();
        outage.endLong();
        expect(await outage.damage()).toEqual(NO_DAMAGE);
      });

      it('cannot be reached, for connections are cut', async ({ onTestFinished }) => {
        const { outage, proxy } = await onNetwork(onTestFinished);
        proxy.cut();
        await outage.isDown();
        outage.endLong();
        expect(await outage.unrefused({ reads: true })).toEqual([]);
        proxy.heal();
        expect(await outage.damage()).toEqual(NO_DAMAGE);
      });

      it('cannot be reached, for a network swallows all that is sent', async ({ onTestFinished }) => {
        const { outage, proxy } = await onNetwork(onTestFinished);
        proxy.silence();
        await outage.isDown();
        outage.endLong();
        expect(await outage.unrefused({ reads: true })).toEqual([]);
        proxy.heal();
        expect(await outage.damage()).toEqual(NO_DAMAGE);
      });

      it('hangs, and goes on', async ({ onTestFinished }) => {
        const { outage, server } = await onServer(onTestFinished);
        server.pause();
        await outage.isDown();
        outage.endLong();
        expect(await outage.unrefused({ reads: true })).toEqual([]);
        server.resume();
        expect(await outage.damage()).toEqual(NO_DAMAGE);
      });

      it('is only to be read from, as after a fail-over', async ({ onTestFinished }) => {
        const { outage, server } = await onServer(onTestFinished);
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

      afterAll(() => {
        for (const server of servers) server.resume();
      });
    },
  );
}
