import { availableParallelism, cpus } from 'node:os';
import type { ChaosResult } from './chaos.js';
import type { Recovery } from './figures.js';
import { markdownTable } from './markdown-table.js';
import type { Mishap } from './plan.js';

/** How many faults are shown; the others are counted. */
const SHOWN_FAULTS = 20;

export function hasFailed({ verdict, failures }: ChaosResult): boolean {
  return verdict.faults.length + failures.length > 0;
}

/** A readable summary of one run. */
export function linesOf(result: ChaosResult): readonly string[] {
  const { title, verdict, failures, figures, options, tookMs, kept } = result;
  const { scheduled, once, again, explained, faults } = verdict;
  const { lateness } = figures;
  return [
    `${title}, seed ${options.seed}: ${hasFailed(result) ? 'FAILED' : 'passed'}`,
    `  ${count(scheduled)} scheduled times: ${count(once)} ran once, ${count(sumOf(again))} again (${reasons(again)}), ${count(sumOf(explained))} did not run, with a recorded reason (${reasons(explained)}), ${count(faults.length)} faults`,
    `  ${count(figures.calls)} calls; late by p50 ${ms(lateness.p50)}, p99 ${ms(lateness.p99)}, at most ${ms(lateness.max)}; ${percent(figures.inTime)} by at most a second; caught up after ${ms(tookMs)}`,
    `  ${count(figures.takenOver)} runs were lost with their nodes and retried by others`,
    ...figures.recoveries.map((recovery) => `  ${inWords(recovery)}`),
    ...faults
      .slice(0, SHOWN_FAULTS)
      .map(
        ({ kind, jobId, nominalTime, detail }) =>
          `  ! ${kind}: ${jobId} for ${new Date(nominalTime).toISOString()}: ${detail}`,
      ),
    ...(faults.length > SHOWN_FAULTS ? [`  ! and ${faults.length - SHOWN_FAULTS} more`] : []),
    ...failures.map((failure) => `  ! ${failure}`),
    ...(kept === null ? [] : [`  The ledgers and the nodes' logs are in ${kept}`]),
  ];
}

/** The page in the documentation. */
export function toMarkdown(results: readonly ChaosResult[], date: Date): string {
  const [first] = results;
  if (!first) return '';
  const { nodes, jobs, seconds } = first.options;
  const machine = `${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${availableParallelism()} cores, Node.js ${process.version}`;
  const failed = results.filter(hasFailed).map(({ title }) => title);
  return `# Chaos

Measured on ${date.toISOString().slice(0, 10)}: ${machine}, the servers on the same computer, with fsync. \`npm run test:chaos -- --save\` measures again.

${nodes} processes share a store: ${count(jobs)} jobs at 1 Hz for ${seconds} s. Meanwhile processes are killed with SIGKILL and started again, stopped with SIGSTOP
for longer than their lease and continued, and cut off from the store by a connection that breaks or falls silent; the server is
restarted and killed; each process has its own clock, up to five minutes ahead or behind, which jumps. Wrong clocks come from an
injected \`Clock\`; a proxy interrupts the network. Leases have their defaults: a heartbeat every 5 s, expiry after 15 s. All missed times are made up (\`coalesce: 'all'\`).

Each task first records its call in a ledger: a table per process, independent of the store and its server. At the end each scheduled
time must be in the ledgers once, or, if its process was killed or could not renew its lease while the run was active, at most
\`recoveryAttempts\` (3) times, all but the last recorded as \`lost\`; never before its time; and the store's history must agree. A single exception makes the run fail.
${failed.length === 0 ? 'There was none.' : `**Failed: ${failed.join(', ')}.**`}

## Each scheduled time

"Again": times that ran more than once, by what had happened to the first process. "Explained": times that did not run and whose record says why.

${markdownTable(
  ['', 'scheduled', 'ran once', 'again', 'explained', 'lost', 'doubled without a reason', 'other faults'],
  results.map(({ title, verdict: { scheduled, once, again, explained, faults } }) => {
    const lost = faults.filter(({ kind }) => kind === 'lost').length;
    const doubled = faults.filter(({ kind }) => kind === 'doubled').length;
    const figures = [scheduled, once, sumOf(again), sumOf(explained), lost, doubled, faults.length - lost - doubled];
    return [title, ...figures.map(count)];
  }),
)}

${results.map(({ title, verdict: { again } }) => `- ${title}: again after ${reasons(again)}`).join('\n')}

## How late

How late the first call for each time was. The runs of a process that died or was cut off wait until its lease expires, and so do later times of jobs that do not overlap.

${markdownTable(
  ['', 'calls', 'p50', 'p99', 'most', 'by at most 1 s', 'caught up after'],
  results.map(({ title, figures: { calls, lateness, inTime }, tookMs }) => {
    const { p50, p99, max } = lateness;
    return [title, count(calls), ms(p50), ms(p99), ms(max), percent(inTime), ms(tookMs)];
  }),
)}

## Recovery

For each mishap: how many runs were lost with the process and started again by another one, how long that took (minimum, median,
maximum), and how long until everything that fell due in the second after the mishap had started.

${markdownTable(
  ['', 'mishap', 'runs', 'least', 'median', 'most', 'due work'],
  results.flatMap(({ title, figures }) =>
    figures.recoveries.map(({ kind, runs, dueWorkMs }) => {
      return [title, kind, count(runs.count), ...[runs.min, runs.median, runs.max, dueWorkMs].map(ms)];
    }),
  ),
)}

## What happened

${results.map(({ title, options, plan }) => `${title}, seed ${options.seed}:\n\n${plan.map((one) => `- ${describeMishap(one)}`).join('\n')}`).join('\n\n')}
`;
}

function describeMishap(mishap: Mishap): string {
  const at = `at ${ms(mishap.at)}`;
  if (mishap.kind === 'killWorker') {
    return `${at} worker ${mishap.worker + 1} is killed, and started again after ${ms(mishap.forMs)}`;
  }
  if (mishap.kind === 'restartQueue') return `${at} the queue's server is stopped, and started again`;
  if (!('node' in mishap)) {
    return `${at} the server is ${mishap.kind === 'crash' ? 'killed' : 'stopped'}, and started again`;
  }
  const node = `node ${mishap.node + 1}`;
  if (mishap.kind === 'jump') return `${at} the clock of ${node} is set to ${ms(mishap.skewMs)} ahead`;
  const what = {
    kill: `${node} is killed, and started again after`,
    stop: `${node} is stopped for`,
    cut: `the network to ${node} breaks for`,
    silence: `the network to ${node} falls silent for`,
  };
  return `${at} ${what[mishap.kind]} ${ms(mishap.forMs)}`;
}

function inWords({ kind, process, runs, dueWorkMs }: Recovery): string {
  const { count: many, min, median, max } = runs;
  const made =
    many === 0
      ? 'no run was lost'
      : `${many} lost runs were started again after ${ms(min)} to ${ms(max)} (median ${ms(median)})`;
  return `${kind} of ${process}: ${made}; work due in the second after it had started after ${ms(dueWorkMs)}`;
}

function reasons(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([why, many]) => `${why}: ${count(many)}`).join(', ') || 'none';
}

const sumOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, many) => sum + many, 0);

const count = (value: number): string => value.toLocaleString('en');

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

function ms(value: number): string {
  if (Number.isNaN(value)) return '-';
  return Math.abs(value) < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}
