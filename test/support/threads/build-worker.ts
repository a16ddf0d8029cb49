import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { afterAll } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ENTRIES = {
  'nestjs-apscheduler/testing': 'testing',
  'nestjs-apscheduler/threads': 'executors/threads',
  'nestjs-apscheduler/engine': 'engine',
  'nestjs-apscheduler': '.',
};

/**
 * Bundles files with this package's sources and without other packages, as applications do: threads that compile TypeScript
 * would spend more time on that than on their work. They are removed when the test file ends.
 *
 * @param names - of files in this folder, without `.ts`.
 * @returns the path of each built file.
 */
export async function buildWorkers<N extends string>(
  names: readonly N[],
  format: 'esm' | 'cjs' = 'esm',
): Promise<Readonly<Record<N, string>>> {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const alias = Object.entries(ENTRIES).map(([name, path]) => [name, join(ROOT, 'lib', path, 'index.ts')] as const);
  const ending = format === 'esm' ? 'mjs' : 'cjs';
  const input = Object.fromEntries(names.map((name) => [name, fileURLToPath(new URL(`${name}.ts`, import.meta.url))]));
  await build({
    input,
    // The helpers of decorators are the bundler's own.
    external: (id) => /^[^./]/.test(id) && !(id in ENTRIES) && !id.startsWith('@oxc-project/'),
    platform: 'node',
    resolve: { alias: Object.fromEntries(alias.map(([name, path]) => [`${name}$`, path])) },
    logLevel: 'warn',
    output: {
      dir: folder,
      format,
      entryFileNames: `[name].${ending}`,
      chunkFileNames: `[name]-[hash].${ending}`,
      exports: 'named',
    },
  });
  return Object.fromEntries(names.map((name) => [name, join(folder, `${basename(name)}.${ending}`)])) as Record<
    N,
    string
  >;
}
