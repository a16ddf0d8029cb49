import { count, table } from '../support/markdown.mjs';
import { provenance } from '../support/results.mjs';

const NAMES = { '#/': 'Overview', '#/jobs': 'Jobs', '#/runs': 'Runs' };

/** @param {object} result - what the suite measured */
export function toMarkdown({ costs, delays, memory, paints, settings, ...result }) {
  const { forMs, opens, turns, rounds, runs, settleMs } = settings;
  return `# The dashboard, measured

${provenance(result, 'dashboard')}

An application of Nest on Express with jobs in memory, in a process of its own, and pages in Chromium without a window on the same computer.

## Cost for the scheduler

Processor time of the application, without a page and with the overview open: the median of ${rounds} round(s) of ${forMs / 1000} s each, in turn. Each
job runs every second and does nothing. Later is after ${Math.round(settleMs / 1000)} s more: a page leaves a stream that only counts events, and is back every three minutes.

${table(
  ['runs a second', 'without, µs a run', 'with', 'later', 'without, of one core', 'with', 'later'],
  costs.map(({ jobs, ...found }) => {
    const kinds = [found.without, found.with, found.later];
    const times = kinds.map((all) => median(all.map(({ cpuUs }) => cpuUs)).toFixed(1));
    const shares = kinds.map((all) => {
      const used = median(all.map(({ cpuUs, runs: made }) => cpuUs * made));
      return `${((100 * used) / (forMs * 1000)).toFixed(1)} %`;
    });
    return [count(jobs), ...times, ...shares];
  }),
)}

## First paint

Time from the navigation, in a browser that has nothing cached: the median (and the slowest) of ${opens}.

${table(
  ['page', 'first content, ms', 'its data, ms'],
  paints.map(({ place, all }) => [
    NAMES[place],
    ...['firstMs', 'shownMs'].map((name) => {
      const values = all.map((one) => one[name]);
      return `${median(values).toFixed(0)} (${Math.max(...values).toFixed(0)})`;
    }),
  ]),
)}

## From a run to its row

From the start of a run to its row in the list of runs, for ${count(runs)} runs one after the other, while 20 jobs run each second: p50
${at(delays, 0.5)} ms, p95 ${at(delays, 0.95)} ms, at most ${Math.max(...delays)} ms.

## Memory

The overview while its clock is turned ${count(turns)} times by two seconds, with a run and an answer in each turn. Garbage is collected first.

${table(
  ['turns', 'JavaScript heap, MB', 'nodes', 'listeners'],
  memory.map(({ done, heapBytes, listeners, nodes }) => [
    count(done),
    (heapBytes / 1e6).toFixed(2),
    count(nodes),
    count(listeners),
  ]),
)}
`;
}

function at(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

function median(values) {
  return at(values, 0.5);
}
