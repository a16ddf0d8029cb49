import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';

/**
 * Listens on port 3000, or on that of the environment variable PORT, until SIGINT or SIGTERM.
 *
 * @returns the address to show: `http://localhost:3000`.
 */
export async function listen(app: INestApplication): Promise<string> {
  const port = Number(process.env.PORT ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    return giveUp(app, `PORT must be a whole number from 0 to 65535, got "${process.env.PORT}"`);
  }
  app.enableShutdownHooks();
  try {
    await app.listen(port);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    return giveUp(app, `Port ${port} is taken by another program. Choose a port: PORT=3001 npm start`);
  }
  const address = app.getHttpServer().address() as AddressInfo;
  return `http://localhost:${address.port}`;
}

async function giveUp(app: INestApplication, message: string): Promise<never> {
  await app.close();
  console.error(message);
  process.exit(1);
}
