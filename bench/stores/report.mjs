import { count, short, table } from '../support/markdown.mjs';
import { median } from '../support/measure.mjs';
import { provenance } from '../support/results.mjs';
import { howTheyRun, whatTheyCannotDo } from './contenders/index.mjs';
import { judge } from './targets.mjs';

/** @param {any} result */
export function toMarkdown(result) {
  const { cells, settings, servers, versions } = result;
  const { warmUpMs, windowMs, lateMs, settleMs } = settings.everySecond;
  const of = (section) => cells.filter((cell) => cell.section === section);
  /** Sections without cells were not requested. */
  const ifAny = (section, ...parts) => (of(section).length === 0 ? [] : parts);
  const sections = [
    '# Stores, side by side',
    provenance(result, 'stores'),
    `Jobs that several processes share. Tasks only record that they ran. Each ` +
      `measurement has its own processes, and its own database, Redis server or file; the contenders are measured in turn in each of ` +
      `${settings.rounds} rounds. A figure is the median of the rounds, with minimum and maximum in brackets; for ` +
      `violations, the worst. Servers and processes share the computer. ${serversText(servers)} This package runs with its defaults: ` +
      'leases, history, and a listener to all events.',
    '## How the others run',
    list(howTheyRun(versions, result.machine.node)),
    '## Targets',
    list(judge(result).map(({ target, isMet, figures }) => `${target}: **${verdictText(isMet)}**. ${figures}.`)),
    ...ifAny(
      'few-spread',
      `## ${count(settings.few)} jobs, each every second, spread over the second`,
      slotsTable(of('few-spread')),
    ),
    ...ifAny(
      'few-together',
      `## ${count(settings.few)} jobs, each every second, all at one instant`,
      slotsTable(of('few-together')),
    ),
    ...ifAny('many', `## ${count(settings.many)} jobs, each every second`, slotsTable(of('many'))),
    `Jobs are observed for a window of ${windowMs / 1000} s that starts ${warmUpMs / 1000} s after the last was added. Fires/s: runs in the window. ` +
      `Made: the share of its times that ran at most ${lateMs / 1000} s after it. Late or told: times that ran later, ` +
      `or that listeners were told are not run: coalesced, skipped, missed. Silent: times without any news ` +
      `within ${settleMs / 1000} s more. Twice: repeated runs of a job for the same time. Late: counted from the scheduled time; ` +
      `of several overdue times this package runs the latest and reports the others. CPU per run: of all processes of the contender, and of the server.`,
    ...ifAny(
      'burst',
      `## ${count(settings.burst.jobs)} one-off jobs that are due at once`,
      `Added in bulk, then run by one process. Jobs/s: until every job in the store has run and its end is recorded. Counted from ` +
        `the instant that they are due, or, for the three other libraries, whose jobs are due before they start to ` +
        `work, from the first run.`,
      burstTable(of('burst'), settings.burst),
    ),
    ...ifAny(
      'hand-over',
      '## From adding a job to its start in another process',
      `${count(settings.handOver.jobs)} jobs that are due now, one every ${settings.handOver.everyMs} ms, after ${count(settings.handOver.warmUp)} ` +
        'that are not counted, while V8 compiles the code. Counted from before the call that adds the job.',
      handOverTable(of('hand-over')),
    ),
    ...ifAny(
      'recovery',
      '## From SIGKILL to the next start',
      'A process is killed while it runs a job, and another one takes it over; all with their defaults.',
      recoveryTable(of('recovery')),
    ),
    '## What was left out',
    list(whatTheyCannotDo()),
  ];
  return sections.join('\n\n');
}

function serversText(versions) {
  const texts = {
    postgres: `PostgreSQL ${versions.postgres} has its defaults, including fsync and \`synchronous_commit\`.`,
    redis: `Redis ${versions.redis} has \`appendonly yes\` and \`appendfsync everysec\`.`,
    sqlite: 'SQLite uses a write-ahead log (WAL) with `synchronous=FULL`, as set by the store.',
  };
  return ['postgres', 'redis', 'sqlite']
    .flatMap((kind) => (kind === 'sqlite' || versions[kind] ? [texts[kind]] : []))
    .join(' ');
}

function slotsTable(cells) {
  const head = [
    ...['', 'jobs', 'fires/s', 'made', 'late or told', 'silent', 'twice'],
    ...['late: p50, ms', 'p99', 'longest', 'CPU per run, µs', 'of the server'],
  ];
  return tableOf(head, cells, ({ jobs, rounds }) => {
    const of = (read) => median(rounds.map(read));
    const most = (read) => Math.max(...rounds.map(read));
    return [
      count(jobs),
      withSpread(rounds.map(({ perSecond }) => perSecond)),
      percent(of(({ slots }) => slots.made / slots.due)),
      percent(of(({ slots }) => (slots.late + slots.told) / slots.due)),
      count(most(({ slots }) => slots.silent)),
      count(most(({ slots }) => slots.twice)),
      of(({ lateness }) => lateness.p50).toFixed(0),
      withSpread(
        rounds.map(({ lateness }) => lateness.p99),
        (ms) => ms.toFixed(0),
      ),
      most(({ lateness }) => lateness.max).toFixed(0),
      short(of(({ clientUs, fires }) => clientUs / fires)),
      short(of(({ serverUs, fires }) => serverUs / fires)),
    ];
  });
}

function burstTable(cells, { jobs }) {
  const head = ['', 'jobs/s', 'last run begun after, s', 'nothing left after, s', 'added in bulk in, s'];
  return tableOf(head, cells, ({ rounds }) => {
    const spread = (read, write) => withSpread(rounds.map(read), write);
    return [
      spread(({ doneMs }) => (jobs / doneMs) * 1000),
      spread(({ ranMs }) => ranMs, seconds),
      spread(({ doneMs }) => doneMs, seconds),
      spread(({ addMs }) => addMs, seconds),
    ];
  });
}

function handOverTable(cells) {
  return tableOf(['', 'p50, ms', 'p99, ms', 'longest, ms'], cells, ({ rounds }) =>
    ['p50', 'p99', 'max'].map((rank) => withSpread(rounds.map((round) => round[rank]))),
  );
}

function recoveryTable(cells) {
  return tableOf(['', 'seconds'], cells, ({ rounds }) => [withSpread(rounds.map((round) => round.seconds))]);
}

/** A failed measurement still has a row. */
function tableOf(head, cells, read) {
  return table(
    head,
    cells.map((cell) => {
      const row = [cell.title, ...(cell.failure === null ? read(cell) : [cell.failure.reason])];
      return [...row, ...Array.from({ length: head.length - row.length }, () => '')];
    }),
  );
}

function list(lines) {
  return lines.map((line) => `- ${line}`).join('\n');
}

function verdictText(isMet) {
  if (isMet === null) return 'not measured';
  return isMet ? 'met' : 'not met';
}

function withSpread(values, write = short) {
  const middle = write(median(values));
  return values.length === 1 ? middle : `${middle} (${write(Math.min(...values))} to ${write(Math.max(...values))})`;
}

/** Rounded down, so that 100 % means all. */
function percent(share) {
  return `${Math.floor(share * 1000) / 10} %`;
}

function seconds(ms) {
  return (ms / 1000).toFixed(2);
}
