import { randomBytes } from 'node:crypto';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { NO_DAMAGE, OutageWorld } from '../../../support/outage-world.js';
import type { LocalServer } from '../../../support/servers/local-server.js';
import { SmallDisk } from '../../../support/small-disk.js';

export interface FullDiskServer {
  readonly title: string;
  /** Whether a server of our own can be started here. */
  readonly startable: boolean;
  start(): Promise<LocalServer>;
  /** An empty database whose tables lie in that folder; answers its URL. */
  makeDatabase(server: LocalServer, folder: string): Promise<string>;
  /** What the server says when there is no room. */
  readonly reason: RegExp;
}

/** What schedulers do when the disk that their tables are on is full, and has room again. */
export function describeFullDisk(kind: FullDiskServer): void {
  const title = SmallDisk.isAllowed ? '' : ' (not tested: file systems may not be mounted here)';

  const isPossible = kind.startable && SmallDisk.isAllowed;
  describe.runIf(isPossible)(`When the disk of ${kind.title} is full${title}`, { concurrent: true }, () => {
    it('schedulers wait until it has room, and lose and double no time', { timeout: 90_000 }, async () => {
      const server = await kind.start();
      const disk = SmallDisk.mount(16, true);
      let outage: OutageWorld | undefined;
      try {
        const url = await kind.makeDatabase(server, disk.folder);
        const result = (): string => randomBytes(3000).toString('hex');
        outage = await OutageWorld.start(() => new SqlJobStore({ url }), result);
        disk.fill();
        expect(await outage.isDown()).toMatch(kind.reason);
        outage.endLong();
        disk.empty();
        expect(await outage.damage()).toEqual(NO_DAMAGE);
      } finally {
        disk.empty();
        await outage?.close();
        disk.remove();
      }
    });
  });
}
