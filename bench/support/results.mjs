import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** The computer that runs the benchmark. */
export function machine() {
  return { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), node: process.version };
}

/**
 * Stores all figures in `bench/results/` and prints a report.
 *
 * @template {object} T
 * @param {string} suite
 * @param {T} result - all that was measured
 * @param {(result: T) => string} toMarkdown
 * @param {{ save: boolean, smoke: boolean, part?: boolean }} options - `part`: only a part of the suite was measured
 */
export function publish(suite, result, toMarkdown, { save, smoke, part = false }) {
  const kind = smoke ? '.smoke' : part ? '.part' : '';
  // Before the report, so that an error in it does not lose the figures of an hour.
  write(new URL(`../results/${suite}${kind}.json`, import.meta.url), JSON.stringify(result, null, 2));
  const report = toMarkdown(result);
  console.log(report);
  if (save) write(new URL(`../../docs/bench-${suite}.md`, import.meta.url), report);
}

/** The first sentences of each report: date, computer and versions. */
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
