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

export const NPM = ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'] as const;
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

/** The file that `src/main.ts` takes its HTTP adapter from. */
export function writePlatform(path: string, platform: 'express' | 'fastify'): void {
  const adapter = platform === 'express' ? 'ExpressAdapter' : 'FastifyAdapter';
  const code = `import { ${adapter} } from '@nestjs/platform-${platform}';\nexport const adapter = new ${adapter}();\n`;
  writeFileSync(join(path, 'src/platform.ts'), code);
}

export const compile = (path: string, ...files: string[]): string =>
  run(path, process.execPath, 'node_modules/typescript/bin/tsc', ...files);

/** The stores whose packages a project may lack, and what their start says then. */
export const MISSING_PACKAGES = [
  {
    store: 'RedisJobStore',
    subpath: 'redis',
    url: 'redis://127.0.0.1:1',
    message: 'RedisJobStore needs the package "ioredis"; install it: npm install ioredis',
  },
  {
    store: 'SqlJobStore',
    subpath: 'sql',
    url: 'sqlite:jobs.db',
    message: 'The package "kysely" is not installed: npm install kysely',
  },
] as const;

/** The Node.js that a project has installed as the package `node`. */
export const nodeOf = (path: string): string => join(path, 'node_modules/node/bin/node');
