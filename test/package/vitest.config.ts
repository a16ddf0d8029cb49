import { defineConfig } from 'vitest/config';

/* Apart from the other tests: these need the npm registry, and minutes. */
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    globalSetup: ['test/package/pack.ts', 'test/support/servers/server-desk.ts'],
    testTimeout: 300_000,
    // A driver that has to be compiled takes minutes.
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
