import { count, table } from '../support/markdown.mjs';
import { provenance } from '../support/results.mjs';

/** @param {object} result - what the suite measured */
export function toMarkdown({ cells, settings, ...result }) {
  const { forMs, rounds, taskMs } = settings;
  const median = (key) => (cell) => {
    const values = cell.rounds.map((round) => round[key]).toSorted((a, b) => a - b);
    return values[values.length >> 1];
  };
  const rows = cells.map((cell) => [
    cell.where,
    ...['p50', 'p99', 'max'].map((key) => median(key)(cell).toFixed(1)),
    Math.max(...cell.rounds.map(({ max }) => max)).toFixed(1),
    count(median('runs')(cell)),
  ]);
  return `# Worker threads, measured

${provenance(result, 'threads')}

How late the event loop of a scheduler is while as many runs as there are places compute for ${taskMs} ms each, one after the other: by
\`monitorEventLoopDelay()\`, its own millisecond left out. Each cell has a process of its own; figures are medians of ${rounds} round(s) of
${forMs / 1000} s in turn, and the longest delay of all rounds.

${table(['tasks run in', 'p50, ms', 'p99, ms', 'longest, ms', 'of all rounds', 'runs'], rows)}
`;
}
