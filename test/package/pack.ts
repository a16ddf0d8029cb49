import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { run } from './run.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed tarball that all test files install. */
    readonly tarball: string;
  }
}

/** Packs once for all test files. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'));
  run(fileURLToPath(new URL('../..', import.meta.url)), 'npm', 'pack', `--pack-destination=${folder}`);
  project.provide('tarball', join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? 'none'));
  return () => rmSync(folder, { recursive: true, force: true });
}
