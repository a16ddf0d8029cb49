/* Builds the library, then the samples against what was built: they import the package as its users do. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

console.log('Building the library and the samples ...');
run('build.mjs');
run('node_modules/typescript/bin/tsc', '-p', 'sample/tsconfig.build.json');
