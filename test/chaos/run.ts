/*
 * npm run test:chaos: nodes in separate processes share a store while they are killed, stopped, cut off and given wrong
 * clocks; the tasks' own ledger proves that each scheduled time ran. Exits with 1 if one did not.
 *
 * --backend postgres,redis  the stores: postgres, mariadb, redis, sqlite; default: all that are installed
 * --seed 42                 determines what happens when; default: random, and printed
 * --nodes 4 --jobs 2000 --seconds 60
 * --workers 2               hands the runs over to BullMQ, with so many workers; default: 0, the nodes carry them out
 * --save                    writes docs/chaos.md
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { recipes } from '../support/servers/recipes.js';
import { runChaos, type ChaosResult } from './chaos.js';
import { hasFailed, linesOf, toMarkdown } from './report.js';
import { BACKENDS, type Backend } from './site.js';

const MISHAPS = { kill: 3, stop: 1, cut: 1, silence: 1, restart: 1, crash: 1, jump: 4 };
/** Used for shorter runs. */
const FEWER = { kill: 1, stop: 1, cut: 1, restart: 1, jump: 2 };
const FULL_SECONDS = 60;

const { values } = parseArgs({
  options: {
    backend: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    nodes: { type: 'string', default: '4' },
    jobs: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: String(FULL_SECONDS) },
    workers: { type: 'string', default: '0' },
    save: { type: 'boolean', default: false },
  },
});

const backends = values.backend === undefined ? BACKENDS.filter(isHere) : values.backend.split(',').map(readBackend);
const [seed, nodes, jobs, seconds, workers] = (['seed', 'nodes', 'jobs', 'seconds', 'workers'] as const).map(
  readCount,
) as [number, number, number, number, number];
const mishaps = {
  ...(seconds >= FULL_SECONDS ? MISHAPS : FEWER),
  ...(workers > 0 && { killWorker: workers, restartQueue: 1 }),
};
const results: ChaosResult[] = [];
for (const backend of backends) {
  const since = Date.now();
  const say = (line: string): void => console.log(`${((Date.now() - since) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  const result = await runChaos({ backend, seed, nodes, workers, jobs, seconds, mishaps, fsync: true, say });
  results.push(result);
  console.log(`\n${linesOf(result).join('\n')}\n`);
}
if (values.save) {
  writeFileSync(new URL('../../docs/chaos.md', import.meta.url), toMarkdown(results, new Date()));
  console.log('Written to docs/chaos.md');
}
const failed = results.filter(hasFailed).map(({ title }) => title);
console.log(failed.length === 0 ? 'Passed' : `FAILED: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function isHere(backend: Backend): boolean {
  if (backend === 'sqlite' || recipes[backend].findProgram() !== undefined) return true;
  const { title, debianPackage } = recipes[backend];
  console.log(`${title} is not installed, and skipped (${debianPackage} on Debian)`);
  return false;
}

function readBackend(name: string): Backend {
  const backend = BACKENDS.find((known) => known === name);
  if (backend !== undefined) return backend;
  return fail(`--backend must be one of ${BACKENDS.join(', ')}, got "${name}"`);
}

function readCount(name: 'seed' | 'nodes' | 'jobs' | 'seconds' | 'workers'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= (name === 'seed' || name === 'workers' ? 0 : 1)) return value;
  return fail(`--${name} must be a whole number, got "${values[name]}"`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
