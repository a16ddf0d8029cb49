import { count, table } from '../support/markdown.mjs';
import { provenance } from '../support/results.mjs';

/** @param {object} result - what the suite measured */
export function toMarkdown({ cells, settings, ...result }) {
  const { forMs, rounds } = settings;
  return `# Streams of events, measured

${provenance(result, 'events')}

An application of Nest on Express, in a process of its own, whose jobs each run every second and do nothing. Clients in another process read
\`GET /scheduler/events\`. Figures are the median of ${rounds} round(s) of ${forMs / 1000} s for each number of streams, in turn.

${cells.map((cell) => cellsOf(cell, forMs)).join('\n\n')}
`;
}

function cellsOf({ found, jobs, store }, forMs) {
  const costs = found.map(({ rounds }) => median(rounds.map(({ cpuUs }) => cpuUs)));
  const rows = found.map(({ rounds, streams }, index) => {
    const runs = median(rounds.map((round) => round.runs));
    const bytes = median(rounds.map((round) => round.bytes));
    const ratio = (costs[index] / costs[0]).toFixed(2);
    const kilobytes = streams === 0 ? '' : (bytes / streams / 1000).toFixed(0);
    const share = `${((100 * costs[index] * runs) / (forMs * 1000)).toFixed(1)} %`;
    return [count(streams), count(runs), costs[index].toFixed(2), ratio, share, kilobytes];
  });
  const header = ['streams', 'runs', 'CPU per run, µs', 'ratio', 'of one core', 'sent to each, kB'];
  return `## ${count(jobs)} runs a second, ${store}\n\n${table(header, rows)}`;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
