import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range of outgoing connections, so that a stopped server's port is still free when it starts again. */
const FIRST = 15_000;
const LAST = 32_000;

/** Finds a TCP port without a listener. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
