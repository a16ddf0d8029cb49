import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A Redis for the sample: its URL, and the server if it was started for it. */
export interface SampleRedis {
  readonly url: string;
  readonly server: ChildProcess | null;
}

/** That of REDIS_URL, or a server that ends with this process. Ends the process where there is none. */
export async function sampleRedis(): Promise<SampleRedis> {
  const { REDIS_URL } = process.env;
  if (REDIS_URL !== undefined) return { url: REDIS_URL, server: null };
  const port = await freePort();
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
    // A signal from the terminal is for this process, which ends the server last.
    detached: true,
    stdio: 'ignore',
  });
  try {
    await once(server, 'spawn');
  } catch {
    console.error(`
This sample needs a Redis, and neither is the variable REDIS_URL set nor the program redis-server installed. Either

  REDIS_URL=redis://localhost:6379 npm start -- 10-bullmq
  sudo apt-get install redis-server
`);
    process.exit(1);
  }
  return { url: `redis://127.0.0.1:${port}`, server };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
