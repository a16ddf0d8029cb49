import { count, short, table } from '../support/markdown.mjs';
import { median } from '../support/measure.mjs';
import { provenance } from '../support/results.mjs';
import { judge } from './targets.mjs';

/** @param {any} result */
export function toMarkdown(result) {
  const { cells, settings } = result;
  const of = (section) => cells.filter((cell) => cell.section === section);
  const sections = [
    '# Stores, side by side',
    provenance(result, 'stores'),
    '## What we hold ourselves to',
    judge(result)
      .map(
        ({ target, isMet, figures }) =>
          `- ${target}: **${isMet === null ? 'not measured' : isMet ? 'met' : 'not met'}**. ${figures}.`,
      )
      .join('\n'),
    `## ${count(settings.few)} jobs, each every second`,
    'Spread over the second:',
    slotsTable(of('few-spread')),
    'All at one instant:',
    slotsTable(of('few-together')),
    `## ${count(settings.many)} jobs, each every second`,
    slotsTable(of('many')),
    `## ${count(settings.burst.jobs)} one-off jobs that are due at once`,
    burstTable(of('burst'), settings.burst),
    '## From adding a job to its start in another process',
    handOverTable(of('hand-over')),
    '## From SIGKILL to the next start',
    recoveryTable(of('recovery')),
  ];
  return sections.join('\n\n');
}

function slotsTable(cells) {
  const head = [
    '',
    'jobs',
    'fires/s',
    'made',
    'late or told',
    'silent',
    'twice',
    'late: p50, ms',
    'p99',
    'longest',
    'client, µs',
    'server, µs',
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
  const head = ['', 'jobs/s', 'all had run after, s', 'nothing left after, s', 'added in bulk in, s'];
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

/** What has failed has a row all the same. */
function tableOf(head, cells, read) {
  return table(
    head,
    cells.map((cell) => {
      const row = [cell.title, ...(cell.failure === null ? read(cell) : [cell.failure.reason])];
      return [...row, ...Array.from({ length: head.length - row.length }, () => '')];
    }),
  );
}

function withSpread(values, write = short) {
  const middle = write(median(values));
  return values.length === 1 ? middle : `${middle} (${write(Math.min(...values))} to ${write(Math.max(...values))})`;
}

/** Rounded down: what is not all must not look so. */
function percent(share) {
  return `${Math.floor(share * 1000) / 10} %`;
}

function seconds(ms) {
  return (ms / 1000).toFixed(2);
}
