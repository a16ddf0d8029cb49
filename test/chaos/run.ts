/*
 * npm run test:chaos: nodes in processes of their own share a store while they are killed, stopped, cut off and given wrong
 * clocks, and the tasks' own ledger proves that each scheduled time ran. Ends with 1 when it does not.
 *
 * --backend postgres,redis  where the jobs are: postgres, mariadb, redis, sqlite; all that are here unless told
 * --seed 42                 what happens when; drawn, and printed, unless told
 * --nodes 4 --jobs 2000 --seconds 60
 * --save                    writes docs/chaos.md
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { recipes } from '../support/servers/recipes.js';
import { runChaos, type ChaosResult } from './chaos.js';
import { isGuilty, linesOf, toMarkdown } from './report.js';
import { BACKENDS, type Backend } from './site.js';

const MISHAPS = { kill: 3, stop: 1, cut: 1, silence: 1, restart: 1, crash: 1, jump: 4 };
/** What fits in less time. */
const FEWER = { kill: 1, stop: 1, cut: 1, restart: 1, jump: 2 };
const FULL_SECONDS = 60;

const { values } = parseArgs({
  options: {
    backend: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    nodes: { type: 'string', default: '4' },
    jobs: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: String(FULL_SECONDS) },
    save: { type: 'boolean', default: false },
  },
});

const backends = values.backend === undefined ? BACKENDS.filter(isHere) : values.backend.split(',').map(readBackend);
const [seed, nodes, jobs, seconds] = (['seed', 'nodes', 'jobs', 'seconds'] as const).map(readCount) as [
  ...[number, number, number, number],
];
const mishaps = seconds >= FULL_SECONDS ? MISHAPS : FEWER;
const results: ChaosResult[] = [];
for (const backend of backends) {
  const since = Date.now();
  const say = (line: string): void => console.log(`${((Date.now() - since) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  const result = await runChaos({ backend, seed, nodes, jobs, seconds, mishaps, fsync: true, say });
  results.push(result);
  console.log(`\n${linesOf(result).join('\n')}\n`);
}
if (values.save) {
  writeFileSync(new URL('../../docs/chaos.md', import.meta.url), toMarkdown(results, new Date()));
  console.log('Written to docs/chaos.md');
}
const guilty = results.filter(isGuilty).map(({ title }) => title);
console.log(guilty.length === 0 ? 'Not guilty' : `GUILTY: ${guilty.join(', ')}`);
process.exitCode = guilty.length === 0 ? 0 : 1;

function isHere(backend: Backend): boolean {
  if (backend === 'sqlite' || recipes[backend].findProgram() !== undefined) return true;
  const { title, debianPackage } = recipes[backend];
  console.log(`${title} is not here, and left out: install it (${debianPackage} on Debian)`);
  return false;
}

function readBackend(name: string): Backend {
  const backend = BACKENDS.find((known) => known === name);
  if (backend !== undefined) return backend;
  return fail(`--backend: there is no "${name}"; choose of ${BACKENDS.join(', ')}`);
}

function readCount(name: 'seed' | 'nodes' | 'jobs' | 'seconds'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= (name === 'seed' ? 0 : 1)) return value;
  return fail(`--${name} must be a whole number, got "${values[name]}"`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
