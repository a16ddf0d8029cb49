import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, inject } from 'vitest';
import { run } from './run.js';

const app = fileURLToPath(new URL('app', import.meta.url));

/** The test file's folder, which is removed when the file ends. */
export const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export interface Project {
  readonly name: string;
  readonly type: 'module' | 'commonjs';
  readonly packages: readonly string[];
  /** The command that installs, before the packages. */
  readonly install?: readonly [string, ...string[]];
}

const NPM = ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'] as const;
/** Installs without the peers that the package asks for. */
export const NPM_WITHOUT_PEERS = [...NPM, '--legacy-peer-deps'] as const;

/** An empty application with the tarball and these packages; its sources are those in `app/`. */
export function makeProject({ name, type, packages, install = NPM }: Project): string {
  const path = join(folder, name);
  mkdirSync(path);
  cpSync(app, path, { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, private: true, type }));
  const [command, ...options] = install;
  run(path, command, ...options, inject('tarball'), 'typescript@6', '@types/node@20', ...packages);
  return path;
}

/** The Node.js that a project has installed as the package `node`. */
export const nodeOf = (path: string): string => join(path, 'node_modules/node/bin/node');
