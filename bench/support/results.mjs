import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** The computer that measures. */
export function machine() {
  return { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), node: process.version };
}

/**
 * Keeps all figures in `bench/results/` and prints their report.
 *
 * @template {object} T
 * @param {string} suite
 * @param {T} result - all that was measured
 * @param {(result: T) => string} toMarkdown
 * @param {{ save: boolean, smoke: boolean, part?: boolean }} options - `part`: of what is not all of the suite
 */
export function publish(suite, result, toMarkdown, { save, smoke, part = false }) {
  const kind = smoke ? '.smoke' : part ? '.part' : '';
  // First, so that figures of an hour do not get lost by their report.
  write(new URL(`../results/${suite}${kind}.json`, import.meta.url), JSON.stringify(result, null, 2));
  const report = toMarkdown(result);
  console.log(report);
  if (save) write(new URL(`../../docs/bench-${suite}.md`, import.meta.url), report);
}

/** The first sentences of each report: when, where and of what. */
export function provenance({ date, machine: { cpu, cores, node }, versions }, suite) {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return (
    `Measured on ${date.slice(0, 10)}: ${cpu}, ${cores} cores, Node.js ${node}. ${packages.join(', ')}. ` +
    `\`npm run bench -- ${suite}\` measures it anew.`
  );
}

function write(file, text) {
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, `${text.trimEnd()}\n`);
}
