import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { dashboardFiles } from './lib/dashboard/ui/build.mjs';

const lib = (path: string): string => fileURLToPath(new URL(`./lib/${path}`, import.meta.url));

let dashboard: Promise<string> | undefined;
const dashboardModule = async (): Promise<string> =>
  `export const DASHBOARD_FILES = ${JSON.stringify(await dashboardFiles())};`;

export default defineConfig({
  plugins: [
    {
      // The dashboard's pages are built as in the package.
      name: 'dashboard',
      load: (id) => (id.endsWith('/lib/dashboard/files.ts') ? (dashboard ??= dashboardModule()) : null),
    },
  ],
  resolve: {
    alias: [
      { find: /^nestjs-apscheduler$/, replacement: lib('index.ts') },
      { find: /^nestjs-apscheduler\/bullmq$/, replacement: lib('executors/bullmq/index.ts') },
      { find: /^nestjs-apscheduler\/bullmq\/worker$/, replacement: lib('executors/bullmq/worker/index.ts') },
      { find: /^nestjs-apscheduler\/client$/, replacement: lib('client/index.ts') },
      { find: /^nestjs-apscheduler\/engine$/, replacement: lib('engine/index.ts') },
      { find: /^nestjs-apscheduler\/rest$/, replacement: lib('rest/dto/index.ts') },
      { find: /^nestjs-apscheduler\/sql$/, replacement: lib('stores/sql/index.ts') },
      { find: /^nestjs-apscheduler\/testing$/, replacement: lib('testing/index.ts') },
      { find: /^nestjs-apscheduler\/threads$/, replacement: lib('executors/threads/index.ts') },
      { find: /^nestjs-apscheduler\/redis$/, replacement: lib('stores/redis/index.ts') },
    ],
  },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/package/**'],
    setupFiles: ['test/setup.ts'],
    // Many tests wait for servers and processes, so there are more workers than cores.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    globalSetup: ['test/support/servers/server-desk.ts'],
    // Real servers and processes share few cores with the other tests: a busy machine is no failure, a hanging test is.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
