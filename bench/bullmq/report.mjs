import { count, table } from '../support/markdown.mjs';
import { median } from '../support/measure.mjs';
import { provenance } from '../support/results.mjs';

const WAYS = {
  addBulk: '`queue.addBulk()` alone',
  submit: 'the executor: `submit()`',
  handOver: 'a scheduler: jobs that are due at once',
  scheduleOurs: 'a scheduler with `bullmqExecutor()`',
  scheduleTheirs: "BullMQ's job schedulers",
};

/** @param {object} result - what the suite measured */
export function toMarkdown({ latenesses, rates, settings, ...result }) {
  const { count: runs, forMs, rounds } = settings;
  return `# Runs handed over to BullMQ, measured

${provenance(result, 'bullmq')}

Redis runs on the same computer, with an append-only file. Figures are the median of ${rounds} round(s), in turn, each with a server and processes of its own.

## Hand-over

How long it takes until ${count(runs)} runs are in the queue, each under its own id. \`addBulk()\` is called with a thousand jobs at once, of the same
content; the executor's process also reads the events of the queue, and the scheduler plans the runs and keeps their records, in memory.

${ratesOf(rates, runs)}

## Start

How late jobs that are due in each second begin in a worker of BullMQ with a concurrency of 100, in a process of its own, over ${forMs / 1000} s. The
scheduler's jobs are in memory.

${latenesses.map(latenessOf).join('\n\n')}
`;
}

function ratesOf(rates, runs) {
  const perSecond = rates.map(({ tookMs }) => (1000 * runs) / median(tookMs));
  const rows = rates.map(({ way }, index) => [
    WAYS[way],
    count(Math.round(perSecond[index])),
    `${((100 * perSecond[index]) / perSecond[0]).toFixed(0)} %`,
  ]);
  return table(['way', 'runs per second', 'of addBulk()'], rows);
}

function latenessOf({ found, jobs }) {
  const rows = found.map(({ rounds, way }) => {
    const of = (figure) => median(rounds.map((round) => round[figure]));
    const share = `${((100 * of('runs')) / of('expected')).toFixed(0)} %`;
    return [WAYS[way], ...['p50', 'p99', 'max'].map((figure) => of(figure).toFixed(1)), share];
  });
  return `### ${count(jobs)} jobs a second\n\n${table(['by', 'p50, ms', 'p99, ms', 'latest, ms', 'of the runs'], rows)}`;
}
