import { ManualClock } from 'nestjs-apscheduler/engine';
import { describe, expect, it, vi } from 'vitest';
import { PostgresListener } from '../../../../lib/stores/sql/notices/postgres-listener.js';
import { memoryLogger } from '../../../support/engine.js';
import { TcpProxy } from '../../../support/servers/tcp-proxy.js';
import { testServer } from '../../../support/servers/test-server.js';

const server = await testServer('postgres');

describe.runIf(server.available)('What listens to PostgreSQL', { timeout: 40_000 }, () => {
  it('notices that its network swallows all that is sent, and listens anew when that is over', async () => {
    const proxy = await TcpProxy.to((await server.room()).url);
    const clock = new ManualClock();
    const logger = memoryLogger();
    const onReady = vi.fn<() => void>();
    const listener = new PostgresListener(proxy.url, 'bell', { clock, logger, onNotice: () => undefined, onReady });
    await listener.start();
    await clock.advance('1m');
    expect(listener.isListening).toBe(true);
    proxy.silence();
    await clock.advance('10s');
    await vi.waitFor(() => expect(listener.isListening).toBe(false), { timeout: 20_000 });
    proxy.heal();
    await vi.waitFor(
      async () => {
        await clock.advance('1s');
        expect(onReady).toHaveBeenCalledTimes(1);
      },
      { timeout: 20_000 },
    );
    expect(listener.isListening).toBe(true);
    expect(logger.lines).toEqual([
      'warn: PostgreSQL does not tell of changes (Query read timeout); they are looked for instead',
      'info: PostgreSQL tells of changes again',
    ]);
    await listener.stop();
    expect(clock.pendingTimers).toBe(0);
    await proxy.close();
  });
});
