/* npm run build: dist/ has ES modules, and dist/cjs/ the same as CommonJS for Jest and bundlers that know no better. Each is one
   file for each entry of package.json and a few that they share, so that a start reads little. */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from 'rolldown';
import { dashboardFiles } from './lib/dashboard/ui/build.mjs';

process.chdir(import.meta.dirname);
for (const folder of ['build', 'dist']) rmSync(folder, { recursive: true, force: true });

/* These stay files of their own. In an ES module, bundlers would not follow the loader's calls of require(). */
const LOADER = 'engine/util/load-packages.cjs';
/* The pages of the dashboard are large: ES modules and CommonJS share them. */
const DASHBOARD = 'dashboard/files.cjs';

// Only tsc writes the metadata of decorators as Nest expects it, so Nest's CLI compiles (nest-cli.json) and rolldown bundles.
const { status } = spawnSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

cpSync(`lib/${LOADER}`, `build/${LOADER}`);
writeFileSync(`build/${DASHBOARD}`, `exports.DASHBOARD_FILES = ${JSON.stringify(await dashboardFiles())};\n`);
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(exports).flatMap((entry) => entry.import?.default ?? []);
const input = Object.fromEntries(
  entries.map((file) => [file.replaceAll(/^\.\/dist\/|\.js$/g, ''), file.replace('./dist/', './build/')]),
);
const apart = {
  name: 'apart',
  resolveId: (id) => {
    const file = id.endsWith('/load-packages.cjs') ? LOADER : id.endsWith('/dashboard/files.js') ? DASHBOARD : null;
    return file && { id: resolve('build', file), external: 'relative' };
  },
};
const comments = { legal: true, annotation: true, jsdoc: false };
/* On its own: what the others share needs Node.js. */
const { 'client/index': client, ...others } = input;
const options = { input: others, external: /^[^./]/, platform: 'node', treeshake: false, plugins: [apart] };
const chunkFileNames = 'chunks/[name]-[hash].js';
/* What several entries need of the engine goes together, and so do small files: apart, a start would read many. */
const SMALL =
  /build\/(arguments\/secret\.decorator|module\/(actions|nest\.logger|spelling|task-thread)|rest\/(endpoints\/endpoint|wire\/(case|open-trigger)))\.js$/;
const codeSplitting = {
  groups: [
    { name: 'engine', test: /build\/engine\//, minShareCount: 2 },
    { name: 'shared', test: SMALL, minShareCount: 2 },
  ],
};
const esm = { dir: 'dist', format: 'esm', chunkFileNames, codeSplitting, comments };
// Jest cannot carry out import(): require() stands in for it.
const cjs = { ...esm, dir: 'dist/cjs', format: 'cjs', dynamicImportInCjs: false, exports: 'named', strict: true };
const forBrowsers = { input: { 'client/index': client }, platform: 'browser', treeshake: false };
await build(
  [esm, cjs].flatMap((output) => [
    { ...options, output },
    { ...forBrowsers, output },
  ]),
);

const kept = [
  LOADER,
  DASHBOARD,
  ...declarationsOf(entries.map((file) => file.replace(/^\.\/dist\/(.*)\.js$/, '$1.d.ts'))),
];
for (const folder of ['dist', 'dist/cjs']) for (const file of kept) cpSync(`build/${file}`, `${folder}/${file}`);
writeFileSync(`dist/cjs/${DASHBOARD}`, `module.exports = require('../../${DASHBOARD}');\n`);
const { openApiDocument } = await import('./build/rest/openapi/openapi-document.js');
const document = openApiDocument({ apiPrefix: '/scheduler', endpointPrefix: 'scheduler.' });
writeFileSync('dist/openapi.json', `${JSON.stringify(document, null, 1)}\n`);
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
rmSync('build', { recursive: true });

/** The declarations that users' compilers read: those of the entries, and what these import. The others are most of them. */
function declarationsOf(entryFiles) {
  const found = new Set(entryFiles);
  for (const file of found) {
    const text = readFileSync(`build/${file}`, 'utf8');
    for (const [, path] of text.matchAll(/(?:\bfrom|\bimport\(|\bimport) ?['"](\.[^'"]+)\.js['"]/g)) {
      found.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  return found;
}
