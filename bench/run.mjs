/*
 * npm run bench -- <suite> [--save] [--smoke]: measures the library beside others.
 *
 * --save   writes the report to docs/bench-<suite>.md too, with its date
 * --smoke  runs everything once, as briefly as possible, with the other libraries that are installed: shows only that it works;
 *          --quick is the same
 *
 * For stores, to see quickly how a change affects some figures:
 * --only <parts>  measures only cells whose key contains one of these parts, such as many/ours-postgres,burst/bare
 * --rounds <n>    number of rounds
 * --seconds <n>   how long jobs that are due every second are watched
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dashboardFiles } from '../lib/dashboard/ui/build.mjs';
import { isAllInstalled } from './support/packages.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const suites = readdirSync(here)
  .filter((name) => existsSync(`${here}${name}/suite.mjs`))
  .sort();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    save: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const [suite = 'triggers'] = positionals;
if (!suites.includes(suite)) fail(`There is no suite "${suite}". Choose one of: ${suites.join(', ')}`);
const { save, smoke, only, rounds, seconds } = readFlags();

await build();
if (!smoke && !only && !isAllInstalled()) {
  run('the other libraries cannot be installed', here, 'npm', 'ci', '--no-audit', '--no-fund');
}
const { run: runSuite } = await import(`./${suite}/suite.mjs`);
await runSuite({ save, smoke, only, rounds, seconds });

function readFlags() {
  const { only, save } = values;
  const [rounds, seconds] = ['rounds', 'seconds'].map((flag) => {
    const value = values[flag];
    if (value === undefined || /^[1-9]\d*$/.test(value)) return value && Number(value);
    return fail(`--${flag} must be a whole number from 1, got "${value}"`);
  });
  if ((only ?? rounds ?? seconds) !== undefined && suite !== 'stores') {
    fail('--only, --rounds and --seconds are of the suite "stores"');
  }
  if (only !== undefined && save) fail('--save keeps the report of a whole suite: leave --only out');
  return { save, smoke: values.smoke || values.quick, only, rounds, seconds };
}

/** Builds beside the existing files and moves them one by one, since another run may be loading them. */
async function build() {
  const built = join(here, 'dist', `building-${process.pid}`);
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'bench', '--outDir', built];
  run('the library cannot be built', root, process.execPath, ...tsc);
  // tsc leaves CommonJS files where they are.
  const lib = join(root, 'lib');
  for (const name of readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.cjs'))) {
    cpSync(join(lib, name), join(built, name));
  }
  const dashboard = JSON.stringify(await dashboardFiles());
  writeFileSync(join(built, 'dashboard/files.js'), `export const DASHBOARD_FILES = ${dashboard};\n`);
  for (const entry of readdirSync(built, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const target = join(here, 'dist', relative(built, file));
    mkdirSync(dirname(target), { recursive: true });
    renameSync(file, target);
  }
  rmSync(built, { recursive: true });
}

/**
 * @param {string} problem
 * @param {string} cwd
 * @param {string} command
 * @param {string[]} args
 */
function run(problem, cwd, command, ...args) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) fail(`The benchmark ends: ${problem}.`);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
